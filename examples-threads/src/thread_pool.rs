//! A pool of threads for work that waits. Most programs need no more than scoped threads:
//! ```
//! # fn fetch(url: &str) -> usize { url.len() }
//! # let urls = ["http://one", "http://three"];
//! let lengths: Vec<usize> = std::thread::scope(|scope| {
//!     // Start all of them, then wait for all of them.
//!     let threads: Vec<_> = urls.iter().map(|url| scope.spawn(|| fetch(url))).collect();
//!     let join = |thread: std::thread::ScopedJoinHandle<_>| thread.join().unwrap();
//!     threads.into_iter().map(join).collect()
//! });
//! # assert_eq!(lengths, [10, 12]);
//! ```
//! Beside that, [`ThreadPool`] has what Python's `ThreadPoolExecutor` has: a limit, threads that
//! are used again, tasks that can be cancelled, panics that arrive as errors. For CPU work take
//! rayon: it has no use for more threads than there are cores, and starts thousands slowly.
use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;
use std::{fmt, mem, thread};

/// A pool of threads: Python's `ThreadPoolExecutor`.
///
/// A thread is started when more tasks wait than threads are free. Dropping the pool is like
/// leaving Python's `with` block: everything submitted is finished first, also while unwinding.
/// A task that waits for another one of its pool can wait for ever: that one may have no thread.
pub struct ThreadPool {
    max_workers: usize,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Arc<dyn Job>>,
    /// How many threads there are, and how many of them have no task.
    workers: usize,
    idle: usize,
    threads: Vec<thread::JoinHandle<()>>,
    closed: bool,
}

impl ThreadPool {
    /// A pool of so many threads at most. It starts none yet.
    ///
    /// # Panics
    /// If `max_workers` is 0 (Python: `ValueError`).
    pub fn new(max_workers: usize) -> Self {
        assert!(max_workers > 0, "max_workers must be greater than 0");
        let shared = Arc::default();
        Self {
            max_workers,
            shared,
        }
    }

    /// Has a thread call `work` and returns at once.
    pub fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Handle<T> {
        let task = Arc::new(Task {
            progress: Mutex::new(Progress {
                stage: Stage::Queued(Box::new(work)),
                watcher: None,
            }),
            ended: Condvar::new(),
        });
        let mut state = lock(&self.shared.state);
        state.queue.push_back(task.clone());
        let start = state.queue.len() > state.idle && state.workers < self.max_workers;
        if start {
            state.idle += 1;
            state.workers += 1;
        }
        let number = state.workers;
        drop(state);
        self.shared.changed.notify_one();
        if start {
            self.start_worker(number);
        }
        Handle(task)
    }

    /// Calls `work` with every item and returns the results in the order of the items, each as
    /// soon as it is there. Everything is submitted at once.
    pub fn map<I: Send + 'static, T: Send + 'static>(
        &self,
        work: impl Fn(I) -> T + Send + Sync + 'static,
        items: impl IntoIterator<Item = I>,
    ) -> Map<T> {
        let work = Arc::new(work);
        let submit = |item| {
            let work = work.clone();
            self.submit(move || work(item))
        };
        Map(items.into_iter().map(submit).collect())
    }

    /// Starts a thread that has been counted. Without it the others have more to do; only when
    /// there are none the tasks fail.
    fn start_worker(&self, number: usize) {
        let shared = self.shared.clone();
        let thread = thread::Builder::new().name(format!("thread-pool-{number}"));
        let started = thread.spawn(move || while shared.run_next() {});
        let mut state = lock(&self.shared.state);
        match started {
            Ok(thread) => state.threads.push(thread),
            Err(error) => {
                state.idle -= 1;
                state.workers -= 1;
                if state.workers == 0 {
                    let lost = mem::take(&mut state.queue);
                    drop(state);
                    lost.iter()
                        .for_each(|job| job.fail(Error::NoThread(error.to_string())));
                }
            }
        }
    }
}

impl Shared {
    /// Runs the next task, and waits for one if need be. `false` when there will be none.
    fn run_next(&self) -> bool {
        let waits = |state: &mut State| state.queue.is_empty() && !state.closed;
        let state = self.changed.wait_while(lock(&self.state), waits);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        let Some(job) = state.queue.pop_front() else {
            return false;
        };
        state.idle -= 1;
        drop(state);
        // The thread is free before the result is there, so that who has seen it finds it so.
        job.run(&|| lock(&self.state).idle += 1);
        // If nobody has the handle the result goes now, and its destructor might panic.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(job))).map_err(mem::forget);
        true
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.closed = true;
        let threads = mem::take(&mut state.threads);
        drop(state);
        self.shared.changed.notify_all();
        // A task may own the pool: its thread cannot wait for itself.
        let this = thread::current().id();
        for thread in threads
            .into_iter()
            .filter(|thread| thread.thread().id() != this)
        {
            let _ = thread.join();
        }
    }
}

/// A task of any type, as the threads see it.
trait Job: Send + Sync {
    fn run(&self, before_the_end: &dyn Fn());
    fn fail(&self, error: Error);
}

struct Task<T> {
    progress: Mutex<Progress<T>>,
    ended: Condvar,
}

struct Progress<T> {
    stage: Stage<T>,
    /// Who is told of the end, and by which number.
    watcher: Option<(mpsc::Sender<usize>, usize)>,
}

enum Stage<T> {
    Queued(Box<dyn FnOnce() -> T + Send>),
    Running,
    Ended(Result<T, Error>),
}

impl<T> Task<T> {
    /// Takes the work out, if nobody has.
    fn start(&self) -> Option<Box<dyn FnOnce() -> T + Send>> {
        let stage = &mut lock(&self.progress).stage;
        match mem::replace(stage, Stage::Running) {
            Stage::Queued(work) => return Some(work),
            other => *stage = other,
        }
        None
    }

    fn end(&self, result: Result<T, Error>) {
        let mut progress = lock(&self.progress);
        progress.stage = Stage::Ended(result);
        self.ended.notify_all();
        if let Some((watcher, number)) = progress.watcher.take() {
            let _ = watcher.send(number);
        }
    }
}

impl<T: Send> Job for Task<T> {
    fn run(&self, before_the_end: &dyn Fn()) {
        let work = self.start();
        let result = work.map(|work| catch_unwind(AssertUnwindSafe(work)));
        before_the_end();
        if let Some(result) = result {
            self.end(result.map_err(panicked));
        }
    }

    fn fail(&self, error: Error) {
        if self.start().is_some() {
            self.end(Err(error));
        }
    }
}

/// A submitted task: Python's `Future`. Dropping it leaves the task alone: it runs.
#[must_use = "a dropped handle loses the task's result and its failure"]
pub struct Handle<T>(Arc<Task<T>>);

impl<T> Handle<T> {
    /// Waits for the result (Python: `result()`), or for the [`Error`] in its place.
    pub fn join(self) -> Result<T, Error> {
        let mut handle = self;
        loop {
            match handle.join_timeout(Duration::MAX) {
                Ok(result) => return result,
                Err(unfinished) => handle = unfinished,
            }
        }
    }

    /// Waits no longer than `limit` (Python: `result(timeout)`). When the time is over the
    /// handle comes back: the task goes on, and can be asked again.
    pub fn join_timeout(self, limit: Duration) -> Result<Result<T, Error>, Self> {
        let waits =
            |progress: &mut Progress<T>| !matches!(progress.stage, Stage::Ended(_));
        let progress = lock(&self.0.progress);
        let waited = self.0.ended.wait_timeout_while(progress, limit, waits);
        let (mut progress, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match mem::replace(&mut progress.stage, Stage::Running) {
            Stage::Ended(result) => return Ok(result),
            other => progress.stage = other,
        }
        drop(progress);
        Err(self)
    }

    /// Whether [`join`](Handle::join) would not wait (Python: `done()`).
    pub fn is_finished(&self) -> bool {
        matches!(lock(&self.0.progress).stage, Stage::Ended(_))
    }

    /// Cancels the task if it has not started, and says whether it is cancelled now.
    pub fn cancel(&self) -> bool {
        if self.0.start().is_some() {
            self.0.end(Err(Error::Cancelled));
        }
        matches!(
            lock(&self.0.progress).stage,
            Stage::Ended(Err(Error::Cancelled))
        )
    }
}

/// The results of [`ThreadPool::map`]. Dropping it cancels what has not started.
#[must_use = "dropping this cancels what has not started"]
pub struct Map<T>(VecDeque<Handle<T>>);

impl<T> Iterator for Map<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.pop_front().map(Handle::join)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl<T> Drop for Map<T> {
    fn drop(&mut self) {
        self.0.iter().for_each(|handle| _ = handle.cancel());
    }
}

/// Goes through tasks as they end (Python: `as_completed`): `(index, result)`, where `index` is
/// the place in `handles`. Those that failed or were cancelled come too.
pub fn as_completed<T>(
    handles: impl IntoIterator<Item = Handle<T>>,
) -> impl Iterator<Item = (usize, Result<T, Error>)> {
    let (sender, ended) = mpsc::channel();
    let mut handles: Vec<_> = handles.into_iter().map(Some).collect();
    for (index, handle) in handles.iter().flatten().enumerate() {
        let mut progress = lock(&handle.0.progress);
        match progress.stage {
            Stage::Ended(_) => sender.send(index).unwrap_or_default(),
            _ => progress.watcher = Some((sender.clone(), index)),
        }
    }
    // The last task to end takes the last sender with it.
    ended
        .into_iter()
        .filter_map(move |index| Some((index, handles[index].take()?.join())))
}

/// Why a task has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It panicked, with this text.
    Panicked(String),
    /// It was cancelled before it started.
    Cancelled,
    /// The system did not allow a single thread.
    NoThread(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Panicked(text) => write!(f, "the task panicked: {text}"),
            Error::Cancelled => f.write_str("the task was cancelled"),
            Error::NoThread(error) => write!(f, "no thread can be started: {error}"),
        }
    }
}

impl std::error::Error for Error {}

fn panicked(payload: Box<dyn Any + Send>) -> Error {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    // A payload's destructor might panic in turn.
    mem::forget(payload);
    Error::Panicked(text.unwrap_or_else(|| "a panic without a message".into()))
}

/// No user's code runs under these locks, so none is poisoned.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
