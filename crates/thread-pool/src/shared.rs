//! What the threads of a pool share: the queue, the number of threads, and the loop that each
//! of them runs.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle, ThreadId};
use std::time::Duration;

use crate::error::Error;
use crate::handle::Handle;
use crate::sync::{catch, lock, wait};
use crate::task::{AfterTask, Run, Task};

/// How [`ThreadPool::shutdown`](crate::ThreadPool::shutdown) treats what has been submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shutdown {
    /// Finish all of it.
    Finish,
    /// Cancel what has not started; finish the rest (Python: `cancel_futures=True`).
    CancelQueued,
}

/// What every thread does before its first task.
pub(crate) type Initializer = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

pub(crate) struct Shared {
    pub(crate) max_workers: usize,
    initializer: Option<Initializer>,
    state: Mutex<State>,
    /// Wakes idle threads: a task was queued, or the pool is ending.
    task_queued: Condvar,
    /// Held while the threads are joined: a second `shutdown` waits for the first.
    joining: Mutex<()>,
}

#[derive(Default)]
struct State {
    stage: Stage,
    /// Tasks that no thread has. A cancelled task may stay here until its turn.
    queue: VecDeque<Arc<dyn Run>>,
    /// The length of the queue after cancelled tasks were last dropped.
    kept: usize,
    /// Threads that may still take a task.
    workers: usize,
    /// Idle threads, including those that are starting. Each of them takes a queued task
    /// next.
    idle: usize,
    /// Threads to be joined.
    threads: Vec<JoinHandle<()>>,
    /// The ids of all threads that the pool has started.
    thread_ids: Vec<ThreadId>,
}

/// Whether the pool takes tasks, or how it ends.
#[derive(Default)]
enum Stage {
    #[default]
    Open,
    /// The pool takes no more tasks and finishes the queued ones.
    Closing,
    /// An initializer has failed, for this reason.
    Broken(String),
}

/// The state of a pool at one moment: see
/// [`ThreadPool::metrics`](crate::ThreadPool::metrics).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Tasks that no thread has yet.
    pub queued: usize,
    /// Threads that run a task or its callbacks.
    pub running: usize,
    /// All threads, including those that are starting.
    pub workers: usize,
}

impl State {
    /// Drops cancelled tasks when the queue is twice as long as after the last time. So they
    /// take no more memory than the others, and this rarely goes through the queue.
    fn drop_cancelled_tasks(&mut self) {
        if self.queue.len() > 1_000.max(2 * self.kept) {
            self.queue.retain(|task| task.is_queued());
            self.kept = self.queue.len();
        }
    }
}

/// Fails all tasks that have not started, and only then runs their callbacks and destructors:
/// a callback of one task may wait for another task.
fn fail_all(tasks: VecDeque<Arc<dyn Run>>, error: &Error) {
    let mut left = Vec::new();
    for task in tasks {
        left.extend(task.fail_if_queued(error.clone()));
    }
    for after in left {
        after();
    }
}

impl Shared {
    pub(crate) fn new(max_workers: usize, initializer: Option<Initializer>) -> Shared {
        Shared {
            max_workers,
            initializer,
            state: Mutex::default(),
            task_queued: Condvar::new(),
            joining: Mutex::default(),
        }
    }

    /// Queues a task that calls `work`. If the pool does not take it, the task fails.
    pub(crate) fn submit<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Handle<T> {
        let task = Arc::new(Task::new(work));
        if let Err(error) = self.enqueue(Arc::clone(&task) as Arc<dyn Run>) {
            if let Some(after) = task.fail_if_queued(error) {
                after();
            }
        }
        Handle::new(task)
    }

    /// Queues a task, and wakes a thread for it or starts one.
    fn enqueue(self: &Arc<Self>, task: Arc<dyn Run>) -> Result<(), Error> {
        let mut state = lock(&self.state);
        match &state.stage {
            Stage::Open => {}
            Stage::Closing => return Err(Error::ShutDown),
            Stage::Broken(reason) => return Err(Error::Broken(reason.clone())),
        }
        let queued = state.queue.len() + 1;
        match self.start_thread_if_needed(&mut state, queued) {
            Err(error) if state.workers == 0 => {
                return Err(Error::NoThread(error.to_string()));
            }
            // If no thread can be started but others live, they run the task.
            _ => {}
        }
        state.queue.push_back(task);
        state.drop_cancelled_tasks();
        // Notifying is a system call, so it is left out if no thread can be asleep.
        if state.idle > 0 {
            self.task_queued.notify_one();
        }
        Ok(())
    }

    /// Starts a thread if there are fewer idle ones than queued tasks.
    fn start_thread_if_needed(
        self: &Arc<Self>,
        state: &mut State,
        queued: usize,
    ) -> io::Result<()> {
        if queued <= state.idle || state.workers == self.max_workers {
            return Ok(());
        }
        let shared = Arc::clone(self);
        let thread = thread::Builder::new()
            .name(format!("thread-pool-{}", state.thread_ids.len()))
            .spawn(move || shared.run_worker())?;
        state.workers += 1;
        state.idle += 1;
        state.thread_ids.push(thread.thread().id());
        state.threads.push(thread);
        Ok(())
    }

    /// The main function of a thread.
    fn run_worker(self: &Arc<Self>) {
        if let Some(initializer) = &self.initializer {
            let initialized = catch(initializer).and_then(|result| result);
            if let Err(reason) = initialized {
                self.break_pool(reason);
            }
        }
        while let Some(task) = self.next_task() {
            // This thread counts as idle before it publishes the result. A caller that gets
            // the result and submits again must find the thread idle; otherwise the pool
            // would start another one.
            let after = task.run(&|| self.count_as_idle());
            if let Some(after) = after {
                self.run_after_task(after);
            }
        }
    }

    /// Waits, as an idle thread, for a task. `None` if none will come: then the thread ends.
    fn next_task(&self) -> Option<Arc<dyn Run>> {
        let mut state = lock(&self.state);
        while state.queue.is_empty() && matches!(state.stage, Stage::Open) {
            state = wait(&self.task_queued, state, Duration::MAX);
        }
        state.idle -= 1;
        let task = state.queue.pop_front();
        if task.is_none() {
            state.workers -= 1;
        }
        task
    }

    fn count_as_idle(&self) {
        lock(&self.state).idle += 1;
    }

    /// Runs the callbacks and destructors of a task. They may take long, so this thread does
    /// not count as idle, and another thread must take the task that was queued for it.
    fn run_after_task(self: &Arc<Self>, after: AfterTask) {
        let mut state = lock(&self.state);
        state.idle -= 1;
        let queued = state.queue.len();
        // If no thread can be started, the tasks wait for this one.
        let _ = self.start_thread_if_needed(&mut state, queued);
        drop(state);
        after();
        self.count_as_idle();
    }

    /// Takes no more tasks, and fails the queued ones. Only the first reason is kept.
    fn break_pool(&self, reason: String) {
        let mut state = lock(&self.state);
        if let Stage::Broken(_) = state.stage {
            return;
        }
        let queue = mem::take(&mut state.queue);
        state.stage = Stage::Broken(reason.clone());
        self.task_queued.notify_all();
        drop(state);
        fail_all(queue, &Error::Broken(reason));
    }

    /// Takes no more tasks, and ends the submitted ones as `how` says.
    pub(crate) fn close(&self, how: Shutdown) {
        let mut state = lock(&self.state);
        if let Stage::Open = state.stage {
            state.stage = Stage::Closing;
        }
        let cancelled = match how {
            Shutdown::Finish => VecDeque::new(),
            Shutdown::CancelQueued => mem::take(&mut state.queue),
        };
        self.task_queued.notify_all();
        drop(state);
        fail_all(cancelled, &Error::Cancelled);
    }

    /// Waits until no thread of the pool is left. On a thread of the pool it returns
    /// immediately, because a thread cannot wait for itself.
    pub(crate) fn wait_for_end(&self) {
        if lock(&self.state)
            .thread_ids
            .contains(&thread::current().id())
        {
            return;
        }
        let _joining = lock(&self.joining);
        loop {
            // Repeat, because a thread may have started another one before it ended.
            let threads = mem::take(&mut lock(&self.state).threads);
            if threads.is_empty() {
                return;
            }
            for thread in threads {
                let _ = thread.join(); // The thread catches panics.
            }
        }
    }

    pub(crate) fn metrics(&self) -> Metrics {
        let state = lock(&self.state);
        Metrics {
            queued: state.queue.iter().filter(|task| task.is_queued()).count(),
            running: state.workers - state.idle,
            workers: state.workers,
        }
    }
}
