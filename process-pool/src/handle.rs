//! A submitted task: the slot that the pool fills, and the handle that waits for it.

use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use crate::error::{Error, Failure, Value};
use crate::lock;

/// A function and the encoded arguments for one or several calls of it.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) function: &'static str,
    pub(crate) calls: u32,
    pub(crate) arguments: Vec<u8>,
    /// It has been sent once before, to a worker that turned out to be dead.
    pub(crate) resent: bool,
}

impl Job {
    pub(crate) fn new(function: &'static str) -> Job {
        Job {
            function,
            calls: 0,
            arguments: Vec::new(),
            resent: false,
        }
    }
}

/// The encoded results of a job, or why there are none.
pub(crate) type Outcome = Result<Arc<Vec<u8>>, Error>;

/// Where a job is on its way, and who waits for it.
pub(crate) struct Slot {
    function: &'static str,
    state: Mutex<State>,
    finished: Condvar,
}

struct State {
    stage: Stage,
    /// Somebody sleeps on `finished`.
    awaited: bool,
    callbacks: Vec<Box<dyn FnOnce() + Send>>,
}

enum Stage {
    Queued(Job),
    Running,
    Finished(Outcome),
}

impl Slot {
    pub(crate) fn new(job: Job) -> Slot {
        Slot::at(job.function, Stage::Queued(job))
    }

    /// A slot for a job that failed before it could be queued.
    pub(crate) fn failed(function: &'static str, error: Error) -> Slot {
        Slot::at(function, Stage::Finished(Err(error)))
    }

    fn at(function: &'static str, stage: Stage) -> Slot {
        let state = State {
            stage,
            awaited: false,
            callbacks: Vec::new(),
        };
        Slot {
            function,
            state: Mutex::new(state),
            finished: Condvar::new(),
        }
    }

    /// Takes the job to run it; `None` when it has been cancelled.
    pub(crate) fn start(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        match std::mem::replace(&mut state.stage, Stage::Running) {
            Stage::Queued(job) => Some(job),
            other => {
                state.stage = other;
                None
            }
        }
    }

    /// Puts back a job that turned out not to have started.
    pub(crate) fn unstart(&self, job: Job) {
        lock(&self.state).stage = Stage::Queued(Job {
            resent: true,
            ..job
        });
    }

    pub(crate) fn finish(&self, outcome: Outcome) {
        self.settle(lock(&self.state), outcome);
    }

    /// Finishes the job with this error unless it has started; says whether that is so.
    pub(crate) fn withdraw(&self, error: Error) -> bool {
        let state = lock(&self.state);
        match state.stage {
            Stage::Queued(_) => {
                self.settle(state, Err(error));
                true
            }
            _ => false,
        }
    }

    /// Every job is settled exactly once.
    fn settle(&self, mut state: MutexGuard<'_, State>, outcome: Outcome) {
        state.stage = Stage::Finished(outcome);
        let callbacks = std::mem::take(&mut state.callbacks);
        if state.awaited {
            self.finished.notify_all();
        }
        drop(state);
        for callback in callbacks {
            run(callback);
        }
    }

    fn is_finished(&self) -> bool {
        matches!(lock(&self.state).stage, Stage::Finished(_))
    }

    /// Sleeps until the job has finished; `None` when that is not before the deadline.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Option<Outcome> {
        let mut state = lock(&self.state);
        loop {
            if let Stage::Finished(outcome) = &state.stage {
                return Some(outcome.clone());
            }
            state.awaited = true;
            state = match deadline {
                None => self.finished.wait(state).unwrap_or_else(|p| p.into_inner()),
                Some(deadline) => {
                    let left = deadline.checked_duration_since(Instant::now())?;
                    let waited = self.finished.wait_timeout(state, left);
                    waited.unwrap_or_else(|p| p.into_inner()).0
                }
            };
        }
    }

    fn on_finished(&self, callback: Box<dyn FnOnce() + Send>) {
        let mut state = lock(&self.state);
        if let Stage::Finished(_) = state.stage {
            drop(state);
            run(callback);
        } else {
            state.callbacks.push(callback);
        }
    }

    /// Decodes the next result of the job.
    pub(crate) fn decode<O: DeserializeOwned>(
        &self,
        bytes: &mut &[u8],
    ) -> Result<O, Error> {
        match postcard::take_from_bytes::<Result<O, Failure>>(bytes) {
            Ok((result, rest)) => {
                *bytes = rest;
                result.map_err(|failure| failure.into_error(self.function))
            }
            Err(error) => Err(Error::Serialize {
                value: Value::Result,
                message: error.to_string(),
            }),
        }
    }
}

/// A callback's panic is its own affair: it is shown, and the thread goes on.
fn run(callback: Box<dyn FnOnce() + Send>) {
    let _ = catch_unwind(AssertUnwindSafe(callback));
}

/// One submitted task: Python's `Future`.
///
/// Dropping it leaves the task alone: it runs, and its result is dropped.
#[must_use = "a dropped handle loses the task's result and its failure"]
pub struct Handle<O> {
    slot: Arc<Slot>,
    output: PhantomData<fn() -> O>,
}

impl<O: DeserializeOwned> Handle<O> {
    pub(crate) fn new(slot: Arc<Slot>) -> Handle<O> {
        Handle {
            slot,
            output: PhantomData,
        }
    }

    /// Waits for the result (Python: `result()`).
    ///
    /// # Errors
    /// Why there is none: see [`Error`].
    pub fn join(self) -> Result<O, Error> {
        self.get(None)
    }

    /// Waits for the result, but no longer than `limit` (Python: `result(timeout)`). After
    /// a success the result is still there.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when the time is over: the task goes on, and this can be asked
    /// again. Otherwise why there is no result.
    pub fn join_timeout(&self, limit: Duration) -> Result<O, Error> {
        // A limit beyond the end of time is none.
        self.get(Instant::now().checked_add(limit))
    }

    fn get(&self, deadline: Option<Instant>) -> Result<O, Error> {
        match self.slot.wait(deadline) {
            Some(outcome) => self.slot.decode(&mut &outcome?[..]),
            None => Err(Error::TimedOut {
                unfinished: 1,
                of: 1,
            }),
        }
    }
}

impl<O> Handle<O> {
    /// Whether the task has a result or has failed, so that [`join`](Handle::join) would
    /// not wait (Python: `done()`).
    pub fn is_finished(&self) -> bool {
        self.slot.is_finished()
    }

    /// Cancels the task if no worker has it yet, and says whether it is cancelled now. A
    /// task that has started cannot be stopped, except by
    /// [`Shutdown::Kill`](crate::Shutdown::Kill).
    pub fn cancel(&self) -> bool {
        self.slot.withdraw(Error::Cancelled) || self.slot.is_cancelled()
    }

    /// Calls `callback` once the task has finished, failed or been cancelled; at once if it
    /// has already (Python: `add_done_callback`).
    ///
    /// It runs on a thread of the pool, or on the one that cancels, and must not wait for
    /// other tasks. If it panics the panic is shown and has no further effect.
    pub fn on_finished(&self, callback: impl FnOnce() + Send + 'static) {
        self.slot.on_finished(Box::new(callback));
    }
}

impl Slot {
    fn is_cancelled(&self) -> bool {
        matches!(
            lock(&self.state).stage,
            Stage::Finished(Err(Error::Cancelled))
        )
    }
}

impl<O> fmt::Debug for Handle<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match &lock(&self.slot.state).stage {
            Stage::Queued(_) => "queued",
            Stage::Running => "running",
            Stage::Finished(Ok(_)) => "finished",
            Stage::Finished(Err(_)) => "failed",
        };
        f.debug_struct("Handle")
            .field("function", &self.slot.function)
            .field("stage", &stage)
            .finish()
    }
}
