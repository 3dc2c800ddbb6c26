//! The pool itself, and the ways to submit tasks to it.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::builder::Builder;
use crate::entry::FunctionId;
use crate::error::{BuildError, Error, Value};
use crate::handle::Handle;
use crate::map::{Chunks, Map};
use crate::scheduler::Scheduler;
use crate::task::{Job, Task};

/// A pool of worker processes: Python's `ProcessPoolExecutor`.
///
/// Workers are started when there is work for them and no idle one to do it. All methods
/// take `&self`, so threads may share a pool.
///
/// Dropping the pool is like leaving Python's `with` block: everything submitted is
/// finished first, also while unwinding from a panic, and no worker is left behind. See
/// [`shutdown`](ProcessPool::shutdown) for the other ways to end, and
/// [what to know](crate#what-to-know) for a drop in async code and a pool in a `static`.
pub struct ProcessPool {
    pub(crate) scheduler: Arc<Scheduler>,
}

/// How [`ProcessPool::shutdown`] treats what has been submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shutdown {
    /// Finish all of it.
    Finish,
    /// Cancel what has not started; finish the rest (Python: `cancel_futures=True`).
    CancelQueued,
    /// Cancel what has not started and kill the workers: a running task ends as
    /// [`Error::Died`].
    Kill,
}

impl ProcessPool {
    /// A pool with one worker for each usable CPU.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn new() -> Result<ProcessPool, BuildError> {
        ProcessPool::builder().build()
    }

    /// Opens the settings of a pool.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Has a worker call `function(argument)` and returns at once (Python: `submit`).
    ///
    /// # Errors
    /// [`Error::ShutDown`], [`Error::Broken`], [`Error::NotRegistered`], and
    /// [`Error::Serialize`] for an argument that cannot be sent.
    pub fn submit<I: Serialize, O: DeserializeOwned>(
        &self,
        function: impl Fn(I) -> O + 'static,
        argument: I,
    ) -> Result<Handle<O>, Error> {
        self.options().submit(function, argument)
    }

    /// Has workers call `function` on each item and gives the results in the order of the
    /// items (Python: `map`).
    ///
    /// Everything is submitted before this returns; the results can be consumed as they
    /// come. What goes wrong with an item, or with the whole pool, appears in the item's
    /// place. Dropping the results cancels what has not started.
    pub fn map<I: Serialize, O: DeserializeOwned>(
        &self,
        function: impl Fn(I) -> O + 'static,
        items: impl IntoIterator<Item = I>,
    ) -> Map<O> {
        self.options().map(function, items)
    }

    /// As [`map`](ProcessPool::map), but sends the items in chunks, which is worth while
    /// for many tiny tasks (Python: `chunksize`).
    ///
    /// A chunk is run by one worker and counts as one task. An item that fails leaves the
    /// others of its chunk alone (in Python it takes them with it), but a worker's death
    /// fails them all.
    pub fn map_chunked<I: Serialize, O: DeserializeOwned>(
        &self,
        function: impl Fn(I) -> O + 'static,
        items: impl IntoIterator<Item = I>,
        chunk: NonZeroUsize,
    ) -> Map<O> {
        self.options().chunk_size(chunk).map(function, items)
    }

    /// Opens the settings of single tasks: a time limit, a chunk size, a bound for how far
    /// a `map` may run ahead.
    pub fn options(&self) -> TaskOptions<'_> {
        TaskOptions {
            pool: self,
            time_limit: None,
            chunk_size: NonZeroUsize::MIN,
        }
    }

    /// Takes no more tasks from now on, and returns at once (Python: `shutdown(wait=False)`).
    /// Everything submitted is finished, in the background; then the workers leave.
    pub fn close(&self) {
        self.scheduler.close(Shutdown::Finish);
    }

    /// Takes no more tasks, and returns when every worker has gone and every callback has
    /// run. Doing it again is harmless; from a callback of this pool it does not wait.
    pub fn shutdown(&self, how: Shutdown) {
        self.scheduler.close(how);
        self.scheduler.wait_for_end();
    }
}

impl Drop for ProcessPool {
    fn drop(&mut self) {
        self.shutdown(Shutdown::Finish);
    }
}

impl fmt::Debug for ProcessPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.scheduler.lock();
        f.debug_struct("ProcessPool")
            .field("max_workers", &self.scheduler.settings.max_workers)
            .field("workers", &state.workers)
            .field("queued", &state.queue.len())
            .field("broken", &state.broken)
            .finish_non_exhaustive()
    }
}

/// How tasks are to be run: `pool.options().time_limit(limit).submit(function, argument)`.
#[derive(Clone, Copy, Debug)]
#[must_use = "options do nothing until a task is submitted with them"]
pub struct TaskOptions<'a> {
    pool: &'a ProcessPool,
    time_limit: Option<Duration>,
    chunk_size: NonZeroUsize,
}

impl TaskOptions<'_> {
    /// How long a task may run. When the time is over, the worker is killed and the task
    /// fails with [`Error::TimeLimit`]; another worker takes over.
    ///
    /// The time counts from when a worker has the whole task. A chunk is one task, for which
    /// all its items fail.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// How many items of a `map` make one task: see [`ProcessPool::map_chunked`].
    pub fn chunk_size(mut self, items: NonZeroUsize) -> Self {
        self.chunk_size = items;
        self
    }

    /// As [`ProcessPool::submit`].
    ///
    /// # Errors
    /// As [`ProcessPool::submit`].
    pub fn submit<I: Serialize, O: DeserializeOwned>(
        &self,
        function: impl Fn(I) -> O + 'static,
        argument: I,
    ) -> Result<Handle<O>, Error> {
        let scheduler = &self.pool.scheduler;
        let function = FunctionId::of(&function);
        let mut job = Job {
            time_limit: self.time_limit,
            ..Job::default()
        };
        job.push(&argument).map_err(Value::Argument.refused())?;
        let task = Arc::new(Task::new(function, Ok(job)));
        scheduler.submit(&task)?;
        // To free a big argument takes time, in which its bytes are under way already.
        drop(argument);
        Ok(Handle::new(task, Arc::clone(scheduler)))
    }

    /// As [`ProcessPool::map`].
    pub fn map<I: Serialize, O: DeserializeOwned>(
        &self,
        function: impl Fn(I) -> O + 'static,
        items: impl IntoIterator<Item = I>,
    ) -> Map<O> {
        let chunks = self.chunks(FunctionId::of(&function), items);
        Map::new(Arc::clone(&self.pool.scheduler), chunks)
    }

    /// As [`ProcessPool::map`], but draws at most `buffer` items ahead of those whose
    /// results have been taken (Python: `buffersize`), so that there may be any number of
    /// items, and memory stays as it is. A chunk has no more items than the buffer.
    pub fn map_bounded<I: Serialize, O: DeserializeOwned, T: IntoIterator<Item = I>>(
        &self,
        function: impl Fn(I) -> O + 'static,
        items: T,
        buffer: NonZeroUsize,
    ) -> Map<O, Chunks<T::IntoIter>> {
        let chunks = self.chunks(FunctionId::of(&function), items);
        Map::bounded(Arc::clone(&self.pool.scheduler), chunks, buffer)
    }

    fn chunks<T: IntoIterator>(
        &self,
        function: FunctionId,
        items: T,
    ) -> Chunks<T::IntoIter> {
        Chunks {
            items: items.into_iter().fuse(),
            function,
            size: self.chunk_size,
            time_limit: self.time_limit,
            refused: None,
        }
    }
}
