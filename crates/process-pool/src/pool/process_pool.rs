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
/// Dropping the pool is like leaving Python's `with` block: it finishes everything
/// submitted and leaves no worker behind, also while unwinding from a panic. See
/// [`shutdown`](ProcessPool::shutdown) for the other ways to end, and
/// [what to know](crate#what-to-know) for a drop in async code and a pool in a `static`.
pub struct ProcessPool {
    pub(crate) scheduler: Arc<Scheduler>,
}

/// The state of a pool at one moment: see [`ProcessPool::metrics`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Tasks that no worker has yet.
    pub queued: usize,
    /// Workers that have a task.
    pub running: usize,
    /// All workers, including those that are starting or ending.
    pub workers: usize,
    /// How many workers have died so far: the pool neither killed them nor asked them to
    /// exit, or they failed while they exited. A death is counted a moment after its task
    /// has failed.
    pub deaths: u64,
}

impl ProcessPool {
    /// Has a worker call `function(argument)` and returns immediately (Python: `submit`).
    ///
    /// A failure to submit becomes the task's result: [`Error::Serialize`] if the argument
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
    /// Submits everything before it returns. The results can be consumed as they come. The
    /// error of an item, or of the whole pool, stands in the item's place. Dropping the
    /// results cancels the tasks that have not started.
    pub fn map<I: Serialize, O: DeserializeOwned>(
        &self,
        function: impl Fn(I) -> O + 'static,
        items: impl IntoIterator<Item = I>,
    ) -> Map<O> {
        self.options().map(function, items)
    }

    /// As [`map`](ProcessPool::map), but sends the items in chunks (Python: `chunksize`).
    /// This is faster for many tiny tasks.
    ///
    /// One worker runs a chunk, which counts as one task. If an item fails, the others of
    /// its chunk do not (in Python they do). If the worker dies, the whole chunk fails.
    pub fn map_chunked<I: Serialize, O: DeserializeOwned>(
        &self,
        function: impl Fn(I) -> O + 'static,
        items: impl IntoIterator<Item = I>,
        chunk: NonZeroUsize,
    ) -> Map<O> {
        self.options().chunk_size(chunk).map(function, items)
    }

    /// As [`map`](ProcessPool::map), but draws at most `buffer` items ahead of the results
    /// that have been taken (Python: `buffersize`). So memory does not grow with the number
    /// of items.
    pub fn map_bounded<I: Serialize, O: DeserializeOwned, T: IntoIterator<Item = I>>(
        &self,
        function: impl Fn(I) -> O + 'static,
        items: T,
        buffer: NonZeroUsize,
    ) -> BoundedMap<O, T::IntoIter> {
        self.options().map_bounded(function, items, buffer)
    }

    /// Settings for single tasks: a time limit and a chunk size.
    pub fn options(&self) -> TaskOptions<'_> {
        TaskOptions {
            pool: self,
            time_limit: None,
            chunk_size: NonZeroUsize::MIN,
        }
    }

    /// Takes no more tasks from now on, and returns immediately (Python:
    /// `shutdown(wait=False)`). The pool finishes everything submitted in the background;
    /// then the workers exit.
    pub fn close(&self) {
        if self.scheduler.check_owner().is_ok() {
            self.scheduler.close(Shutdown::Finish);
        }
    }

    /// Takes no more tasks, and returns when every worker is gone and every callback has
    /// run. A second call is harmless. In a callback of this pool it does not wait.
    pub fn shutdown(&self, how: Shutdown) {
        if self.scheduler.check_owner().is_ok() {
            self.scheduler.close(how);
            self.scheduler.wait_for_end();
        }
    }

    /// The number of queued tasks, of workers, and of workers that have died.
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
    /// How long a task may run. After that the task fails with [`Error::TimeLimit`]: its
    /// worker is killed, and another one takes over.
    ///
    /// The time starts when the pool begins to send the task to a worker. A chunk is one
    /// task: all its items fail.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// How many items of a `map` are sent as one task: see [`ProcessPool::map_chunked`].
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
        // Freeing a big argument takes time, so the encoded task is submitted first.
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
        // If the iterator panics, the tasks submitted before are still run.
        let submitted = tasks.inspect(|task| submit(scheduler, task)).collect();
        Map::new(Arc::clone(scheduler), submitted)
    }

    /// As [`ProcessPool::map_bounded`]. A chunk has at most `buffer` items.
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
