//! What people ask for: the subcommands.

pub mod book;
pub mod compare;
pub mod diff;
pub mod flags;
pub mod list;
pub mod readme;
pub mod scale;
pub mod serve;
pub mod session;
pub mod timeline;
