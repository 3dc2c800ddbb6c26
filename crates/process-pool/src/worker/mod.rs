//! The worker's side: which functions it may run, and how it runs them.

pub(crate) mod entry;
mod panics;
pub(crate) mod registry;
mod serve;
