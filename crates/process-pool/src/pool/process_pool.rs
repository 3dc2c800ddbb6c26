//! The pool itself, and the ways to submit tasks to it.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::handle::Handle;
use super::map::{BoundedMap, Map, Tasks};
use super::scheduler::{Scheduler, Shutdown};
use super::task::Task;
use super::worker_thread::submit;
use crate::error::{Error, Value};
use crate::wire::function::FunctionId;
use crate::wire::message::{Arguments, Refused};

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

/// The state of a pool at a moment: see [`ProcessPool::metrics`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Tasks that no worker has yet.
    pub queued: usize,
    /// Workers that have a task.
    pub running: usize,
    /// Workers, including those that are being started, or are ending.
    pub workers: usize,
    /// Workers that have died so far: they were not killed by the pool, and were not asked to
    /// leave, or failed while they left. A death is counted a moment after its task has failed.
    pub deaths: u64,
}

impl ProcessPool {
    /// Has a worker call `function(argument)` and returns immediately (Python: `submit`).
    ///
    /// What goes wrong is the task's result: [`Error::Serialize`] for an argument that
    /// cannot be sent, [`Error::NotRegistered`], and [`Error::ShutDown`] or
    /// [`Error::Broken`] if the pool takes no more tasks.
    pub fn submit<I: Serialize, O: DeserializeOwned>(
        &self,
        function: impl Fn(I) -> O + 'static,
        argument: I,
    ) -> Handle<O> {
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

    /// As [`map`](ProcessPool::map), but draws at most `buffer` items ahead of the results
    /// that have been taken (Python: `buffersize`). So there may be any number of items, and
    /// memory does not grow.
    pub fn map_bounded<I: Serialize, O: DeserializeOwned, T: IntoIterator<Item = I>>(
        &self,
        function: impl Fn(I) -> O + 'static,
        items: T,
        buffer: NonZeroUsize,
    ) -> BoundedMap<O, T::IntoIter> {
        self.options().map_bounded(function, items, buffer)
    }

    /// Opens the settings of single tasks: a time limit, a chunk size.
    pub fn options(&self) -> TaskOptions<'_> {
        TaskOptions {
            pool: self,
            time_limit: None,
            chunk_size: NonZeroUsize::MIN,
        }
    }

    /// Takes no more tasks from now on, and returns immediately (Python: `shutdown(wait=False)`).
    /// Everything submitted is finished, in the background; then the workers leave.
    pub fn close(&self) {
        if self.scheduler.check_owner().is_ok() {
            self.scheduler.close(Shutdown::Finish);
        }
    }

    /// Takes no more tasks, and returns when every worker has gone and every callback has
    /// run. Doing it again is harmless; from a callback of this pool it does not wait.
    pub fn shutdown(&self, how: Shutdown) {
        if self.scheduler.check_owner().is_ok() {
            self.scheduler.close(how);
            self.scheduler.wait_for_end();
        }
    }

    /// How much there is to do, and how many workers there are to do it.
    pub fn metrics(&self) -> Metrics {
        if self.scheduler.check_owner().is_err() {
            return Metrics::default();
        }
        let state = self.scheduler.lock();
        Metrics {
            queued: state.queue.len(),
            running: state.workers.running,
            workers: state.workers.total(),
            deaths: state.deaths,
        }
    }
}

impl Drop for ProcessPool {
    fn drop(&mut self) {
        self.shutdown(Shutdown::Finish);
    }
}

impl fmt::Debug for ProcessPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessPool")
            .field("max_workers", &self.scheduler.settings.max_workers)
            .field("metrics", &self.metrics())
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
    /// The time counts from when the pool begins to send the task to a worker. A chunk is
    /// one task: all its items fail.
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
    pub fn submit<I: Serialize, O: DeserializeOwned>(
        &self,
        function: impl Fn(I) -> O + 'static,
        argument: I,
    ) -> Handle<O> {
        let mut arguments = Arguments::default();
        let arguments = match arguments.push(&argument) {
            Ok(()) => Ok(arguments),
            Err(Refused::Invalid(message)) => {
                Err(Error::serialize(Value::Argument, message))
            }
            Err(Refused::NoRoom) => unreachable!("it is the only one"),
        };
        let function = FunctionId::of(&function);
        let task = Arc::new(Task::new(function, arguments, self.time_limit));
        submit(&self.pool.scheduler, &task);
        // To free a big argument takes time, in which its bytes are under way already.
        drop(argument);
        Handle::new(task, Arc::clone(&self.pool.scheduler))
    }

    /// As [`ProcessPool::map`].
    pub fn map<I: Serialize, O: DeserializeOwned>(
        &self,
        function: impl Fn(I) -> O + 'static,
        items: impl IntoIterator<Item = I>,
    ) -> Map<O> {
        let scheduler = &self.pool.scheduler;
        let tasks = self.tasks(FunctionId::of(&function), items);
        // If the iterator panics, what was submitted before is run all the same.
        let submitted = tasks.inspect(|task| submit(scheduler, task)).collect();
        Map::new(Arc::clone(scheduler), submitted)
    }

    /// As [`ProcessPool::map_bounded`]. A chunk has no more items than the buffer.
    pub fn map_bounded<I: Serialize, O: DeserializeOwned, T: IntoIterator<Item = I>>(
        &self,
        function: impl Fn(I) -> O + 'static,
        items: T,
        buffer: NonZeroUsize,
    ) -> BoundedMap<O, T::IntoIter> {
        let tasks = self.tasks(FunctionId::of(&function), items);
        BoundedMap::new(Arc::clone(&self.pool.scheduler), tasks, buffer)
    }

    fn tasks<I: Serialize, T: IntoIterator<Item = I>>(
        &self,
        function: FunctionId,
        items: T,
    ) -> Tasks<T::IntoIter> {
        Tasks::new(
            function,
            items.into_iter(),
            self.chunk_size,
            self.time_limit,
        )
    }
}
