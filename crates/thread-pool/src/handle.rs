//! The handle of a submitted task.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::error::{Error, TimedOut};
use crate::task::Task;

/// One submitted task: Python's `Future`, and Rust's, which any runtime can await.
///
/// Dropping the handle, or the `select!` or timeout that awaits it, leaves the task alone: it
/// runs, and its result is dropped.
#[must_use = "a dropped handle loses the task's result and its failure"]
pub struct Handle<T> {
    task: Arc<Task<T>>,
}

impl<T: 'static> Handle<T> {
    /// Cancels the task if no thread has started it, and says whether it is cancelled now.
    /// A task that has started cannot be stopped: let it check a flag.
    pub fn cancel(&self) -> bool {
        if let Some(after) = self.task.fail_if_queued(Error::Cancelled) {
            after();
        }
        self.task.is_cancelled()
    }
}

impl<T> Handle<T> {
    pub(crate) fn new(task: Arc<Task<T>>) -> Handle<T> {
        Handle { task }
    }

    /// Waits for the result (Python: `result()`).
    ///
    /// # Errors
    /// Why there is none: see [`Error`].
    pub fn join(self) -> Result<T, Error> {
        self.wait(None)
            .expect("without a deadline it waits until there is a result")
    }

    /// Waits for the result, but no longer than `limit` (Python: `result(timeout)`).
    ///
    /// # Errors
    /// [`TimedOut`] if the limit has passed: the task goes on, and this can be called again.
    /// Otherwise the inner result is what [`join`](Handle::join) gives. It gives a value once;
    /// after that, it is [`Error::Taken`].
    pub fn join_timeout(&self, limit: Duration) -> Result<Result<T, Error>, TimedOut> {
        // `None`, no deadline, if the sum is beyond what an `Instant` can hold.
        let deadline = Instant::now().checked_add(limit);
        self.wait(deadline).ok_or(TimedOut {
            unfinished: 1,
            of: 1,
        })
    }

    /// Sends `index` when the task has finished, or now if it has.
    pub(crate) fn watch(&self, index: usize, sender: Sender<usize>) {
        self.task.watch(index, sender);
    }

    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Option<Result<T, Error>> {
        self.task.wait(deadline)
    }

    /// Whether the task has a result or has failed, so that [`join`](Handle::join) would not
    /// wait (Python: `done()`).
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    /// Calls `callback` when the task has finished, failed or been cancelled (Python:
    /// `add_done_callback`).
    ///
    /// It is called on the thread that ran or cancelled the task. If the task has finished
    /// already, it is called now, on this thread. If it panics, the panic is printed and has
    /// no further effect.
    pub fn on_finished(&self, callback: impl FnOnce() + Send + 'static) {
        self.task.on_finished(callback);
    }
}

impl<T> Future for Handle<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.task.poll(context.waker()) {
            Some(result) => Poll::Ready(result),
            None => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("stage", &self.task.stage())
            .finish()
    }
}
