//! What can go wrong, as values that callers can match, clone and print.

use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Why a task has no result.
///
/// Everything here concerns the machinery: a task's own `Err` is an ordinary result, so a
/// `fn(I) -> Result<T, E>` gives `Result<Result<T, E>, Error>`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The task panicked. The worker caught it and lives on.
    Panicked {
        /// The panic's message.
        message: String,
        /// `file:line:column` of the panic, when it is known.
        location: Option<String>,
    },
    /// The worker died while it had the task. Only this task fails, it is not run again, and
    /// a new worker takes the dead one's place.
    Died {
        /// The process id of the worker.
        worker: u32,
        /// What ended it.
        how: Death,
    },
    /// The worker broke the protocol: what arrived from it was no answer to the task. It has
    /// been killed; otherwise as for [`Died`](Error::Died).
    Protocol {
        /// The process id of the worker.
        worker: u32,
        /// What was wrong.
        message: String,
    },
    /// A value could not be turned into bytes or back. Only this task is affected.
    Serialize {
        /// The value in question.
        value: Value,
        /// What serde says.
        message: String,
    },
    /// The time given to [`join_timeout`](crate::Handle::join_timeout) or
    /// [`as_completed`](crate::AsCompleted::timeout) was over. The task runs on.
    TimedOut {
        /// How many of the tasks waited for were not finished.
        unfinished: usize,
        /// How many tasks were waited for.
        of: usize,
    },
    /// The task was cancelled before it started.
    Cancelled,
    /// The pool cannot go on.
    Broken(Cause),
    /// The pool takes no more tasks: it was closed or shut down.
    ShutDown,
    /// The worker entry does not name this function.
    NotRegistered(&'static str),
}

/// The value that could not be serialised or deserialised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// The argument of the task.
    Argument,
    /// The result of the task.
    Result,
}

/// How a worker process died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// It was ended by this signal (Unix).
    Signal(i32),
    /// It exited with this code, which is a death even when the code is 0.
    Exit(i32),
    /// Unknown: the process was reaped by someone else, or `SIGCHLD` is ignored.
    Unknown,
}

/// Why a pool broke.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The initializer returned an error or panicked.
    Initializer(Arc<str>),
    /// The operating system could not start a worker.
    Start(Arc<io::Error>),
    /// A worker died before it was ready for its first task.
    Died {
        /// The process id of the worker.
        worker: u32,
        /// What ended it.
        how: Death,
    },
    /// What was started is not a worker of this program: it runs another build, does not
    /// enter its [`worker_entry`](crate::worker_entry), or did not answer in time.
    Handshake(Arc<str>),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Panicked {
                message,
                location: Some(location),
            } => {
                write!(f, "the task panicked at {location}: {message}")
            }
            Error::Panicked {
                message,
                location: None,
            } => {
                write!(f, "the task panicked: {message}")
            }
            Error::Died { worker, how } => {
                write!(f, "worker {worker} {how} while it ran the task")
            }
            Error::Protocol { worker, message } => {
                write!(f, "worker {worker} broke the protocol: {message}")
            }
            Error::Serialize {
                value: Value::Argument,
                message,
            } => {
                write!(f, "the argument could not be serialised: {message}")
            }
            Error::Serialize {
                value: Value::Result,
                message,
            } => {
                write!(f, "the result could not be serialised: {message}")
            }
            Error::TimedOut { unfinished, of } => {
                write!(f, "timed out with {unfinished} of {of} tasks unfinished")
            }
            Error::Cancelled => f.write_str("the task was cancelled before it started"),
            Error::Broken(cause) => write!(f, "the pool is broken: {cause}"),
            Error::ShutDown => f.write_str("the pool has been shut down"),
            Error::NotRegistered(function) => {
                write!(f, "the worker entry does not name the function {function}")
            }
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Initializer(message) => write!(f, "the initializer failed: {message}"),
            Cause::Start(error) => write!(f, "a worker could not be started: {error}"),
            Cause::Died { worker, how } => {
                write!(f, "worker {worker} {how} before it was ready")
            }
            Cause::Handshake(message) => f.write_str(message),
        }
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Death::Signal(signal) => write!(f, "was killed by {}", signal_name(*signal)),
            Death::Exit(code) => write!(f, "exited with code {code}"),
            Death::Unknown => f.write_str("died in an unknown way"),
        }
    }
}

/// The standard library's table of names, so: `signal 9 (SIGKILL)`.
#[cfg(unix)]
fn signal_name(signal: i32) -> String {
    use std::os::unix::process::ExitStatusExt;
    ExitStatus::from_raw(signal)
        .to_string()
        .replacen("signal: ", "signal ", 1)
}

#[cfg(not(unix))]
fn signal_name(signal: i32) -> String {
    format!("signal {signal}")
}

impl From<io::Result<ExitStatus>> for Death {
    fn from(status: io::Result<ExitStatus>) -> Death {
        let Ok(status) = status else {
            return Death::Unknown;
        };
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Death::Signal(signal);
        }
        status.code().map_or(Death::Unknown, Death::Exit)
    }
}

/// Why [`Builder::build`](crate::Builder::build) refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// `max_workers` was 0 or above [`MAX_WORKERS`](crate::MAX_WORKERS).
    MaxWorkers(usize),
    /// `max_tasks_per_child` was 0.
    MaxTasksPerChild,
    /// `main` did not enter its [`worker_entry`](crate::worker_entry), so a worker would
    /// run `main` all over again, with a pool of its own, and so on without end.
    NotEntered,
    /// Pools were nested more than [`MAX_DEPTH`](crate::MAX_DEPTH) deep.
    TooDeep,
    /// The worker entry does not name the initializer.
    NotRegistered(&'static str),
    /// The initializer's argument could not be serialised.
    Argument(String),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::MaxWorkers(n) => {
                write!(f, "max_workers must be from 1 to {}, not {n}", crate::MAX_WORKERS)
            }
            BuildError::MaxTasksPerChild => {
                f.write_str("max_tasks_per_child must be at least 1")
            }
            BuildError::NotEntered => f.write_str(
                "a process pool needs process_pool::worker_entry()...enter() as the first \
                 statement of main",
            ),
            BuildError::TooDeep => {
                write!(f, "pools are nested more than {} deep", crate::MAX_DEPTH)
            }
            BuildError::NotRegistered(function) => {
                write!(f, "the worker entry does not name the initializer {function}")
            }
            BuildError::Argument(message) => {
                write!(f, "the initializer's argument could not be serialised: {message}")
            }
        }
    }
}

impl std::error::Error for BuildError {}

/// What a worker reports instead of a result.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Failure {
    Panicked {
        message: String,
        location: Option<String>,
    },
    Argument(String),
    Result(String),
    NotRegistered,
}

impl Failure {
    /// The same, as the caller who submitted `function` sees it.
    pub(crate) fn into_error(self, function: &'static str) -> Error {
        match self {
            Failure::Panicked { message, location } => {
                Error::Panicked { message, location }
            }
            Failure::Argument(message) => Error::Serialize {
                value: Value::Argument,
                message,
            },
            Failure::Result(message) => Error::Serialize {
                value: Value::Result,
                message,
            },
            Failure::NotRegistered => Error::NotRegistered(function),
        }
    }
}
