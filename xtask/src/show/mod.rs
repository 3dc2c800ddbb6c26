//! What people see of it: tables, charts, notes, files, the report.

mod axis;
mod bars;
pub mod book;
mod book_links;
pub mod book_page;
pub mod chart;
pub mod files;
pub mod lanes;
pub mod markdown;
pub mod notes;
mod outline;
pub mod readme;
pub mod report;
#[cfg(test)]
pub mod samples;
pub mod script;
mod sheet;
pub mod stdout;
pub mod table;
pub mod timeline;
