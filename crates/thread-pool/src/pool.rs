//! The pool itself, and its settings.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use crate::error::BuildError;
use crate::handle::Handle;
use crate::map::{BoundedMap, Map};
use crate::shared::{Initializer, Metrics, Shared, Shutdown};

/// A pool of threads: Python's `ThreadPoolExecutor`.
///
/// Threads are started when there is work for them and no idle one to do it. All methods
/// take `&self`, so threads may share a pool.
///
/// Dropping the pool is like leaving Python's `with` block: it finishes everything submitted,
/// also while unwinding from a panic. See [`shutdown`](ThreadPool::shutdown) for the other
/// ways to end.
pub struct ThreadPool {
    shared: Arc<Shared>,
}

impl ThreadPool {
    /// A pool of at most `max_workers` threads.
    ///
    /// # Panics
    /// If `max_workers` is 0 (Python: `ValueError`).
    pub fn new(max_workers: usize) -> ThreadPool {
        let built = ThreadPool::builder().max_workers(max_workers).build();
        built.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Opens the settings of a pool.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Lets a thread call `task`, and returns immediately (Python: `submit`).
    ///
    /// A failure to submit becomes the task's result: [`Error::ShutDown`] or
    /// [`Error::Broken`] if the pool takes no more tasks, and [`Error::NoThread`] if no
    /// thread can be started.
    ///
    /// [`Error::ShutDown`]: crate::Error::ShutDown
    /// [`Error::Broken`]: crate::Error::Broken
    /// [`Error::NoThread`]: crate::Error::NoThread
    pub fn submit<T: Send + 'static>(
        &self,
        task: impl FnOnce() -> T + Send + 'static,
    ) -> Handle<T> {
        self.shared.submit(task)
    }

    /// Calls `function` on each item, on the threads of the pool, and gives the results in
    /// the order of the items (Python: `map`).
    ///
    /// Submits everything before it returns. The results can be consumed as they come. The
    /// error of an item, or of the whole pool, stands in the item's place. Dropping the
    /// results cancels the tasks that have not started.
    pub fn map<I: Send + 'static, T: Send + 'static>(
        &self,
        function: impl Fn(I) -> T + Send + Sync + 'static,
        items: impl IntoIterator<Item = I>,
    ) -> Map<T> {
        let function = Arc::new(function);
        // If the iterator panics, the tasks submitted before are still run.
        let mut handles = VecDeque::new();
        for item in items {
            let function = Arc::clone(&function);
            handles.push_back(self.submit(move || function(item)));
        }
        Map::new(handles)
    }

    /// As [`map`](ThreadPool::map), but draws at most `buffer` items ahead of the results that
    /// have been taken (Python: `buffersize`).
    ///
    /// So memory stays small, even if the items never end. Items are drawn as results are
    /// taken. Keep the pool until then: items that are drawn later fail.
    pub fn map_bounded<I, T, F, J>(
        &self,
        function: F,
        items: J,
        buffer: NonZeroUsize,
    ) -> BoundedMap<T, F, J::IntoIter>
    where
        I: Send + 'static,
        T: Send + 'static,
        F: Fn(I) -> T + Send + Sync + 'static,
        J: IntoIterator<Item = I>,
    {
        let shared = Arc::clone(&self.shared);
        BoundedMap::new(shared, function, items.into_iter(), buffer)
    }

    /// Takes no more tasks, and returns immediately (Python: `shutdown(wait=False)`).
    /// Everything submitted is finished in the background; then the threads end.
    pub fn close(&self) {
        self.shared.close(Shutdown::Finish);
    }

    /// Takes no more tasks, and returns when every thread of the pool has ended. A second
    /// call is harmless. In a task of this pool it does not wait.
    pub fn shutdown(&self, how: Shutdown) {
        self.shared.close(how);
        self.shared.wait_for_end();
    }

    /// How many tasks are queued and running, and how many threads there are.
    pub fn metrics(&self) -> Metrics {
        self.shared.metrics()
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.shutdown(Shutdown::Finish);
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool")
            .field("max_workers", &self.shared.max_workers)
            .field("metrics", &self.metrics())
            .finish_non_exhaustive()
    }
}

/// Settings of a pool: see [`ThreadPool::builder`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    max_workers: usize,
    initializer: Option<Initializer>,
}

impl Default for Builder {
    fn default() -> Builder {
        let cpus = thread::available_parallelism().map_or(1, usize::from);
        Builder {
            max_workers: (cpus + 4).min(32),
            initializer: None,
        }
    }
}

impl Builder {
    /// The maximum number of threads. The default is Python's: the number of CPUs that this
    /// process may use plus four, but at most 32.
    pub fn max_workers(mut self, workers: usize) -> Builder {
        self.max_workers = workers;
        self
    }

    /// Lets every thread call `initializer` once, before its first task.
    ///
    /// It may return nothing or a `Result`. If it returns an error or panics, the pool
    /// breaks: tasks that have not started, and all later ones, fail with
    /// [`Error::Broken`](crate::Error::Broken).
    pub fn initializer<R: InitializerResult>(
        mut self,
        initializer: impl Fn() -> R + Send + Sync + 'static,
    ) -> Builder {
        self.initializer = Some(Box::new(move || initializer().into_result()));
        self
    }

    /// Makes the pool. Threads are started when there is work.
    ///
    /// # Errors
    /// A wrong setting: see [`BuildError`].
    pub fn build(self) -> Result<ThreadPool, BuildError> {
        if self.max_workers == 0 {
            return Err(BuildError::MaxWorkers);
        }
        Ok(ThreadPool {
            shared: Arc::new(Shared::new(self.max_workers, self.initializer)),
        })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("max_workers", &self.max_workers)
            .finish_non_exhaustive()
    }
}

/// What an initializer may return: nothing, or a [`Result`]. An `Err` breaks the pool and is
/// shown as the reason.
pub trait InitializerResult {
    #[doc(hidden)]
    fn into_result(self) -> Result<(), String>;
}

impl InitializerResult for () {
    fn into_result(self) -> Result<(), String> {
        Ok(())
    }
}

impl<E: fmt::Display> InitializerResult for Result<(), E> {
    fn into_result(self) -> Result<(), String> {
        self.map_err(|error| error.to_string())
    }
}
