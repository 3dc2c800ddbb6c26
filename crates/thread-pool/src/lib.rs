#![doc = include_str!("../README.md")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, atomic::AtomicUsize, atomic::Ordering::SeqCst};
use std::{collections::VecDeque, fmt, iter, thread, thread::JoinHandle, time::Duration};

/// A pool of threads: Python's `ThreadPoolExecutor`. Threads are started when there is work
/// and no idle one to do it. Dropping the pool is like leaving Python's `with` block: what was
/// submitted is finished first, also in a panic. A task must not wait for another of its pool.
pub struct ThreadPool {
    max_workers: usize,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// How many tasks are queued or run: there need not be more threads.
    unfinished: Arc<AtomicUsize>,
    queue: Sender<Job>,
    jobs: Arc<Mutex<Receiver<Job>>>,
}

type Job = Box<dyn FnOnce() + Send>;

impl ThreadPool {
    /// A pool of at most so many threads, as many as should wait at once. Panics if that is 0
    /// (Python: `ValueError`).
    pub fn new(max_workers: usize) -> Self {
        assert!(max_workers > 0, "max_workers must be greater than 0");
        let (queue, jobs) = channel();
        ThreadPool {
            max_workers,
            threads: Mutex::default(),
            unfinished: Arc::default(),
            queue,
            jobs: Arc::new(Mutex::new(jobs)),
        }
    }

    /// Has a thread call `work`, and returns at once.
    pub fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Handle<T> {
        let (work, result, told) = (Some(Box::new(work) as _), None, None);
        let handle = Handle(Arc::new(Mutex::new(Task { work, result, told })));
        let (task, unfinished) = (Handle(handle.0.clone()), self.unfinished.clone());
        let mut threads = self.threads.lock().unwrap();
        let needed = 1 + unfinished.fetch_add(1, SeqCst);
        let _ = self.queue.send(Box::new(move || task.run(&unfinished)));
        if threads.len() < needed.min(self.max_workers) {
            let thread = thread::Builder::new();
            let thread = thread.name(format!("thread-pool-{}", threads.len()));
            let jobs = Arc::clone(&self.jobs);
            // A call of its own, so that the lock is released before the work begins.
            let next = move || jobs.lock().unwrap().recv().ok();
            match thread.spawn(|| iter::from_fn(next).for_each(|job| job())) {
                Ok(thread) => threads.push(thread),
                Err(_) if !threads.is_empty() => {} // Those there are will do it.
                Err(error) => {
                    drop(threads); // The work may own what submits when it is dropped.
                    handle.call_off(Error::NoThread(error.to_string()));
                }
            }
        }
        handle
    }

    /// Has threads call `function` on each item, and gives the results in the order of the
    /// items. All are submitted before this returns. A failure is one item.
    pub fn map<I: Send + 'static, T: Send + 'static>(
        &self,
        function: impl Fn(I) -> T + Send + Sync + 'static,
        items: impl IntoIterator<Item = I>,
    ) -> Map<T> {
        let function = Arc::new(function);
        let submit = |item| {
            let function = function.clone();
            self.submit(move || function(item))
        };
        Map(items.into_iter().map(submit).collect())
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.queue = channel().0; // The threads end when nothing is left in the old one.
        // A task may have been the last owner of the pool, and cannot wait for itself.
        let me = thread::current().id();
        let threads = self.threads.get_mut().unwrap().drain(..);
        let others = threads.filter(|thread| thread.thread().id() != me);
        others.for_each(|thread| _ = thread.join());
    }
}

/// One submitted task: Python's `Future`. Dropping it leaves the task alone.
#[must_use = "a dropped handle loses the task's result and its failure"]
pub struct Handle<T>(Arc<Mutex<Task<T>>>);

struct Task<T> {
    /// What is to be done, until somebody does it or calls it off.
    work: Option<Box<dyn FnOnce() -> T + Send>>,
    result: Option<Result<T, Error>>,
    /// Who is to be told that there is a result, and by which number.
    told: Option<(usize, Sender<usize>)>,
}

impl<T> Handle<T> {
    fn change(&self, change: impl FnOnce(&mut Task<T>)) {
        let mut task = self.0.lock().unwrap();
        change(&mut task);
        let is_finished = task.result.is_some();
        if let Some((number, told)) = task.told.take_if(|_| is_finished) {
            let _ = told.send(number); // Perhaps nobody waits any more.
        }
    }

    fn run(self, unfinished: &AtomicUsize) {
        let work = self.0.lock().unwrap().work.take();
        let result = work.map(|work| catch_unwind(AssertUnwindSafe(work)));
        unfinished.fetch_sub(1, SeqCst); // Who has seen the result finds the thread idle.
        if let Some(result) = result {
            let result = result.map_err(|panic| {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or(panic.downcast_ref::<&str>().copied());
                Error::Panicked(text.unwrap_or("a value").to_owned())
            });
            self.change(|task| task.result = Some(result));
        }
        // If nobody has the handle, the result goes now, and its destructor may panic.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(self)));
    }

    /// Ends the task with this error, if no thread has it yet.
    fn call_off(&self, error: Error) {
        let work = self.0.lock().unwrap().work.take();
        if work.is_some() {
            self.change(|task| task.result = Some(Err(error)));
        }
    }

    /// Cancels the task if no thread has it yet, and says whether it is cancelled now. What
    /// has started cannot be stopped: let it look at a flag.
    pub fn cancel(&self) -> bool {
        self.call_off(Error::Cancelled);
        matches!(self.0.lock().unwrap().result, Some(Err(Error::Cancelled)))
    }

    /// Whether [`join`](Handle::join) would not wait (Python: `done()`).
    pub fn is_finished(&self) -> bool {
        self.0.lock().unwrap().result.is_some()
    }

    /// Waits for the result (Python: `result()`).
    pub fn join(self) -> Result<T, Error> {
        let waited = self.join_timeout(Duration::MAX);
        waited.unwrap_or(Err(Error::Cancelled)) // Nobody waits for so long in vain.
    }

    /// Waits, but no longer than `limit` (Python: `result(timeout)`). When the time is over the
    /// handle comes back: the task goes on, and can be waited for again.
    pub fn join_timeout(self, limit: Duration) -> Result<Result<T, Error>, Self> {
        let (told, finished) = channel();
        self.change(|task| task.told = Some((0, told)));
        let _ = finished.recv_timeout(limit);
        let result = self.0.lock().unwrap().result.take();
        result.ok_or(self)
    }
}

/// The results of [`ThreadPool::map`]. Dropping them cancels what has not started.
#[must_use = "dropping the results cancels what has not started"]
pub struct Map<T>(VecDeque<Handle<T>>);

impl<T> Iterator for Map<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.pop_front().map(Handle::join)
    }
}

impl<T> Drop for Map<T> {
    fn drop(&mut self) {
        self.0.iter().for_each(|handle| _ = handle.cancel());
    }
}

/// Goes through tasks as they finish (Python: `as_completed`), each with its place in
/// `handles`. Stopping early cancels nothing.
pub fn as_completed<T>(
    handles: impl IntoIterator<Item = Handle<T>>,
) -> impl Iterator<Item = (usize, Result<T, Error>)> {
    let (told, finished) = channel();
    let mut handles: Vec<_> = handles.into_iter().map(Some).collect();
    for (index, handle) in handles.iter().flatten().enumerate() {
        handle.change(|task| task.told = Some((index, told.clone())));
    }
    let join = move |index: usize| Some((index, handles[index].take()?.join()));
    finished.into_iter().filter_map(join) // Until nobody is left to tell.
}

/// Why a task has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It panicked, with these words. Its thread and the other tasks go on.
    Panicked(String),
    /// It was cancelled before it started.
    Cancelled,
    /// There is no thread, and none can be started.
    NoThread(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Panicked(message) => write!(f, "the task panicked: {message}"),
            Error::Cancelled => write!(f, "the task was cancelled"),
            Error::NoThread(reason) => write!(f, "cannot start a thread: {reason}"),
        }
    }
}

impl std::error::Error for Error {}
