//! `ThreadPool` against what `ThreadPoolExecutor` promises. Where the name of a test begins
//! with a row of the project's list of those promises, it proves that row (TP: thread pool,
//! SD: shutdown, IN: initializer, CA: cancellation, AC: `as_completed`, WT: `wait`).
//!
//! Not here: TP-09 (scoped threads), TP-11 (a documented mistake of the caller's).

mod awaiting;
mod callbacks;
mod common;
mod completed;
mod handles;
mod initializer;
mod map;
mod panics;
mod settings;
mod shutdown;
mod threads;
