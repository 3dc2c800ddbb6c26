//! The pool's side, from the bottom:
//!
//! - `settings`, `memory`, `callbacks`, `timeout`: used by the other files
//! - `process`: a worker's process. `task`: a call that was submitted. `queue`: the tasks
//!   that wait. `connection`: sends a task to a worker
//! - `start_rule`: what happens after a failed start. `scheduler`: the state that all
//!   threads of a pool share. `worker_thread`: the thread of one worker, `submit`, and the
//!   start of workers
//! - `handle`, `map`, `completed`: what a caller gets
//! - `process_pool` and its `builder`

pub(crate) mod builder;
mod callbacks;
pub(crate) mod completed;
mod connection;
pub(crate) mod handle;
pub(crate) mod map;
mod memory;
mod process;
pub(crate) mod process_pool;
mod queue;
pub(crate) mod scheduler;
mod settings;
mod start_rule;
mod task;
pub(crate) mod timeout;
mod worker_thread;
