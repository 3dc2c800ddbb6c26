//! What people see of it: documents, charts, timelines, files, the report.

mod axis;
pub mod book;
mod book_links;
pub mod book_page;
pub mod chart;
pub mod document;
pub mod files;
pub mod growth;
pub mod hyperfine;
pub mod lanes;
mod layout;
mod outline;
pub mod readme;
pub mod report;
#[cfg(test)]
pub mod samples;
pub mod stdout;
pub mod tables;
pub mod timeline;
