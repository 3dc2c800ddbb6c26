//! What can go wrong, as values that callers can match, clone and print.

use std::fmt;

/// Why a task has no result.
///
/// A task's own `Err` is an ordinary result: a task that returns `Result<T, E>` gives
/// `Result<Result<T, E>, Error>`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The task panicked, with this message. Its thread and the other tasks go on.
    Panicked(String),
    /// The task was cancelled before it started.
    Cancelled,
    /// The pool takes no more tasks: it was closed or shut down.
    ShutDown,
    /// An initializer failed for this reason, so the pool is broken (Python:
    /// `BrokenThreadPool`).
    Broken(String),
    /// The pool has no thread, and the system could not start one for this reason. A later
    /// task may succeed.
    NoThread(String),
    /// An earlier call of [`join_timeout`](crate::Handle::join_timeout) has taken the result.
    Taken,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Panicked(message) => write!(f, "the task panicked: {message}"),
            Error::Cancelled => f.write_str("the task was cancelled before it started"),
            Error::ShutDown => f.write_str("the pool has been shut down"),
            Error::Broken(reason) => {
                write!(f, "the pool is broken: the initializer failed: {reason}")
            }
            Error::NoThread(reason) => write!(f, "cannot start a thread: {reason}"),
            Error::Taken => f.write_str("the result has been taken already"),
        }
    }
}

impl std::error::Error for Error {}

/// A wait with a limit has timed out: [`join_timeout`](crate::Handle::join_timeout),
/// [`Map::timeout`](crate::Map::timeout), [`BoundedMap::timeout`](crate::BoundedMap::timeout)
/// or [`AsCompleted::timeout`](crate::AsCompleted::timeout).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimedOut {
    /// How many results were missing. A bounded map counts only the items that it has drawn.
    pub unfinished: usize,
    /// How many results the wait was for.
    pub of: usize,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TimedOut { unfinished, of } = self;
        write!(f, "timed out with {unfinished} of {of} tasks unfinished")
    }
}

impl std::error::Error for TimedOut {}

/// Why [`Builder::build`](crate::Builder::build) refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// `max_workers` was 0.
    MaxWorkers,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("max_workers must be greater than 0")
    }
}

impl std::error::Error for BuildError {}
