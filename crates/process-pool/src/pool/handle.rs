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

/// One submitted task: the counterpart of Python's `Future`. It is also a Rust future,
/// which any runtime can await.
///
/// Dropping the handle does not end the task, also when a `select!` or a timeout that
/// awaits it is dropped: the task runs and its result is lost. To end it, call
/// [`cancel`](Handle::cancel) or [`kill`](Handle::kill).
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
    /// Why there is no result: see [`Error`].
    pub fn join(self) -> Result<O, Error> {
        let result = self.wait(None);
        result.expect("without a deadline it does not time out")
    }

    /// Waits for the result, but no longer than `limit` (Python: `result(timeout)`). The
    /// handle keeps the result: this can be called again.
    ///
    /// # Errors
    /// [`TimedOut`] after `limit`; the task runs on. The inner `Result` is that of
    /// [`join`](Handle::join).
    pub fn join_timeout(&self, limit: Duration) -> Result<Result<O, Error>, TimedOut> {
        // A limit too long for an `Instant` is no limit.
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
    /// Fails in a process that was forked from the pool's.
    pub(crate) fn check_owner(&self) -> Result<(), Error> {
        self.scheduler.check_owner()
    }

    /// Whether the task has a result or has failed (Python: `done()`). Then
    /// [`join`](Handle::join) does not wait.
    pub fn is_finished(&self) -> bool {
        self.check_owner().is_err() || self.task.is_finished()
    }

    /// Cancels the task if no worker has it yet. Returns whether it is cancelled now. A
    /// task that has started can only be [killed](Handle::kill).
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
    /// Returns whether the task ends, or has ended, in this way. If it already has a result
    /// or another failure, nothing happens.
    pub fn kill(&self) -> bool {
        if self.check_owner().is_err() {
            return false;
        }
        // Between the two calls a worker may take the task. It may also die before the task
        // begins, which queues the task again.
        loop {
            if self.cancel() || self.task.kill() {
                return true;
            }
            if !self.task.is_queued() {
                return matches!(self.task.error(), Some(Error::Killed { .. }));
            }
        }
    }

    /// Calls `callback` when the task has finished, failed or been cancelled (Python:
    /// `add_done_callback`). If it already has, calls it now, on this thread.
    ///
    /// All callbacks of a pool run on one thread, one after the other, in the order in
    /// which their tasks finish. A slow callback delays the others, but no tasks. A
    /// callback must not wait for another callback. If it panics, the panic is shown and
    /// has no further effect.
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
