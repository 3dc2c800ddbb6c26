//! A submitted task: what is to be called, how far it is, and who waits for it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::Waker;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::{decode, encode, next_item};
use crate::entry::FunctionId;
use crate::error::{Error, Failure, StartError, Value};
use crate::frame;
use crate::panics::catch;
use crate::process::Process;
use crate::{lock, wait};

/// The encoded arguments for one or several calls of a function.
#[derive(Clone, Default)]
pub(crate) struct Job {
    pub(crate) calls: u32,
    /// How often it has been sent to a worker that turned out to be dead.
    pub(crate) lost: usize,
    pub(crate) arguments: Vec<u8>,
    /// How long the worker may take.
    pub(crate) time_limit: Option<Duration>,
}

impl Job {
    /// Adds a call with this argument, or leaves the job as it was and gives the words of
    /// the refusal.
    pub(crate) fn push<I: Serialize>(&mut self, argument: &I) -> Result<(), String> {
        let length = self.arguments.len();
        encode(&mut self.arguments, argument)?;
        frame::has_room(&self.arguments)
            .inspect_err(|_| self.arguments.truncate(length))?;
        self.calls += 1;
        Ok(())
    }
}

/// The encoded results of a job, or why there are none.
pub(crate) type Outcome = Result<Arc<Vec<u8>>, Error>;

/// A submitted job, shared by its handle, the queue, and the worker's thread.
pub struct Task {
    pub(crate) function: FunctionId,
    state: Mutex<State>,
    finished: Condvar,
}

struct State {
    stage: Stage,
    /// Somebody sleeps on `finished`.
    awaited: bool,
    watchers: Vec<Watcher>,
}

/// Is told once the task has finished, and returns at once.
enum Watcher {
    Call(Box<dyn FnOnce() + Send>),
    /// Of the one future there is.
    Wake(Waker),
}

enum Stage {
    Queued(Job),
    Running {
        worker: Arc<Process>,
        /// Somebody killed it for this task.
        killed: bool,
    },
    /// The worker has answered, and may have another task already.
    Answered,
    Finished(Outcome),
}

impl Task {
    /// A task to be queued, or one that has failed before that.
    pub(crate) fn new(function: FunctionId, job: Result<Job, Error>) -> Task {
        let state = State {
            stage: job.map_or_else(|error| Stage::Finished(Err(error)), Stage::Queued),
            awaited: false,
            watchers: Vec::new(),
        };
        Task {
            function,
            state: Mutex::new(state),
            finished: Condvar::new(),
        }
    }

    /// Where the task is, in a word.
    pub(crate) fn stage(&self) -> &'static str {
        match lock(&self.state).stage {
            Stage::Queued(_) => "queued",
            Stage::Running { .. } | Stage::Answered => "running",
            Stage::Finished(Ok(_)) => "finished",
            Stage::Finished(Err(_)) => "failed",
        }
    }

    pub(crate) fn is_queued(&self) -> bool {
        matches!(lock(&self.state).stage, Stage::Queued(_))
    }

    /// Takes the job, to have it run by this worker; `None` when it has been cancelled.
    pub(crate) fn start(
        self: Arc<Self>,
        worker: &Arc<Process>,
    ) -> Option<(Running, Job)> {
        let worker = Arc::clone(worker);
        let mut state = lock(&self.state);
        let running = Stage::Running {
            worker,
            killed: false,
        };
        match std::mem::replace(&mut state.stage, running) {
            Stage::Queued(job) => {
                drop(state);
                Some((Running { task: self }, job))
            }
            other => {
                state.stage = other;
                None
            }
        }
    }

    /// Finishes the task with this error, unless it has started. Those who wait are told
    /// when the value is dropped: not while locks are held.
    pub(crate) fn withdraw(&self, error: Error) -> Option<Told> {
        let state = lock(&self.state);
        let queued = matches!(state.stage, Stage::Queued(_));
        queued.then(|| self.settle(state, Err(error)))
    }

    /// Kills the worker if it runs this task now, and says whether that is so.
    pub(crate) fn kill(&self) -> bool {
        match &mut lock(&self.state).stage {
            Stage::Running { worker, killed } => {
                *killed = true;
                // Under the lock: the worker cannot be given another task meanwhile.
                worker.kill();
                true
            }
            _ => false,
        }
    }

    /// Every task is settled exactly once.
    fn settle(&self, mut state: MutexGuard<'_, State>, outcome: Outcome) -> Told {
        state.stage = Stage::Finished(outcome);
        if state.awaited {
            self.finished.notify_all();
        }
        Told(std::mem::take(&mut state.watchers))
    }

    pub(crate) fn is_finished(&self) -> bool {
        matches!(lock(&self.state).stage, Stage::Finished(_))
    }

    /// The error with which the task has finished, if it has.
    pub(crate) fn error(&self) -> Option<Error> {
        match &lock(&self.state).stage {
            Stage::Finished(Err(error)) => Some(error.clone()),
            _ => None,
        }
    }

    /// Sleeps until the task has finished; `None` when that is not before the deadline.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Option<Outcome> {
        let mut state = lock(&self.state);
        loop {
            if let Stage::Finished(outcome) = &state.stage {
                return Some(outcome.clone());
            }
            state.awaited = true;
            let left = match deadline {
                None => Duration::MAX,
                Some(deadline) => deadline.checked_duration_since(Instant::now())?,
            };
            state = wait(&self.finished, state, left);
        }
    }

    /// The outcome, or `None` and the waker is called when there is one.
    pub(crate) fn poll(&self, waker: &Waker) -> Option<Outcome> {
        let mut state = lock(&self.state);
        if let Stage::Finished(outcome) = &state.stage {
            return Some(outcome.clone());
        }
        let others = |watcher: &Watcher| !matches!(watcher, Watcher::Wake(_));
        state.watchers.retain(others);
        state.watchers.push(Watcher::Wake(waker.clone()));
        None
    }

    /// Calls something that returns at once, on whatever thread finishes the task, or here
    /// and now if it has finished.
    pub(crate) fn watch(&self, watcher: impl FnOnce() + Send + 'static) {
        let mut state = lock(&self.state);
        if let Stage::Finished(_) = state.stage {
            drop(state);
            return watcher();
        }
        state.watchers.push(Watcher::Call(Box::new(watcher)));
    }
}

/// Decodes the next of a function's results, of which so many bytes have been read. They
/// are counted first: whatever becomes of this one, also a panic, the next call has the
/// next one.
pub(crate) fn decode_next<O: DeserializeOwned>(
    function: &FunctionId,
    outcome: &Outcome,
    read: &mut usize,
) -> Result<O, Error> {
    let results = outcome.as_ref().map_err(Error::clone)?;
    let mut rest = &results[*read..];
    let item = next_item(&mut rest);
    *read = results.len() - rest.len();
    let result = item.and_then(decode::<Result<O, Failure>>);
    result
        .map_err(Value::Result.refused())?
        .map_err(|failure| failure.into_error(function.name))
}

/// Those who are told, on drop, that a task has finished.
#[must_use]
pub(crate) struct Told(Vec<Watcher>);

impl Drop for Told {
    fn drop(&mut self) {
        for watcher in self.0.drain(..) {
            match watcher {
                Watcher::Call(call) => call(),
                // It belongs to the user's runtime.
                Watcher::Wake(waker) => catch(|| waker.wake()).unwrap_or_default(),
            }
        }
    }
}

/// A task that a worker has. It is settled in any case, if not before then on drop.
pub(crate) struct Running {
    pub(crate) task: Arc<Task>,
}

impl Running {
    /// Moves on, or says that the task has been killed.
    fn advance(&self, next: Stage) -> bool {
        let stage = &mut lock(&self.task.state).stage;
        let killed = matches!(stage, Stage::Running { killed: true, .. });
        if !killed {
            *stage = next;
        }
        !killed
    }

    /// From here on the worker is free for another task, and no kill can hit it; or there
    /// was one already.
    pub(crate) fn release(&self) -> bool {
        self.advance(Stage::Answered)
    }

    /// Gives back a task that did not begin, for the queue, unless it was killed meanwhile.
    pub(crate) fn put_back(self, job: Job) -> Result<Arc<Task>, Running> {
        match self.advance(Stage::Queued(job)) {
            true => Ok(Arc::clone(&self.task)),
            false => Err(self),
        }
    }

    /// A task that was killed ends as that, whatever else has come of it.
    pub(crate) fn finish(&self, outcome: Outcome) {
        let state = lock(&self.task.state);
        let outcome = match &state.stage {
            Stage::Running { worker, killed } if *killed => {
                Err(Error::Killed { worker: worker.id })
            }
            Stage::Running { .. } | Stage::Answered => outcome,
            Stage::Queued(_) | Stage::Finished(_) => return,
        };
        drop(self.task.settle(state, outcome));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let message = "a thread of the pool panicked";
        self.finish(Err(Error::Broken(StartError::Handshake(message.into()))));
    }
}
