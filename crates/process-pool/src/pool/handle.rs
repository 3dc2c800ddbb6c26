//! The handle of a submitted task.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use super::scheduler::Scheduler;
use super::task::{Task, decode_next};
use crate::error::{Error, TimedOut};
use crate::sync::catch;

/// One submitted task: Python's `Future`, and Rust's, which any runtime can await.
///
/// Dropping it, or the `select!` or timeout that awaits it, leaves the task alone: it runs,
/// and its result is dropped. To end it call [`cancel`](Handle::cancel) or
/// [`kill`](Handle::kill).
#[must_use = "a dropped handle loses the task's result and its failure"]
pub struct Handle<O> {
    pub(crate) task: Arc<Task>,
    scheduler: Arc<Scheduler>,
    output: PhantomData<fn() -> O>,
}

impl<O: DeserializeOwned> Handle<O> {
    pub(crate) fn new(task: Arc<Task>, scheduler: Arc<Scheduler>) -> Handle<O> {
        Handle {
            task,
            scheduler,
            output: PhantomData,
        }
    }

    /// Waits for the result (Python: `result()`).
    ///
    /// # Errors
    /// Why there is none: see [`Error`].
    pub fn join(self) -> Result<O, Error> {
        let result = self.wait(None);
        result.expect("without a deadline it does not time out")
    }

    /// Waits for the result, but no longer than `limit` (Python: `result(timeout)`). The
    /// result is still there afterwards.
    ///
    /// # Errors
    /// [`TimedOut`] when the time is over: the task goes on, and this can be asked again.
    /// Within, what [`join`](Handle::join) gives.
    pub fn join_timeout(&self, limit: Duration) -> Result<Result<O, Error>, TimedOut> {
        // A limit beyond the end of time is none.
        let deadline = Instant::now().checked_add(limit);
        self.wait(deadline).ok_or(TimedOut {
            unfinished: 1,
            of: 1,
        })
    }

    fn wait(&self, deadline: Option<Instant>) -> Option<Result<O, Error>> {
        if let Err(error) = self.check_owner() {
            return Some(Err(error));
        }
        let results = self.task.wait(deadline)?;
        Some(decode_next(&self.task.function, &results, &mut 0))
    }
}

impl<O: DeserializeOwned> Future for Handle<O> {
    type Output = Result<O, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.check_owner()?;
        match self.task.poll(context.waker()) {
            Some(results) => {
                Poll::Ready(decode_next(&self.task.function, &results, &mut 0))
            }
            None => Poll::Pending,
        }
    }
}

impl<O> Handle<O> {
    /// Refuses in a process that was forked from the pool's own.
    pub(crate) fn check_owner(&self) -> Result<(), Error> {
        self.scheduler.check_owner()
    }

    /// Whether the task has a result or has failed, so that [`join`](Handle::join) would
    /// not wait (Python: `done()`).
    pub fn is_finished(&self) -> bool {
        self.check_owner().is_err() || self.task.is_finished()
    }

    /// Cancels the task if no worker has it yet, and says whether it is cancelled now. For
    /// a task that has started there is [`kill`](Handle::kill).
    pub fn cancel(&self) -> bool {
        if self.check_owner().is_err() {
            return false;
        }
        self.scheduler.cancel(&self.task)
            || matches!(self.task.error(), Some(Error::Cancelled))
    }

    /// Ends the task. A queued one is cancelled and fails with [`Error::Cancelled`]. A
    /// running one fails with [`Error::Killed`]: its worker is killed and replaced. No other
    /// task is affected.
    ///
    /// Says whether the task ends, or has ended, in this way. When it is too late, because
    /// there is a result or another failure already, nothing happens.
    pub fn kill(&self) -> bool {
        if self.check_owner().is_err() {
            return false;
        }
        // Between two attempts a worker may have taken the task, or died before it began.
        loop {
            if self.cancel() || self.task.kill() {
                return true;
            }
            if !self.task.is_queued() {
                return matches!(self.task.error(), Some(Error::Killed { .. }));
            }
        }
    }

    /// Calls `callback` once the task has finished, failed or been cancelled; here and
    /// now if it has already (Python: `add_done_callback`).
    ///
    /// All callbacks of a pool run on one thread, one after the other, in the order in which
    /// their tasks finish; a slow one holds up the others, but no tasks. It must not wait
    /// for another callback. If it panics the panic is shown and has no further effect.
    pub fn on_finished(&self, callback: impl FnOnce() + Send + 'static) {
        if self.check_owner().is_err() {
            return;
        }
        if self.is_finished() {
            let _ = catch(callback);
            return;
        }
        let scheduler = Arc::clone(&self.scheduler);
        let callback = Box::new(callback);
        self.task
            .on_finished(move || scheduler.callbacks.run(callback));
    }
}

impl<O> fmt::Debug for Handle<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match self.check_owner() {
            Ok(()) => self.task.stage(),
            Err(_) => "forked",
        };
        f.debug_struct("Handle")
            .field("function", &self.task.function.name)
            .field("stage", &stage)
            .finish()
    }
}
