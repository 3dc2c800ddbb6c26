//! What the threads of a pool share: the queue, how many workers there are, and when there
//! are to be more.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::builder::Builder;
use crate::callbacks::Callbacks;
use crate::connection::CallError;
use crate::error::{Error, StartError};
use crate::guard;
use crate::place::Place;
use crate::pool::Shutdown;
use crate::process::Process;
use crate::queue::Queue;
use crate::task::{Job, Running, Task, Told};
use crate::{lock, wait};

/// How many starts in a row may fail while no worker lives, before the pool breaks.
const FAILED_STARTS: u32 = 3;

pub(crate) struct Scheduler {
    pub(crate) settings: Builder,
    pub(crate) callbacks: Callbacks,
    state: Mutex<State>,
    /// For idle workers: there is a task, the pool is closing, or one of them died.
    work: Condvar,
    /// For those who wait until no worker is left, and for places that rest.
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
    /// Those of them whose start has failed, and who rest before it is tried again.
    resting: usize,
    /// How many starts in a row have failed since a worker was ready, or has ended.
    pub(crate) failed_starts: u32,
    closed: bool,
    killed: bool,
    pub(crate) broken: Option<StartError>,
    pub(crate) processes: Vec<Arc<Process>>,
    threads: Vec<JoinHandle<()>>,
}

impl State {
    /// Whether the workers are to end at once.
    pub(crate) fn is_over(&self) -> bool {
        self.killed || self.broken.is_some()
    }

    fn kill_all(&self) {
        self.processes.iter().for_each(|process| process.kill());
    }
}

/// The state, locked. Its fields are dropped in this order: who is to be told something is
/// told when the lock is free again.
pub(crate) struct Locked<'a> {
    state: MutexGuard<'a, State>,
    told: Vec<Told>,
}

impl Locked<'_> {
    fn wait(mut self, condvar: &Condvar, limit: Duration) -> Self {
        self.state = wait(condvar, self.state, limit);
        self
    }

    /// Takes no more tasks, and fails those that no worker has yet.
    fn clear(&mut self, error: &Error) {
        self.closed = true;
        self.told.extend(self.state.queue.clear(error));
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

impl Deref for Locked<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Scheduler {
    pub(crate) fn new(settings: Builder) -> Scheduler {
        Scheduler {
            settings,
            callbacks: Callbacks::default(),
            state: Mutex::default(),
            work: Condvar::new(),
            ended: Condvar::new(),
        }
    }

    pub(crate) fn lock(&self) -> Locked<'_> {
        Locked {
            state: lock(&self.state),
            told: Vec::new(),
        }
    }

    pub(crate) fn submit(self: &Arc<Self>, task: &Arc<Task>) -> Result<(), Error> {
        if !self.settings.may_know(&task.function) {
            return Err(Error::NotRegistered(task.function.name));
        }
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
            let submitted = self.submit(task);
            drop(submitted.map_err(|error| task.withdraw(error)));
        }
    }

    /// Wakes an idle worker if there is a task for it, or starts another one if there are
    /// more tasks than idle workers.
    pub(crate) fn see_to_the_queue(self: &Arc<Self>, state: &mut Locked<'_>) {
        let queued = state.queue.len();
        if queued > 0 && queued <= state.idle {
            self.work.notify_one();
        }
        let full = state.workers >= self.settings.max_workers || state.resting > 0;
        if queued <= state.idle || full || state.is_over() {
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
            // Those there are do the work, until there is occasion to try again.
            Err(_) if state.workers > 0 => {}
            Err(error) => state.break_down(error.into()),
        }
    }

    /// A worker is ready, so others can be started as well.
    pub(crate) fn start_succeeded(self: &Arc<Self>) {
        let mut state = self.lock();
        state.ready += 1;
        state.failed_starts = 0;
        self.see_to_the_queue(&mut state);
        self.ended.notify_all();
    }

    /// Has a place rest whose worker could not be started: what that was for want of may
    /// come back after 20 to 640 ms, or when another worker ends. A failed start harms nobody
    /// while others live; without them several break the pool.
    pub(crate) fn start_failed(&self, place: &mut Place, reason: StartError) {
        let mut state = self.lock();
        place.set_idle(&mut state, false);
        state.resting += 1;
        state.failed_starts += 1;
        let last = state.resting == state.workers;
        // Another attempt would end the same, or start another program that is no worker.
        let unanswered = matches!(reason, StartError::Handshake(_));
        let certain = unanswered || guard::pool_above().is_some();
        let hopeless = last && (certain || state.failed_starts >= FAILED_STARTS);
        // So would every other worker's.
        let initializers = match reason {
            StartError::Initializer(_) => true,
            StartError::Died { in_initializer, .. } => in_initializer,
            _ => false,
        };
        if initializers || hopeless && state.queue.len() > 0 {
            state.break_down(reason);
        } else {
            let pause = match state.ready == 0 && !last {
                // While nobody lives, those who are still on their start decide.
                true => Duration::MAX,
                false => Duration::from_millis(10 << state.failed_starts.min(6)),
            };
            let there = (state.workers, state.ready);
            let rests = |state: &mut State| {
                let is_same = (state.workers, state.ready) == there;
                is_same && state.queue.len() > 0 && !state.is_over()
            };
            let ended = self.ended.wait_timeout_while(state.state, pause, rests);
            state.state = ended.unwrap_or_else(|poison| poison.into_inner()).0;
        }
        state.resting -= 1;
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
            state = state.wait(&self.work, Duration::MAX);
        }
        None
    }

    /// Fails the task of a worker that is gone: in a broken pool with what broke it. But a
    /// job that cannot have begun is sent again. Every worker there was may have died
    /// unnoticed, and a new one too, but no job is sent for ever.
    pub(crate) fn worker_lost(&self, mut running: Running, lost: CallError) {
        let most = self.settings.max_workers + 1;
        let mut state = self.lock();
        let job = lost.unbegun.filter(|_| !state.is_over());
        if let Some(mut job) = job.filter(|job| job.lost < most) {
            job.lost += 1;
            match running.put_back(job) {
                Ok(task) => {
                    state.queue.push_front(task);
                    self.work.notify_one();
                    return;
                }
                Err(killed) => running = killed,
            }
        }
        let broken = state.broken.clone().map(Error::Broken);
        drop(state);
        running.finish(Err(broken.unwrap_or(lost.error)));
    }

    /// Cancels a task that no worker has yet.
    pub(crate) fn cancel(&self, task: &Task) -> bool {
        let told = self.lock().queue.cancel(task);
        told.is_some()
    }

    /// Takes no more tasks, and treats those there are as asked.
    pub(crate) fn close(&self, how: Shutdown) {
        let mut state = self.lock();
        state.closed = true;
        if how != Shutdown::Finish {
            state.clear(&Error::Cancelled);
        }
        if how == Shutdown::Kill {
            state.killed = true;
            state.kill_all();
        }
        drop(state);
        self.wake_all();
    }

    /// Has idle workers, and whoever waits for an end, look what has changed.
    pub(crate) fn wake_all(&self) {
        // Under the lock, so that nobody goes to sleep without knowing.
        let _state = self.lock();
        self.work.notify_all();
        self.ended.notify_all();
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
            state = state.wait(&self.ended, Duration::MAX);
        }
        let threads = std::mem::take(&mut state.threads);
        drop(state);
        for thread in threads {
            let _ = thread.join(); // It catches the panics of others.
        }
        self.callbacks.finish();
    }
}
