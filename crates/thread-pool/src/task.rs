//! A submitted task: its function, its state, and the threads and callbacks that wait for it.

use std::mem;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::sync::{catch, lock, wait};

/// A submitted task, shared by its handle and the pool.
pub(crate) struct Task<T> {
    state: Mutex<State<T>>,
    /// Notified when the task has finished.
    finished: Condvar,
}

type Work<T> = Box<dyn FnOnce() -> T + Send>;

type Callback = Box<dyn FnOnce() + Send>;

struct State<T> {
    stage: Stage<T>,
    /// Whether a thread has waited on `finished`. Otherwise it need not be notified.
    awaited: bool,
    /// Where to send the task's index when it has finished, for
    /// [`as_completed`](crate::as_completed).
    watcher: Option<(usize, Sender<usize>)>,
    /// Called when the task has finished.
    callbacks: Vec<Callback>,
    /// The waker of the task that awaits the handle.
    waker: Option<Waker>,
}

enum Stage<T> {
    Queued(Work<T>),
    Running,
    Finished(Result<T, Error>),
    /// It has finished, and its value has been taken.
    Taken,
}

impl<T> State<T> {
    fn is_finished(&self) -> bool {
        matches!(self.stage, Stage::Finished(_) | Stage::Taken)
    }

    /// Takes the closure to call, unless the task has started or finished.
    fn start(&mut self) -> Option<Work<T>> {
        match mem::replace(&mut self.stage, Stage::Running) {
            Stage::Queued(work) => Some(work),
            other => {
                self.stage = other;
                None
            }
        }
    }

    /// Takes the result of a task that has finished. A value can be taken only once; an error
    /// stays.
    fn take_result(&mut self) -> Result<T, Error> {
        match mem::replace(&mut self.stage, Stage::Taken) {
            Stage::Finished(Ok(value)) => Ok(value),
            Stage::Finished(Err(error)) => {
                self.stage = Stage::Finished(Err(error.clone()));
                Err(error)
            }
            _ => Err(Error::Taken),
        }
    }
}

impl<T: 'static> Task<T> {
    /// Finishes the task with this error, unless it has started.
    #[must_use = "user code is left to run"]
    pub(crate) fn fail_if_queued(&self, error: Error) -> Option<AfterTask> {
        let mut state = lock(&self.state);
        let work = state.start()?;
        let callbacks = self.finish(state, Err(error));
        Some(Box::new(move || {
            call_all(callbacks);
            // The closure may own this pool, so it is dropped without a lock.
            let _ = catch(|| drop(work));
        }))
    }
}

impl<T> Task<T> {
    pub(crate) fn new(work: impl FnOnce() -> T + Send + 'static) -> Task<T> {
        Task {
            state: Mutex::new(State {
                stage: Stage::Queued(Box::new(work)),
                awaited: false,
                watcher: None,
                callbacks: Vec::new(),
                waker: None,
            }),
            finished: Condvar::new(),
        }
    }

    /// The name of its stage, for `Debug`.
    pub(crate) fn stage(&self) -> &'static str {
        match lock(&self.state).stage {
            Stage::Queued(_) => "queued",
            Stage::Running => "running",
            Stage::Finished(Ok(_)) | Stage::Taken => "finished",
            Stage::Finished(Err(_)) => "failed",
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        lock(&self.state).is_finished()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        let state = lock(&self.state);
        matches!(state.stage, Stage::Finished(Err(Error::Cancelled)))
    }

    /// Waits until the task has finished, and takes the result. `None` if it has not at the
    /// deadline.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Option<Result<T, Error>> {
        let mut state = lock(&self.state);
        while !state.is_finished() {
            let left = match deadline {
                None => Duration::MAX,
                Some(deadline) => deadline.checked_duration_since(Instant::now())?,
            };
            state.awaited = true;
            state = wait(&self.finished, state, left);
        }
        Some(state.take_result())
    }

    /// Takes the result, if the task has finished. Otherwise keeps the waker, which is called
    /// when it has.
    pub(crate) fn poll(&self, waker: &Waker) -> Option<Result<T, Error>> {
        // Cloning and dropping a waker runs code of the user's runtime, so it is not done
        // under the lock.
        let waker = waker.clone();
        let mut state = lock(&self.state);
        if state.is_finished() {
            return Some(state.take_result());
        }
        let old = state.waker.replace(waker);
        drop(state);
        drop(old);
        None
    }

    /// Calls `callback` when the task has finished, or now if it has.
    pub(crate) fn on_finished(&self, callback: impl FnOnce() + Send + 'static) {
        let mut state = lock(&self.state);
        if state.is_finished() {
            drop(state);
            let _ = catch(callback);
            return;
        }
        state.callbacks.push(Box::new(callback));
    }

    /// Sends `index` when the task has finished, or now if it has.
    pub(crate) fn watch(&self, index: usize, sender: Sender<usize>) {
        let mut state = lock(&self.state);
        if state.is_finished() {
            let _ = sender.send(index);
        } else {
            state.watcher = Some((index, sender));
        }
    }

    /// Stores the result and wakes what waits for it. Returns the callbacks, which the caller
    /// must call.
    #[must_use = "the callbacks must be called"]
    fn finish(
        &self,
        mut state: MutexGuard<'_, State<T>>,
        result: Result<T, Error>,
    ) -> Vec<Callback> {
        state.stage = Stage::Finished(result);
        let callbacks = mem::take(&mut state.callbacks);
        let waker = state.waker.take();
        if let Some((index, sender)) = state.watcher.take() {
            let _ = sender.send(index); // Fails only if the iterator was dropped.
        }
        // Notifying is a system call, so it is left out if no thread waits.
        if state.awaited {
            self.finished.notify_all();
        }
        drop(state);
        if let Some(waker) = waker {
            let _ = catch(|| waker.wake());
        }
        callbacks
    }

    /// The value of a task that has finished, unless it has been taken.
    fn into_value(self) -> Option<T> {
        let state = self.state.into_inner();
        match state.unwrap_or_else(|poison| poison.into_inner()).stage {
            Stage::Finished(Ok(value)) => Some(value),
            _ => None,
        }
    }
}

fn call_all(callbacks: Vec<Callback>) {
    for callback in callbacks {
        let _ = catch(callback);
    }
}

/// A task as the pool sees it, without the type of its result.
pub(crate) trait Run: Send + Sync {
    /// Runs the task, unless it has been cancelled. Calls `before_finish` after the task's
    /// code has ended and before anything that waits for the task is woken.
    fn run(self: Arc<Self>, before_finish: &dyn Fn()) -> Option<AfterTask>;

    /// As [`Task::fail_if_queued`].
    #[must_use = "user code is left to run"]
    fn fail_if_queued(&self, error: Error) -> Option<AfterTask>;

    fn is_queued(&self) -> bool;
}

/// The user's code that runs after a task: its callbacks, and the destructor of the closure
/// or of a result without a handle. Calling it does not panic, but may take any time.
pub(crate) type AfterTask = Box<dyn FnOnce()>;

impl<T: Send + 'static> Run for Task<T> {
    fn run(self: Arc<Self>, before_finish: &dyn Fn()) -> Option<AfterTask> {
        let work = lock(&self.state).start();
        let Some(work) = work else {
            before_finish();
            return None;
        };
        let result = catch(work).map_err(Error::Panicked);
        before_finish();
        let callbacks = self.finish(lock(&self.state), result);
        // `Some` if the handle was dropped and the value is still there.
        let unclaimed = Arc::into_inner(self).and_then(Task::into_value);
        if callbacks.is_empty() && unclaimed.is_none() {
            return None;
        }
        Some(Box::new(|| {
            call_all(callbacks);
            let _ = catch(|| drop(unclaimed));
        }))
    }

    fn fail_if_queued(&self, error: Error) -> Option<AfterTask> {
        Task::fail_if_queued(self, error)
    }

    fn is_queued(&self) -> bool {
        matches!(lock(&self.state).stage, Stage::Queued(_))
    }
}
