//! A submitted task: its function, its state, and the threads and callbacks that wait for
//! it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::Waker;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use super::process::Process;
use crate::error::{Error, Value};
use crate::sync::{catch, lock, wait};
use crate::wire::function::FunctionId;
use crate::wire::message::{Arguments, EncodedResult, next_result};

/// A submitted task, shared by its handle, the queue, and the worker's thread.
pub(crate) struct Task {
    pub(crate) function: FunctionId,
    /// How long a worker may run it.
    pub(crate) time_limit: Option<Duration>,
    /// How many items it has, each with a result or an error.
    pub(crate) items: usize,
    state: Mutex<State>,
    finished: Condvar,
}

/// The encoded results of a task, or why there are none.
pub(crate) type TaskResults = Result<Arc<Vec<u8>>, Error>;

struct State {
    stage: TaskStage,
    /// How many workers died after they got the task and before it began.
    lost_workers: usize,
    /// A thread waits on `finished`.
    awaited: bool,
    /// Called when the task has finished. They must return immediately.
    callbacks: Vec<Box<dyn FnOnce() + Send>>,
    /// The waker of the handle's future.
    waker: Option<Waker>,
}

enum TaskStage {
    Queued(Arguments),
    Running {
        worker: Arc<Process>,
        /// [`Task::kill`] has killed the worker.
        killed: bool,
    },
    /// The worker has answered, and may already run another task.
    Answered,
    Finished(TaskResults),
}

impl Task {
    /// A task for the queue. If the arguments are an error, a task that has failed.
    pub(crate) fn new(
        function: FunctionId,
        arguments: Result<Arguments, Error>,
        time_limit: Option<Duration>,
    ) -> Task {
        let items = arguments.as_ref().map_or(1, |it| it.count as usize);
        let stage = match arguments {
            Ok(arguments) => TaskStage::Queued(arguments),
            Err(error) => TaskStage::Finished(Err(error)),
        };
        Task {
            function,
            time_limit,
            items,
            state: Mutex::new(State {
                stage,
                lost_workers: 0,
                awaited: false,
                callbacks: Vec::new(),
                waker: None,
            }),
            finished: Condvar::new(),
        }
    }

    /// The name of its stage, for `Debug`.
    pub(crate) fn stage(&self) -> &'static str {
        match lock(&self.state).stage {
            TaskStage::Queued(_) => "queued",
            TaskStage::Running { .. } | TaskStage::Answered => "running",
            TaskStage::Finished(Ok(_)) => "finished",
            TaskStage::Finished(Err(_)) => "failed",
        }
    }

    pub(crate) fn is_queued(&self) -> bool {
        matches!(lock(&self.state).stage, TaskStage::Queued(_))
    }

    /// Marks the task as running on this worker, and takes its arguments. `None` if it has
    /// been cancelled.
    pub(crate) fn start(
        self: Arc<Self>,
        worker: &Arc<Process>,
    ) -> Option<(RunningTask, Arguments)> {
        let mut state = lock(&self.state);
        if !matches!(state.stage, TaskStage::Queued(_)) {
            return None;
        }
        let running = TaskStage::Running {
            worker: Arc::clone(worker),
            killed: false,
        };
        let TaskStage::Queued(arguments) = std::mem::replace(&mut state.stage, running)
        else {
            unreachable!("it was queued a line ago, and the lock is held");
        };
        drop(state);
        Some((RunningTask { task: self }, arguments))
    }

    /// Finishes the task with this error, unless it has started.
    pub(crate) fn fail_if_queued(&self, error: Error) -> Option<Waiters> {
        let state = lock(&self.state);
        let queued = matches!(state.stage, TaskStage::Queued(_));
        queued.then(|| self.complete(state, Err(error)))
    }

    /// Kills the worker if it runs this task now. Returns whether it did.
    pub(crate) fn kill(&self) -> bool {
        match &mut lock(&self.state).stage {
            TaskStage::Running { worker, killed } => {
                *killed = true;
                // The lock is held, so the worker cannot get another task before it is
                // killed.
                worker.kill();
                true
            }
            _ => false,
        }
    }

    /// Stores the results. Called exactly once for a task.
    fn complete(
        &self,
        mut state: MutexGuard<'_, State>,
        results: TaskResults,
    ) -> Waiters {
        state.stage = TaskStage::Finished(results);
        if state.awaited {
            self.finished.notify_all();
        }
        Waiters {
            callbacks: std::mem::take(&mut state.callbacks),
            waker: state.waker.take(),
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        matches!(lock(&self.state).stage, TaskStage::Finished(_))
    }

    /// The task's error, if it has failed.
    pub(crate) fn error(&self) -> Option<Error> {
        match &lock(&self.state).stage {
            TaskStage::Finished(Err(error)) => Some(error.clone()),
            _ => None,
        }
    }

    /// Waits until the task has finished; `None` if it has not at the deadline.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Option<TaskResults> {
        let mut state = lock(&self.state);
        loop {
            if let TaskStage::Finished(results) = &state.stage {
                return Some(results.clone());
            }
            state.awaited = true;
            let left = match deadline {
                None => Duration::MAX,
                Some(deadline) => deadline.checked_duration_since(Instant::now())?,
            };
            state = wait(&self.finished, state, left);
        }
    }

    /// The results, if the task has finished. Otherwise `None`, and the waker is called
    /// when it has.
    pub(crate) fn poll(&self, waker: &Waker) -> Option<TaskResults> {
        // Cloning and dropping a waker runs code of the user's runtime, so it is not done
        // under the lock.
        let waker = waker.clone();
        let mut state = lock(&self.state);
        if let TaskStage::Finished(results) = &state.stage {
            return Some(results.clone());
        }
        let old = state.waker.replace(waker);
        drop(state);
        drop(old);
        None
    }

    /// Calls `callback` on the thread that finishes the task, or on this one if it has
    /// finished already. It must return immediately.
    pub(crate) fn on_finished(&self, callback: impl FnOnce() + Send + 'static) {
        let mut state = lock(&self.state);
        if let TaskStage::Finished(_) = state.stage {
            drop(state);
            return callback();
        }
        state.callbacks.push(Box::new(callback));
    }
}

/// Decodes the result that begins at byte `read`, and moves `read` to the next one. It
/// moves `read` first, so the next call gets the next result even if this one cannot be
/// decoded or panics.
pub(crate) fn decode_next<O: DeserializeOwned>(
    function: &FunctionId,
    results: &TaskResults,
    read: &mut usize,
) -> Result<O, Error> {
    let bytes = results.as_ref().map_err(Error::clone)?;
    let mut rest = &bytes[*read..];
    let result = next_result(&mut rest);
    *read = bytes.len() - rest.len();
    let result = result.and_then(EncodedResult::decode);
    result
        .map_err(|message| Error::serialize(Value::Result, message))?
        .map_err(|failure| failure.into_error(function.name))
}

/// The callbacks and the waker of a finished task. Call them when no lock is held.
#[must_use = "what waits for the task must be woken"]
pub(crate) struct Waiters {
    callbacks: Vec<Box<dyn FnOnce() + Send>>,
    waker: Option<Waker>,
}

impl Waiters {
    /// Calls the callbacks. Returns the waker, which the caller must wake.
    pub(crate) fn call(self) -> Option<Waker> {
        for callback in self.callbacks {
            callback();
        }
        self.waker
    }

    pub(crate) fn wake(self) {
        if let Some(waker) = self.call() {
            // A waker is code of the user's runtime and may panic.
            let _ = catch(|| waker.wake());
        }
    }
}

/// A task that a worker has. It is completed at the latest on drop.
pub(crate) struct RunningTask {
    pub(crate) task: Arc<Task>,
}

impl RunningTask {
    /// Moves to the next stage, unless the task has been killed. Returns whether it has
    /// moved.
    fn advance(&self, next: TaskStage) -> bool {
        let stage = &mut lock(&self.task.state).stage;
        let killed = matches!(stage, TaskStage::Running { killed: true, .. });
        if !killed {
            *stage = next;
        }
        !killed
    }

    /// Frees the worker for another task: from here on, killing this task does not kill the
    /// worker. Returns false if it has been killed already.
    pub(crate) fn release_worker(&self) -> bool {
        self.advance(TaskStage::Answered)
    }

    /// Counts a worker that died before the task began, and returns the count.
    pub(crate) fn count_lost_worker(&self) -> usize {
        let mut state = lock(&self.task.state);
        state.lost_workers += 1;
        state.lost_workers
    }

    /// Returns a task that did not begin to the queued stage, unless it has been killed.
    pub(crate) fn put_back(self, arguments: Arguments) -> Result<Arc<Task>, RunningTask> {
        match self.advance(TaskStage::Queued(arguments)) {
            true => Ok(Arc::clone(&self.task)),
            false => Err(self),
        }
    }

    /// Completes the task. If it was killed, its result is [`Error::Killed`] in any case.
    pub(crate) fn finish(&self, results: TaskResults) {
        let state = lock(&self.task.state);
        let results = match &state.stage {
            TaskStage::Running { worker, killed } if *killed => {
                Err(Error::Killed { worker: worker.id })
            }
            TaskStage::Running { .. } | TaskStage::Answered => results,
            TaskStage::Queued(_) | TaskStage::Finished(_) => return,
        };
        self.task.complete(state, results).wake();
    }
}

impl Drop for RunningTask {
    fn drop(&mut self) {
        self.finish(Err(Error::Internal));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::task::Wake;
    use std::thread;

    use super::*;
    use crate::wire::message::{Failure, push_failure, push_value};

    fn task() -> Arc<Task> {
        fn id(n: u8) -> u8 {
            n
        }
        let mut arguments = Arguments::default();
        assert!(arguments.push(&1_u8).is_ok());
        let time_limit = None;
        Arc::new(Task::new(FunctionId::of(&id), Ok(arguments), time_limit))
    }

    fn started(task: &Arc<Task>) -> (RunningTask, Arguments, Arc<Process>) {
        let worker = Process::for_tests();
        let (running, arguments) = Arc::clone(task).start(&worker).unwrap();
        (running, arguments, worker)
    }

    #[test]
    fn a_task_starts_once_and_is_not_cancelled_afterwards() {
        let task = task();
        assert_eq!((task.stage(), task.is_queued()), ("queued", true));
        let (running, _, worker) = started(&task);
        assert_eq!((task.stage(), task.is_queued()), ("running", false));
        assert!(Arc::clone(&task).start(&worker).is_none());
        assert!(task.fail_if_queued(Error::Cancelled).is_none());
        assert!(!task.is_finished());
        running.finish(Ok(Arc::new(vec![7])));
        assert_eq!(task.stage(), "finished");
        assert_eq!(*task.wait(None).unwrap().unwrap(), [7]);
        assert!(task.error().is_none());
    }

    #[test]
    fn what_waits_is_woken_once_and_after_the_lock_is_free() {
        struct Count(AtomicUsize);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, SeqCst);
            }
        }
        let task = task();
        let counts = [(); 2].map(|()| Arc::new(Count(AtomicUsize::new(0))));
        let calls = Arc::new(AtomicUsize::new(0));
        for count in &counts {
            assert!(task.poll(&Arc::clone(count).into()).is_none());
        }
        let (again, theirs) = (Arc::clone(&task), Arc::clone(&calls));
        task.on_finished(move || {
            assert!(again.is_finished());
            theirs.fetch_add(1, SeqCst);
        });
        let sleeper = thread::spawn({
            let task = Arc::clone(&task);
            move || task.wait(None)
        });
        task.fail_if_queued(Error::Cancelled).unwrap().wake();
        assert!(matches!(
            sleeper.join().unwrap(),
            Some(Err(Error::Cancelled))
        ));
        // Only the waker of the last poll is woken.
        assert_eq!(counts.map(|count| count.0.load(SeqCst)), [0, 1]);
        let theirs = Arc::clone(&calls);
        task.on_finished(move || _ = theirs.fetch_add(1, SeqCst));
        assert_eq!(calls.load(SeqCst), 2);
        assert!(task.poll(Waker::noop()).is_some());
    }

    #[test]
    fn a_wait_ends_at_its_deadline() {
        let task = task();
        assert!(task.wait(Some(Instant::now())).is_none());
        let soon = Instant::now() + Duration::from_millis(5);
        assert!(task.wait(Some(soon)).is_none());
        assert!(task.is_queued());
    }

    #[test]
    fn a_killed_task_ends_as_that_whatever_has_come_of_it() {
        let task = task();
        assert!(!task.kill(), "it has no worker");
        let (running, _, worker) = started(&task);
        assert!(!worker.was_killed());
        assert!(task.kill());
        assert!(worker.was_killed());
        assert!(!running.release_worker());
        running.finish(Ok(Arc::default()));
        let killed =
            matches!(task.error(), Some(Error::Killed { worker: id }) if id == worker.id);
        assert!(killed, "{:?}", task.error());
        assert_eq!(task.stage(), "failed");
    }

    #[test]
    fn a_worker_that_has_answered_is_not_killed() {
        let task = task();
        let (running, _, worker) = started(&task);
        assert!(running.release_worker());
        assert!(!task.kill());
        assert!(!worker.was_killed());
        running.finish(Ok(Arc::new(vec![1])));
        running.finish(Err(Error::Cancelled)); // Without effect: it is completed already.
        assert_eq!(*task.wait(None).unwrap().unwrap(), [1]);
    }

    #[test]
    fn a_task_that_did_not_begin_is_put_back_unless_it_was_killed() {
        let task = task();
        let (running, arguments, _) = started(&task);
        assert_eq!([(); 2].map(|()| running.count_lost_worker()), [1, 2]);
        assert!(running.put_back(arguments).is_ok());
        assert!(task.is_queued());
        let (running, arguments, _) = started(&task);
        assert_eq!(running.count_lost_worker(), 3);
        assert!(task.kill());
        let running = running.put_back(arguments).err().unwrap();
        drop(running);
        assert!(matches!(task.error(), Some(Error::Killed { .. })));
    }

    #[test]
    fn a_task_whose_worker_thread_panics_fails() {
        let task = task();
        let (running, ..) = started(&task);
        drop(running);
        assert!(matches!(task.error(), Some(Error::Internal)));
    }

    #[test]
    fn the_results_of_a_task_are_decoded_one_after_the_other() {
        fn id(n: u8) -> u8 {
            n
        }
        let id = FunctionId::of(&id);
        let mut bytes = Vec::new();
        push_value(&mut bytes, &"one").unwrap();
        push_failure(&mut bytes, &Failure::NotRegistered);
        push_value(&mut bytes, &"three").unwrap();
        let results: TaskResults = Ok(Arc::new(bytes));
        let read = &mut 0;
        let mut next = || decode_next::<String>(&id, &results, read);
        assert_eq!(next().unwrap(), "one");
        assert!(matches!(next(), Err(Error::NotRegistered(_))));
        assert_eq!(next().unwrap(), "three");
        assert!(matches!(next(), Err(Error::Serialize { .. })));
        let cancelled: TaskResults = Err(Error::Cancelled);
        let error = decode_next::<String>(&id, &cancelled, &mut 0);
        assert!(matches!(error, Err(Error::Cancelled)));
    }
}
