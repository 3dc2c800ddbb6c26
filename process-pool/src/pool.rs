//! The pool: a queue of jobs, and one thread for each worker that draws from it.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{BuildError, Cause, Error, Value};
use crate::explain;
use crate::handle::{Handle, Job, Slot};
use crate::lock;
use crate::process::{Conversation, Lost, Process, Recipe};
use crate::results::Map;
use crate::transport::Transport;
use crate::worker::{self, InitializerResult, WorkerEntry};

/// The most workers a pool may have.
pub const MAX_WORKERS: usize = 16_384;

/// How deep pools may be nested: a worker at this depth cannot build one.
pub const MAX_DEPTH: u32 = 10;

/// A pool of worker processes: Python's `ProcessPoolExecutor`.
///
/// Workers are started when there is work for them and no idle one to do it. All methods
/// take `&self`, so threads may share a pool.
///
/// Dropping the pool is like leaving Python's `with` block: everything submitted is
/// finished first, also while unwinding from a panic, and no worker is left behind. See
/// [`shutdown`](ProcessPool::shutdown) for the other ways to end.
pub struct ProcessPool {
    shared: Arc<Shared>,
}

/// Settings of a pool: see [`ProcessPool::builder`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    max_workers: Option<usize>,
    max_tasks_per_child: Option<usize>,
    recipe: Recipe,
    refused: Option<BuildError>,
}

/// How [`ProcessPool::shutdown`] treats what has been submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Finish all of it.
    Finish,
    /// Cancel what has not started; finish the rest (Python: `cancel_futures=True`).
    CancelQueued,
    /// Cancel what has not started and kill the workers: a running task ends as
    /// [`Error::Died`].
    Kill,
}

/// What the threads of a pool share.
struct Shared {
    max_workers: usize,
    max_tasks_per_child: Option<usize>,
    recipe: Recipe,
    state: Mutex<State>,
    /// For idle workers: there is a job, the pool is closing, or one of them died.
    work: Condvar,
    /// For those who wait until no worker is left.
    ended: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Arc<Slot>>,
    /// The workers there are or are about to be. While anything is queued there is one,
    /// unless the pool is broken.
    workers: usize,
    /// Those of them that wait for a job, or will as soon as they have started.
    idle: usize,
    closed: bool,
    killed: bool,
    broken: Option<Cause>,
    processes: Vec<Arc<Process>>,
    threads: Vec<JoinHandle<()>>,
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
        Builder {
            max_workers: None,
            max_tasks_per_child: None,
            recipe: Recipe {
                command: None,
                transport: Transport::default(),
                initializer: None,
                start_timeout: Duration::from_secs(60),
                on_start: None,
            },
            refused: None,
        }
    }

    /// Has a worker call `function(argument)` and returns at once (Python: `submit`).
    ///
    /// # Errors
    /// [`Error::ShutDown`], [`Error::Broken`], [`Error::NotRegistered`], and
    /// [`Error::Serialize`] for an argument that cannot be sent.
    pub fn submit<F, I, O>(&self, function: F, argument: I) -> Result<Handle<O>, Error>
    where
        F: Fn(I) -> O + 'static,
        I: Serialize,
        O: DeserializeOwned,
    {
        let _ = function;
        let mut job = self.job::<F>()?;
        put_argument(&mut job, &argument)?;
        let slot = self.shared.submit(job)?;
        // To free a big argument takes time, in which its bytes are under way already.
        drop(argument);
        Ok(Handle::new(slot))
    }

    /// Has workers call `function` on each item and gives the results in the order of the
    /// items (Python: `map`).
    ///
    /// Everything is submitted before this returns; the results can be consumed as they
    /// come. What goes wrong with an item, or with the whole pool, appears in the item's
    /// place.
    pub fn map<F, I, O>(&self, function: F, items: impl IntoIterator<Item = I>) -> Map<O>
    where
        F: Fn(I) -> O + 'static,
        I: Serialize,
        O: DeserializeOwned,
    {
        self.map_chunked(function, items, NonZeroUsize::MIN)
    }

    /// As [`map`](ProcessPool::map), but sends the items in chunks, which is worth while
    /// for many tiny tasks (Python: `chunksize`).
    ///
    /// A chunk is run by one worker and counts as one task. An item that fails leaves the
    /// others of its chunk alone (in Python it takes them with it), but a worker's death
    /// fails them all.
    pub fn map_chunked<F, I, O>(
        &self,
        function: F,
        items: impl IntoIterator<Item = I>,
        chunk: NonZeroUsize,
    ) -> Map<O>
    where
        F: Fn(I) -> O + 'static,
        I: Serialize,
        O: DeserializeOwned,
    {
        let _ = function;
        let name = worker::name_of::<F>();
        let chunk = u32::try_from(chunk.get()).unwrap_or(u32::MAX);
        let mut slots = Vec::new();
        let mut send = |job: Result<Job, Error>, items| {
            let slot = job.and_then(|job| self.shared.submit(job));
            let slot = slot.unwrap_or_else(|error| Arc::new(Slot::failed(name, error)));
            slots.push((slot, items));
        };
        let empty = || Job::new(name);
        let registered = self.job::<F>().map(drop);
        let mut job = empty();
        for item in items {
            let put = registered
                .clone()
                .and_then(|()| put_argument(&mut job, &item));
            let failed = put.is_err();
            if job.calls == chunk || (failed && job.calls > 0) {
                let items = job.calls as usize;
                send(Ok(std::mem::replace(&mut job, empty())), items);
            }
            if let Err(error) = put {
                send(Err(error), 1);
            }
        }
        if job.calls > 0 {
            let items = job.calls as usize;
            send(Ok(job), items);
        }
        Map::new(slots)
    }

    /// Takes no more tasks from now on, and returns at once (Python: `shutdown(wait=False)`).
    /// Everything submitted is finished, in the background; then the workers leave.
    pub fn close(&self) {
        lock(&self.shared.state).closed = true;
        self.shared.work.notify_all();
    }

    /// Takes no more tasks, and returns when every worker has gone. Doing it again is
    /// harmless; from a callback of this pool it does not wait.
    pub fn shutdown(&self, how: Shutdown) {
        match how {
            Shutdown::Finish => {}
            Shutdown::CancelQueued => self.shared.withdraw_all(&Error::Cancelled),
            Shutdown::Kill => {
                lock(&self.shared.state).killed = true;
                self.shared.withdraw_all(&Error::Cancelled);
                self.shared.kill_all();
            }
        }
        self.close();
        self.shared.wait_for_end();
    }

    /// An empty job for a function, if workers know it.
    fn job<F: 'static>(&self) -> Result<Job, Error> {
        let function = worker::name_of::<F>();
        let known = self.shared.recipe.command.is_some()
            || WorkerEntry::entered().is_some_and(|entry| entry.has_function(function));
        if !known {
            return Err(Error::NotRegistered(function));
        }
        Ok(Job::new(function))
    }
}

/// Adds a call with this argument to the job, or leaves it as it was.
fn put_argument<I: Serialize>(job: &mut Job, argument: &I) -> Result<(), Error> {
    let start = job.arguments.len();
    worker::put(&mut job.arguments, argument).map_err(|error| {
        job.arguments.truncate(start);
        Error::Serialize {
            value: Value::Argument,
            message: explain::refusal(argument, &error),
        }
    })?;
    job.calls += 1;
    Ok(())
}

impl Drop for ProcessPool {
    fn drop(&mut self) {
        self.shutdown(Shutdown::Finish);
    }
}

impl fmt::Debug for ProcessPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.shared.state);
        f.debug_struct("ProcessPool")
            .field("max_workers", &self.shared.max_workers)
            .field("workers", &state.workers)
            .field("queued", &state.queue.len())
            .field("broken", &state.broken)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// The most workers there may be at a time. The default is the number of CPUs that this
    /// process may use.
    pub fn max_workers(mut self, workers: usize) -> Builder {
        self.max_workers = Some(workers);
        self
    }

    /// Replaces a worker after so many tasks, for tasks that leave something behind.
    pub fn max_tasks_per_child(mut self, tasks: usize) -> Builder {
        self.max_tasks_per_child = Some(tasks);
        self
    }

    /// Has every worker call `initializer(argument)` before its first task. It must be in
    /// the worker entry, and may return nothing or a `Result`. If it fails, the pool breaks.
    pub fn initializer<F, A, R>(mut self, initializer: F, argument: A) -> Builder
    where
        F: Fn(A) -> R + 'static,
        A: Serialize,
        R: InitializerResult,
    {
        let _ = initializer;
        let mut bytes = Vec::new();
        match worker::put(&mut bytes, &argument) {
            Ok(()) => self.recipe.initializer = Some((worker::name_of::<F>(), bytes)),
            Err(error) => {
                self.refused =
                    Some(BuildError::Argument(explain::refusal(&argument, &error)))
            }
        }
        self
    }

    /// Starts workers by another command than this program. The program it starts must
    /// enter a worker entry that names the same functions, and must look at its last
    /// argument, which is added to the command, for nothing else.
    ///
    /// Tests need this: under `cargo test` this program is the test harness.
    pub fn worker_command(
        mut self,
        command: impl Fn() -> Command + Send + Sync + 'static,
    ) -> Builder {
        self.recipe.command = Some(Box::new(command));
        self
    }

    /// What the frames travel through. The default suits the platform.
    pub fn transport(mut self, transport: Transport) -> Builder {
        self.recipe.transport = transport;
        self
    }

    /// How long a worker may take to answer at all before the pool gives up on it and
    /// breaks; its initializer may take as long as it likes. The default is a minute.
    pub fn start_timeout(mut self, limit: Duration) -> Builder {
        self.recipe.start_timeout = limit;
        self
    }

    /// Is told the process id of every worker that is ready for its first task, from a
    /// thread of the pool.
    pub fn on_worker_start(
        mut self,
        hook: impl Fn(u32) + Send + Sync + 'static,
    ) -> Builder {
        self.recipe.on_start = Some(Box::new(hook));
        self
    }

    /// Makes the pool; workers are started when there is work.
    ///
    /// # Errors
    /// A setting that makes no sense, a program that did not enter a worker entry: see
    /// [`BuildError`].
    pub fn build(self) -> Result<ProcessPool, BuildError> {
        let Builder {
            max_workers,
            max_tasks_per_child,
            recipe,
            refused,
        } = self;
        let entry = WorkerEntry::entered();
        // A marked process that has not entered was meant to be a worker: whatever the
        // command, its pool would start another like it.
        if entry.is_none() && (recipe.command.is_none() || worker::mark().is_some()) {
            return Err(BuildError::NotEntered);
        }
        if let Some(refused) = refused {
            return Err(refused);
        }
        let max_workers = max_workers
            .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
        if !(1..=MAX_WORKERS).contains(&max_workers) {
            return Err(BuildError::MaxWorkers(max_workers));
        }
        if max_tasks_per_child == Some(0) {
            return Err(BuildError::MaxTasksPerChild);
        }
        if worker::depth() >= MAX_DEPTH {
            return Err(BuildError::TooDeep);
        }
        if let (None, Some(entry), Some((name, _))) =
            (&recipe.command, entry, &recipe.initializer)
            && !entry.has_initializer(name)
        {
            return Err(BuildError::NotRegistered(name));
        }
        Ok(ProcessPool {
            shared: Arc::new(Shared {
                max_workers,
                max_tasks_per_child,
                recipe,
                state: Mutex::default(),
                work: Condvar::new(),
                ended: Condvar::new(),
            }),
        })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("max_workers", &self.max_workers)
            .field("max_tasks_per_child", &self.max_tasks_per_child)
            .field("transport", &self.recipe.transport)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn submit(self: &Arc<Self>, job: Job) -> Result<Arc<Slot>, Error> {
        let slot = Arc::new(Slot::new(job));
        let mut state = lock(&self.state);
        if let Some(cause) = &state.broken {
            return Err(Error::Broken(cause.clone()));
        }
        if state.closed || state.killed {
            return Err(Error::ShutDown);
        }
        state.queue.push_back(Arc::clone(&slot));
        if state.queue.len() <= state.idle {
            self.work.notify_one();
        } else if state.workers < self.max_workers {
            let shared = Arc::clone(self);
            let name = "process-pool".to_owned();
            match thread::Builder::new()
                .name(name)
                .spawn(move || shared.work())
            {
                Ok(thread) => {
                    state.workers += 1;
                    state.idle += 1;
                    state.threads.retain(|thread| !thread.is_finished());
                    state.threads.push(thread);
                }
                // Those there are will do the work.
                Err(_) if state.workers > 0 => {}
                Err(error) => {
                    drop(state);
                    self.break_down(Cause::Start(Arc::new(error)));
                }
            }
        }
        Ok(slot)
    }

    /// The life of a worker thread: one worker after the other, as long as there is work.
    fn work(self: Arc<Self>) {
        loop {
            if let Err(cause) = self.employ() {
                self.break_down(cause);
            }
            let mut state = lock(&self.state);
            // The idle ones do what is queued, unless it is more than they can take on.
            if state.queue.len() <= state.idle {
                state.workers -= 1;
                self.ended.notify_all();
                return;
            }
            state.idle += 1;
        }
    }

    /// The life of one worker, from its start to its end. It is counted as idle on entry.
    fn employ(self: &Arc<Self>) -> Result<(), Cause> {
        let on_death = {
            let shared = Arc::downgrade(self);
            move || {
                if let Some(shared) = shared.upgrade() {
                    // Under the lock, so that no worker goes to sleep without knowing.
                    let _state = lock(&shared.state);
                    shared.work.notify_all();
                }
            }
        };
        let spawned = self.recipe.spawn(on_death);
        let mut state = lock(&self.state);
        let (process, waiter) = match spawned {
            Ok(spawned) => spawned,
            Err(cause) => {
                state.idle -= 1;
                return Err(cause);
            }
        };
        state.processes.push(Arc::clone(&process));
        if state.killed || state.broken.is_some() {
            process.kill();
        }
        drop(state);

        let served = match Conversation::open(&process, &self.recipe) {
            Ok(mut conversation) => {
                self.serve(&process, &mut conversation);
                process.dismiss();
                Ok(())
            }
            Err(cause) => {
                lock(&self.state).idle -= 1;
                process.kill();
                Err(cause)
            }
        };
        // It takes the status of the process, so that nothing of it is left.
        let _ = waiter.join();
        lock(&self.state)
            .processes
            .retain(|other| !Arc::ptr_eq(other, &process));
        served
    }

    /// Feeds one worker until it dies, has had its share, or there is no more to do.
    fn serve(&self, process: &Process, conversation: &mut Conversation<'_>) {
        let mut next = self.wait_for_job(process);
        let mut tasks = 0;
        while let Some((slot, job)) = next {
            let outcome = match conversation.run(job) {
                Ok(results) => Ok(Arc::new(results)),
                Err(Lost::TooLong(message)) => Err(Error::Serialize {
                    value: Value::Argument,
                    message,
                }),
                Err(Lost::Undelivered(job)) => return self.take_back(slot, job),
                Err(Lost::Died(how)) => {
                    let error = Error::Died {
                        worker: process.pid,
                        how,
                    };
                    return slot.finish(Err(self.blame(error)));
                }
                Err(Lost::Protocol(message)) => {
                    let error = Error::Protocol {
                        worker: process.pid,
                        message,
                    };
                    return slot.finish(Err(self.blame(error)));
                }
            };
            tasks += 1;
            if Some(tasks) == self.max_tasks_per_child {
                return slot.finish(outcome);
            }
            // In this order: whoever sees the result must find this worker idle, or another
            // would be started.
            next = lock(&self.state).release();
            slot.finish(outcome);
            if next.is_none() {
                next = self.wait_for_job(process);
            }
        }
    }

    /// Waits, as an idle worker, until there is a job or nothing to wait for.
    fn wait_for_job(&self, process: &Process) -> Option<(Arc<Slot>, Job)> {
        let mut state = lock(&self.state);
        while !process.is_dead() && !state.killed && state.broken.is_none() {
            if let Some(job) = state.next_job() {
                return Some(job);
            }
            if state.closed {
                break;
            }
            state = self
                .work
                .wait(state)
                .unwrap_or_else(|poison| poison.into_inner());
        }
        state.idle -= 1;
        None
    }

    /// Puts back a job whose worker was dead before it could have started.
    fn take_back(&self, slot: Arc<Slot>, job: Job) {
        slot.unstart(job);
        let mut state = lock(&self.state);
        if !state.killed && state.broken.is_none() {
            state.queue.push_front(slot);
            self.work.notify_one();
            return;
        }
        drop(state);
        slot.withdraw(self.blame(Error::Cancelled));
    }

    /// The error of a task whose worker is gone: in a broken pool, what broke it.
    fn blame(&self, error: Error) -> Error {
        match &lock(&self.state).broken {
            Some(cause) => Error::Broken(cause.clone()),
            None => error,
        }
    }

    /// The pool cannot go on: nothing waits, nothing runs, nothing is taken any more.
    fn break_down(&self, cause: Cause) {
        let mut state = lock(&self.state);
        if !state.killed {
            state.broken.get_or_insert(cause);
        }
        drop(state);
        let error = self.blame(Error::Cancelled);
        self.withdraw_all(&error);
        self.kill_all();
        self.work.notify_all();
    }

    /// Empties the queue.
    fn withdraw_all(&self, error: &Error) {
        let queue = std::mem::take(&mut lock(&self.state).queue);
        for slot in queue {
            slot.withdraw(error.clone());
        }
    }

    fn kill_all(&self) {
        let processes = lock(&self.state).processes.clone();
        for process in processes {
            process.kill();
        }
    }

    /// Returns when no worker and no thread of this pool is left, other than the caller.
    fn wait_for_end(&self) {
        let mut state = lock(&self.state);
        let me = thread::current().id();
        if state
            .threads
            .iter()
            .any(|thread| thread.thread().id() == me)
        {
            return;
        }
        while state.workers > 0 {
            state = self
                .ended
                .wait(state)
                .unwrap_or_else(|poison| poison.into_inner());
        }
        let threads = std::mem::take(&mut state.threads);
        drop(state);
        for thread in threads {
            // It catches the panics of others and has none of its own.
            let _ = thread.join();
        }
    }
}

impl State {
    /// Makes a worker idle, unless there is a job for it.
    fn release(&mut self) -> Option<(Arc<Slot>, Job)> {
        self.idle += 1;
        self.next_job()
    }

    /// Gives an idle worker the next job that has not been cancelled.
    fn next_job(&mut self) -> Option<(Arc<Slot>, Job)> {
        while let Some(slot) = self.queue.pop_front() {
            if let Some(job) = slot.start() {
                self.idle -= 1;
                return Some((slot, job));
            }
        }
        None
    }
}
