#![doc = include_str!("../README.md")]

mod builder;
mod callbacks;
mod codec;
mod completed;
mod connection;
mod entry;
mod error;
mod frame;
mod guard;
mod handle;
mod map;
mod panics;
mod place;
mod pool;
mod process;
mod protocol;
mod queue;
mod scheduler;
mod task;
mod timeout;
mod transport;
mod worker;

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

pub use builder::{Builder, MAX_WORKERS};
pub use completed::{AsCompleted, as_completed};
pub use entry::{InitializerResult, WorkerEntry, worker_entry};
pub use error::{BuildError, Death, Error, StartError, TimedOut, Value};
pub use guard::MAX_DEPTH;
pub use handle::Handle;
pub use map::Map;
pub use pool::{ProcessPool, Shutdown, TaskOptions};
pub use timeout::Timeout;
pub use transport::Transport;

/// Locks, whatever happened to others who held the lock: no code of a user runs under it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// Waits to be notified, or until the time is over; [`Duration::MAX`] never is.
fn wait<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    limit: Duration,
) -> MutexGuard<'a, T> {
    let waited = condvar.wait_timeout(guard, limit);
    waited.unwrap_or_else(|poison| poison.into_inner()).0
}
