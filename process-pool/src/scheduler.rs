//! What the threads of a pool share: the queue, how many workers there are, and when there
//! are to be more.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use crate::callbacks::Callbacks;
use crate::error::{Error, StartError};
use crate::guard;
use crate::place::Place;
use crate::process::{Process, WorkerConfig};
use crate::queue::Queue;
use crate::task::{Job, Running, Task, Told};
use crate::{lock, wait};

/// How many starts in a row may fail while no worker lives, before the pool breaks.
const FAILED_STARTS: u32 = 3;

pub(crate) struct Scheduler {
    pub(crate) max_workers: usize,
    pub(crate) max_tasks_per_child: Option<usize>,
    pub(crate) config: WorkerConfig,
    pub(crate) callbacks: Callbacks,
    state: Mutex<State>,
    /// For idle workers: there is a task, the pool is closing, or one of them died.
    work: Condvar,
    /// For those who wait until no worker is left.
    ended: Condvar,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) queue: Queue,
    /// The workers there are or are about to be, each with a thread and a [`Place`]. While
    /// anything is queued there is one, unless the pool is broken.
    pub(crate) workers: usize,
    /// Those of them that wait for a task, or will as soon as they have started.
    pub(crate) idle: usize,
    /// Those of them that are past their start.
    pub(crate) ready: usize,
    /// How many starts in a row have failed while no worker was ready.
    failed_starts: u32,
    /// A start has failed, and no worker has ended since: the others do the work.
    shortage: bool,
    closed: bool,
    killed: bool,
    pub(crate) broken: Option<StartError>,
    pub(crate) processes: Vec<Arc<Process>>,
    threads: Vec<JoinHandle<()>>,
    /// Who is to be told something when the lock is free again.
    told: Vec<Told>,
}

impl State {
    /// Whether the workers are to end at once.
    pub(crate) fn is_over(&self) -> bool {
        self.killed || self.broken.is_some()
    }

    /// Takes no more tasks, and fails those that no worker has yet.
    fn clear(&mut self, error: &Error) {
        self.closed = true;
        let told = self.queue.clear(error);
        self.told.extend(told);
    }

    fn kill_all(&self) {
        self.processes.iter().for_each(|process| process.kill());
    }

    /// Nothing waits, nothing runs, nothing is taken any more.
    fn break_down(&mut self, reason: StartError) {
        if !self.killed {
            self.clear(&Error::Broken(reason.clone()));
            self.broken.get_or_insert(reason);
            self.kill_all();
        }
    }
}

/// The state, locked. Those who are to be told are told after that.
pub(crate) struct Locked<'a>(Option<MutexGuard<'a, State>>);

impl<'a> Locked<'a> {
    fn wait(mut self, condvar: &Condvar) -> Locked<'a> {
        Locked(self.0.take().map(|state| wait(condvar, state)))
    }
}

impl Deref for Locked<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        self.0.as_ref().expect("it is locked until it is dropped")
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.0.as_mut().expect("it is locked until it is dropped")
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if let Some(mut state) = self.0.take() {
            let told = std::mem::take(&mut state.told);
            drop(state);
            drop(told);
        }
    }
}

impl Scheduler {
    pub(crate) fn new(
        max_workers: usize,
        max_tasks_per_child: Option<usize>,
        config: WorkerConfig,
    ) -> Scheduler {
        Scheduler {
            max_workers,
            max_tasks_per_child,
            config,
            callbacks: Callbacks::default(),
            state: Mutex::default(),
            work: Condvar::new(),
            ended: Condvar::new(),
        }
    }

    pub(crate) fn lock(&self) -> Locked<'_> {
        Locked(Some(lock(&self.state)))
    }

    pub(crate) fn submit(self: &Arc<Self>, task: &Arc<Task>) -> Result<(), Error> {
        let mut state = self.lock();
        match &state.broken {
            Some(reason) => return Err(Error::Broken(reason.clone())),
            None if state.closed => return Err(Error::ShutDown),
            None => state.queue.push(Arc::clone(task)),
        }
        self.see_to_the_queue(&mut state);
        Ok(())
    }

    /// For a task of many: what is wrong appears in its place. It may have failed already.
    pub(crate) fn submit_or_fail(self: &Arc<Self>, task: &Arc<Task>) {
        if task.is_queued() {
            let told = self.submit(task).map_err(|error| task.withdraw(error));
            drop(told);
        }
    }

    /// Wakes an idle worker if there is a task for it, or starts another one if there are
    /// more tasks than idle workers.
    pub(crate) fn see_to_the_queue(self: &Arc<Self>, state: &mut State) {
        let queued = state.queue.len();
        if queued > 0 && queued <= state.idle {
            self.work.notify_one();
        }
        let full = state.workers >= self.max_workers || state.shortage || state.is_over();
        if queued <= state.idle || full {
            return;
        }
        let scheduler = Arc::clone(self);
        let thread = thread::Builder::new()
            .name("process-pool".to_owned())
            .spawn(move || Place::adopt(scheduler).work());
        match thread {
            Ok(thread) => {
                // The thread's `Place` gives these back.
                state.workers += 1;
                state.idle += 1;
                state.threads.retain(|thread| !thread.is_finished());
                state.threads.push(thread);
            }
            // Those there are will do the work.
            Err(_) if state.workers > 0 => state.shortage = true,
            Err(error) => state.break_down(StartError::spawn(error)),
        }
    }

    /// A worker is ready, so others can be started as well.
    pub(crate) fn start_succeeded(self: &Arc<Self>) {
        let mut state = self.lock();
        state.ready += 1;
        state.failed_starts = 0;
        state.shortage = false;
        self.see_to_the_queue(&mut state);
    }

    /// A place has been given back, by whatever it was that ended the worker: perhaps there
    /// is another one to start, or nobody left to wait for. A failed start is no more than
    /// a shortage while others live.
    pub(crate) fn worker_ended(
        self: &Arc<Self>,
        state: &mut State,
        failure: Option<StartError>,
    ) {
        state.shortage = failure.is_some() && state.workers > 0;
        if let Some(reason) = failure {
            let alone = state.ready == 0;
            state.failed_starts += match reason {
                _ if !alone => 0,
                // Another attempt would end the same, or, below a worker that does not know
                // itself, start another one like it.
                StartError::Handshake(_) => FAILED_STARTS,
                _ if guard::is_below_a_worker() => FAILED_STARTS,
                _ => 1,
            };
            let hopeless = state.workers == 0 && state.failed_starts >= FAILED_STARTS;
            if reason.is_the_initializers() || hopeless && state.queue.len() > 0 {
                state.break_down(reason);
            }
        }
        self.see_to_the_queue(state);
        self.work.notify_all();
        self.ended.notify_all();
    }

    /// Waits, as an idle worker, until there is a task or nothing to wait for.
    pub(crate) fn next_task(
        &self,
        place: &mut Place,
        worker: &Arc<Process>,
    ) -> Option<(Running, Job)> {
        let mut state = self.lock();
        while !worker.is_dead() && !state.is_over() {
            if let Some(task) = state.queue.pop(worker) {
                place.set_idle(&mut state, false);
                return Some(task);
            }
            if state.closed {
                break;
            }
            state = state.wait(&self.work);
        }
        None
    }

    /// Sends a job again whose worker was dead before the job could have begun. Every
    /// worker there was may have died unnoticed, and a new one too, but no job is sent for
    /// ever.
    pub(crate) fn send_again(&self, mut running: Running, mut job: Job, error: Error) {
        job.undelivered += 1;
        let hopeless = job.undelivered as usize > self.max_workers + 1;
        let mut state = self.lock();
        let put_back = match hopeless || state.is_over() {
            true => None,
            false => running.put_back(job),
        };
        match put_back {
            Some(task) => {
                state.queue.push_front(task);
                self.work.notify_one();
            }
            None => {
                drop(state);
                running.finish(Err(self.blame(error)));
            }
        }
    }

    /// The error of a task whose worker is gone: in a broken pool, what broke it.
    pub(crate) fn blame(&self, error: Error) -> Error {
        match &self.lock().broken {
            Some(reason) => Error::Broken(reason.clone()),
            None => error,
        }
    }

    /// Cancels a task that no worker has yet.
    pub(crate) fn cancel(&self, task: &Task) -> bool {
        let mut state = self.lock();
        let told = state.queue.cancel(task);
        let cancelled = told.is_some();
        state.told.extend(told);
        cancelled
    }

    /// Takes no more tasks.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
    }

    /// Takes no more tasks, and cancels those that no worker has yet.
    pub(crate) fn cancel_queued(&self) {
        self.lock().clear(&Error::Cancelled);
        self.work.notify_all();
    }

    /// Ends everything.
    pub(crate) fn kill(&self) {
        let mut state = self.lock();
        state.killed = true;
        state.kill_all();
        drop(state);
        self.cancel_queued();
    }

    /// Has idle workers look whether they live.
    pub(crate) fn wake_idle(&self) {
        // Under the lock, so that no worker goes to sleep without knowing.
        let _state = self.lock();
        self.work.notify_all();
    }

    /// Returns when no worker and no thread of this pool is left, other than the caller.
    pub(crate) fn wait_for_end(&self) {
        let mut state = self.lock();
        let me = thread::current().id();
        let mut own = state.threads.iter().map(|thread| thread.thread().id());
        if own.any(|id| id == me) || self.callbacks.thread() == Some(me) {
            return;
        }
        while state.workers > 0 {
            state = state.wait(&self.ended);
        }
        let threads = std::mem::take(&mut state.threads);
        drop(state);
        for thread in threads {
            // It catches the panics of others and has none of its own.
            let _ = thread.join();
        }
        self.callbacks.finish();
    }
}
