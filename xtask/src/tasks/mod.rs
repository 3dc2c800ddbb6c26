//! What a person asks for: one module for each task, and the command line.

pub mod book;
pub mod compare;
pub mod diff;
pub mod flags;
pub mod list;
pub mod readme;
pub mod scale;
pub mod serve;
pub mod timeline;
