//! What people see of it: tables, charts, notes, files, the report.

pub mod chart;
pub mod files;
pub mod notes;
pub mod report;
pub mod script;
pub mod stdout;
pub mod table;
