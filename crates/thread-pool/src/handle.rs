//! The handle of a submitted task.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::error::{Error, TimedOut};
use crate::task::Task;

/// One submitted task: the counterpart of Python's `Future`. It is also a Rust future, which
/// any runtime can await.
///
/// Dropping the handle does not end the task, also when a `select!` or a timeout that awaits
/// it is dropped: the task runs and its result is lost.
#[must_use = "a dropped handle loses the task's result and its failure"]
pub struct Handle<T> {
    task: Arc<Task<T>>,
}

impl<T: 'static> Handle<T> {
    /// Cancels the task if no thread has started it. Returns whether it is cancelled now. A
    /// task that has started cannot be stopped from outside: let it check a flag.
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
    /// Why there is no result: see [`Error`].
    pub fn join(self) -> Result<T, Error> {
        self.wait(None)
            .expect("without a deadline it waits until there is a result")
    }

    /// Waits for the result, but no longer than `limit` (Python: `result(timeout)`).
    ///
    /// # Errors
    /// [`TimedOut`] after `limit`: the task runs on, and this can be called again. The inner
    /// `Result` is that of [`join`](Handle::join). A value is given only once; after that, it
    /// is [`Error::Taken`].
    pub fn join_timeout(&self, limit: Duration) -> Result<Result<T, Error>, TimedOut> {
        // A limit too long for an `Instant` is no limit.
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

    /// Whether the task has a result or has failed (Python: `done()`). Then
    /// [`join`](Handle::join) does not wait.
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
