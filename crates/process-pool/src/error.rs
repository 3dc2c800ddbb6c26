//! What can go wrong, as values that callers can match, clone and print.

use std::fmt;
use std::io;
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limits;

/// Why a task has no result.
///
/// These are errors of the pool, not of the task's function. An `Err` that the function
/// returns is an ordinary result: a `fn(I) -> Result<T, E>` gives
/// `Result<Result<T, E>, Error>`. The text of an error includes its cause, which
/// [`source`](std::error::Error::source) gives alone.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The task panicked. The worker caught the panic and runs on.
    #[error("the task panicked{}{}: {message}", if location.is_some() { " at " } else { "" },
        location.as_deref().unwrap_or_default())]
    #[non_exhaustive]
    Panicked {
        /// The panic's message.
        message: String,
        /// `file:line:column` of the panic, when it is known.
        location: Option<String>,
        /// The worker's stack at the panic, when `RUST_BACKTRACE` asks for it. It is not
        /// part of this error's text.
        backtrace: Option<String>,
    },
    /// The worker died while it had the task. Only this task fails, and it is not run again.
    /// A new worker is started as soon as a task needs one.
    #[error("worker {worker} {how} while it ran the task")]
    Died {
        /// The process id of the worker.
        worker: u32,
        /// What ended it.
        how: Death,
    },
    /// [`Handle::kill`](crate::Handle::kill) ended the task, together with its worker.
    #[error("the task was killed, and worker {worker} with it")]
    Killed {
        /// The process id of the worker.
        worker: u32,
    },
    /// The task ran longer than its [limit](crate::TaskOptions::time_limit). The pool
    /// killed its worker.
    #[error("worker {worker} was killed: the task took longer than {limit:?}")]
    TimeLimit {
        /// The process id of the worker.
        worker: u32,
        /// The limit.
        limit: Duration,
    },
    /// The worker and the processes it had started took more memory than the worker's
    /// [limit](crate::Builder::memory_limit). The pool killed the worker.
    #[error(
        "worker {worker} was killed: it took {used} bytes of memory, and the limit is {limit}"
    )]
    MemoryLimit {
        /// The process id of the worker.
        worker: u32,
        /// How many bytes it took.
        used: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The worker broke the protocol: it sent something that is no answer to the task. The
    /// pool killed it. As after [`Died`](Error::Died), only this task fails.
    #[error("worker {worker} broke the protocol: {message}")]
    Protocol {
        /// The process id of the worker.
        worker: u32,
        /// What was wrong.
        message: String,
    },
    /// A value could not be turned into bytes or back. Only this task is affected.
    #[error("the {value} does not pass through serde: {message}")]
    Serialize {
        /// The value in question.
        value: Value,
        /// The message of serde, or of the value's own `Serialize` or `Deserialize`.
        message: String,
    },
    /// The task was cancelled before it started.
    #[error("the task was cancelled before it started")]
    Cancelled,
    /// The pool cannot go on.
    #[error("the pool is broken: {0}")]
    Broken(#[source] StartError),
    /// The pool takes no more tasks: it was closed or shut down.
    #[error("the pool has been shut down")]
    ShutDown,
    /// This process was forked from the one that has the pool. A fork does not copy the
    /// pool's threads, so a task would never finish here.
    #[error("the pool belongs to process {owner}, from which this one was forked")]
    Forked {
        /// The process that has the pool.
        owner: u32,
    },
    /// A thread of the pool panicked while it had the task. This is a bug in this crate.
    #[error("a thread of the pool panicked")]
    Internal,
    /// The worker entry does not name this function, or it names another one with the same
    /// name. Two closures in one function have the same name.
    #[error("the worker entry names no function {0}, or another one of that name")]
    NotRegistered(&'static str),
    /// The worker is another program, and its function of this name takes or returns other
    /// types.
    #[error("the function {0} takes or returns other types in the worker")]
    OtherTypes(&'static str),
}

/// The value that could not be serialised or deserialised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Value {
    /// The argument of the task.
    Argument,
    /// The result of the task.
    Result,
}

/// How a worker process died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Death {
    /// It was ended by this signal (Unix).
    Signal(i32),
    /// It exited with this code. This counts as a death even if the code is 0.
    Exit(i32),
    /// Unknown: other code reaped the process, or `SIGCHLD` is ignored.
    Unknown,
}

/// Why a worker could not be started. A pool breaks after one or more such failures
/// (Python: `BrokenProcessPool`).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The initializer returned an error or panicked.
    #[error("the initializer failed: {0}")]
    Initializer(Arc<str>),
    /// The operating system could not start a process, or could not open a channel to it.
    #[error("a worker could not be started: {0}")]
    Spawn(#[source] Arc<io::Error>),
    /// The worker died before it was ready for its first task.
    #[error("worker {worker} {how} {}", if *in_initializer { "in its initializer" } else { "before it was ready" })]
    Died {
        /// The process id of the worker.
        worker: u32,
        /// What ended it.
        how: Death,
        /// Whether its initializer had begun.
        in_initializer: bool,
    },
    /// The worker did not answer within the [start timeout](crate::Builder::start_timeout).
    /// Perhaps its program does not enter a [`worker_entry`](crate::worker_entry).
    #[error("worker {worker} did not answer: does its program enter the worker entry?")]
    Silent {
        /// The process id of the worker.
        worker: u32,
    },
    /// The process that was started is not a worker of this program: it runs another build,
    /// or sent a wrong greeting.
    #[error("{0}")]
    Handshake(Arc<str>),
}

impl StartError {
    /// Whether the initializer caused the failure.
    pub(crate) fn is_of_initializer(&self) -> bool {
        match self {
            StartError::Initializer(_) => true,
            StartError::Died { in_initializer, .. } => *in_initializer,
            _ => false,
        }
    }
}

/// The end of a worker: see [`on_worker_exit`](crate::Builder::on_worker_exit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkerExit {
    /// Its process id.
    pub worker: u32,
    /// Why it ended.
    pub cause: ExitCause,
}

/// Why a worker has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitCause {
    /// The pool asked it to exit: it had run its maximum number of tasks, it used too much
    /// memory, or no work was left.
    Retired,
    /// The pool killed it: for [`kill`](crate::Handle::kill), for a limit, because it broke
    /// the protocol or did not start or exit in time, or because the pool was ended.
    Killed,
    /// It ended although the pool neither asked it to exit nor killed it, or it failed
    /// while it exited.
    Died(Death),
}

/// A wait with a limit has timed out, such as [`join_timeout`](crate::Handle::join_timeout)
/// or [`Map::timeout`](crate::Map::timeout). It is no failure of the tasks: they may still
/// have results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("timed out with {unfinished} of {of} tasks unfinished")]
#[non_exhaustive]
pub struct TimedOut {
    /// How many results were missing. A bounded map counts only the items that it has
    /// drawn.
    pub unfinished: usize,
    /// How many results the wait was for.
    pub of: usize,
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> StartError {
        StartError::Spawn(Arc::new(error))
    }
}

impl Error {
    /// The error for a value that serde refused with this message.
    pub(crate) fn serialize(value: Value, message: String) -> Error {
        Error::Serialize { value, message }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Value::Argument => "argument",
            Value::Result => "result",
        })
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The text of `ExitStatus` has the name of the signal: `signal 9 (SIGKILL)`.
            #[cfg(unix)]
            Death::Signal(signal) => {
                let status: ExitStatus = ExitStatusExt::from_raw(*signal);
                f.write_str(
                    &status
                        .to_string()
                        .replace("signal:", "was killed by signal"),
                )
            }
            #[cfg(not(unix))]
            Death::Signal(signal) => write!(f, "was killed by signal {signal}"),
            Death::Exit(code) => write!(f, "exited with code {code}"),
            Death::Unknown => f.write_str("died in an unknown way"),
        }
    }
}

impl From<ExitStatus> for Death {
    fn from(status: ExitStatus) -> Death {
        #[cfg(unix)]
        if let Some(signal) = status.signal() {
            return Death::Signal(signal);
        }
        status.code().map_or(Death::Unknown, Death::Exit)
    }
}

/// Why [`Builder::build`](crate::Builder::build) refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// `max_workers` was 0 or above [`MAX_WORKERS`](crate::MAX_WORKERS).
    #[error("max_workers must be from 1 to {max}, not {0}", max = limits::MAX_WORKERS)]
    MaxWorkers(usize),
    /// `max_tasks_per_child` was 0.
    #[error("max_tasks_per_child must be at least 1")]
    MaxTasksPerChild,
    /// `start_timeout` was zero. No worker can answer within that.
    #[error("start_timeout must not be zero")]
    StartTimeout,
    /// A memory limit was 0, or this system does not say how much memory a process uses.
    #[error("a limit of memory must not be 0, and needs Linux with /proc")]
    MemoryLimit,
    /// `main` did not enter a [`worker_entry`](crate::worker_entry), or this program was
    /// started as a worker and lost the mark that says so. Every worker would run `main`
    /// again and start a pool of its own, without end.
    #[error(
        "a process pool needs process_pool::worker_entry()...enter() as the first statement \
         of main, and a command for workers that leaves their last argument alone"
    )]
    NotEntered,
    /// Pools were nested more than [`MAX_DEPTH`](crate::MAX_DEPTH) deep.
    #[error("pools are nested more than {max} deep", max = limits::MAX_DEPTH)]
    TooDeep,
    /// The worker entry does not name the initializer.
    #[error("the worker entry does not name the initializer {0}")]
    NotRegistered(&'static str),
    /// The initializer's argument could not be serialised.
    #[error("the initializer's argument could not be serialised: {0}")]
    Argument(String),
}
