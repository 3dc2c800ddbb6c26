#![doc = include_str!("../README.md")]

mod error;
mod explain;
mod frame;
mod handle;
mod pool;
mod process;
mod results;
mod transport;
mod worker;

use std::sync::{Mutex, MutexGuard};

pub use error::{BuildError, Cause, Death, Error, Value};
pub use handle::Handle;
pub use pool::{Builder, MAX_DEPTH, MAX_WORKERS, ProcessPool, Shutdown};
pub use results::{AsCompleted, Map, as_completed};
pub use transport::Transport;
pub use worker::{InitializerResult, WorkerEntry, worker_entry};

/// Locks, whatever happened to others who held the lock: no code of a user runs under it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}
