//! What the threads of a pool share: the queue, the number of workers, and the rule for
//! when to start another one.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::callbacks::Callbacks;
use super::process::Process;
use super::queue::Queue;
use super::settings::Settings;
use super::start_rule::{Decision, Situation, after_failed_start};
use super::task::{RunningTask, Task, Waiters};
use crate::error::{Error, StartError};
use crate::sync::{catch, lock, wait};
use crate::wire::message::Arguments;
use crate::wire::nesting;

/// How [`ProcessPool::shutdown`](crate::ProcessPool::shutdown) treats what has been
/// submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shutdown {
    /// Finish all of it.
    Finish,
    /// Cancel what has not started; finish the rest (Python: `cancel_futures=True`).
    CancelQueued,
    /// Cancel what has not started and kill the workers. A running task fails with
    /// [`Error::Died`].
    Kill,
}

pub(crate) struct Scheduler {
    pub(crate) settings: Settings,
    pub(crate) callbacks: Callbacks,
    /// The process that built the pool and runs its threads.
    owner: u32,
    state: Mutex<State>,
    /// Held while the last threads are joined.
    end: Mutex<()>,
    /// Wakes idle workers: a task was queued, the pool is ending, or a worker has died.
    work: Condvar,
    /// Wakes threads that wait for a change: a worker is ready or has ended, the stage has
    /// changed, or callbacks have run.
    changed: Condvar,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) stage: PoolStage,
    pub(crate) queue: Queue,
    pub(crate) workers: Workers,
    pub(crate) processes: Vec<Arc<Process>>,
    /// How many starts in a row have failed. A worker that becomes ready or ends resets it.
    failed_starts: u32,
    /// See [`Metrics::deaths`](crate::Metrics::deaths).
    pub(crate) deaths: u64,
    threads: Vec<JoinHandle<()>>,
    /// How many threads are calling the callbacks of failed tasks.
    waking: usize,
}

/// Whether the pool takes tasks, or how it ends.
#[derive(Clone, Debug, Default)]
pub(crate) enum PoolStage {
    #[default]
    Open,
    /// The pool takes no more tasks and finishes the queued ones.
    Closing,
    /// The workers are being killed.
    Killed,
    /// The pool has failed for this reason.
    Broken(StartError),
}

/// What a worker is doing, from the start of its thread to the thread's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// Its process is being started.
    Starting,
    /// It waits for a task.
    Idle,
    /// It runs a task.
    Running,
    /// It takes no more tasks. Its process was ready and is now ending.
    Ending,
    /// Its process could not be started. It waits before another attempt.
    BackingOff,
}

/// The number of workers in each [`Activity`].
#[derive(Clone, Copy, Default)]
pub(crate) struct Workers {
    starting: usize,
    idle: usize,
    pub(crate) running: usize,
    ending: usize,
    backing_off: usize,
}

impl Workers {
    fn of(&mut self, activity: Activity) -> &mut usize {
        match activity {
            Activity::Starting => &mut self.starting,
            Activity::Idle => &mut self.idle,
            Activity::Running => &mut self.running,
            Activity::Ending => &mut self.ending,
            Activity::BackingOff => &mut self.backing_off,
        }
    }

    pub(crate) fn total(&self) -> usize {
        self.starting + self.started() + self.backing_off
    }

    /// The workers that are idle, or will be once they have started.
    pub(crate) fn available(&self) -> usize {
        self.starting + self.idle
    }

    /// The workers that have been ready.
    pub(crate) fn started(&self) -> usize {
        self.idle + self.running + self.ending
    }

    pub(crate) fn add(&mut self, activity: Activity) {
        *self.of(activity) += 1;
    }

    pub(crate) fn remove(&mut self, activity: Activity) {
        *self.of(activity) -= 1;
    }
}

impl State {
    /// Whether the workers are to end without finishing their tasks.
    pub(crate) fn is_terminating(&self) -> bool {
        matches!(self.stage, PoolStage::Killed | PoolStage::Broken(_))
    }

    /// Why the pool takes no more tasks; `None` if it does.
    fn refusal(&self) -> Option<Error> {
        match &self.stage {
            PoolStage::Open => None,
            PoolStage::Broken(reason) => Some(Error::Broken(reason.clone())),
            PoolStage::Closing | PoolStage::Killed => Some(Error::ShutDown),
        }
    }

    pub(crate) fn broken(&self) -> Option<&StartError> {
        match &self.stage {
            PoolStage::Broken(reason) => Some(reason),
            _ => None,
        }
    }

    /// Fails all queued tasks, and kills all workers.
    fn mark_broken(&mut self, reason: StartError) -> Vec<Waiters> {
        if self.is_terminating() {
            return Vec::new();
        }
        let waiters = self.queue.clear(&Error::Broken(reason.clone()));
        self.stage = PoolStage::Broken(reason);
        self.kill_all();
        waiters
    }

    fn kill_all(&self) {
        for process in &self.processes {
            process.kill();
        }
    }
}

impl Scheduler {
    pub(crate) fn new(settings: Settings) -> Scheduler {
        Scheduler {
            settings,
            callbacks: Callbacks::default(),
            owner: std::process::id(),
            state: Mutex::default(),
            end: Mutex::default(),
            work: Condvar::new(),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Fails in a process that was forked from the pool's. A fork does not copy the pool's
    /// threads, so a lock that one of them held stays locked for ever.
    pub(crate) fn check_owner(&self) -> Result<(), Error> {
        match self.owner == std::process::id() {
            true => Ok(()),
            false => Err(Error::Forked { owner: self.owner }),
        }
    }

    /// Queues a task. Returns with the lock still held, so that the caller can start a
    /// worker before another thread sees the queue.
    pub(crate) fn enqueue(
        &self,
        task: &Arc<Task>,
    ) -> Result<MutexGuard<'_, State>, Error> {
        self.check_owner()?;
        if !self.settings.may_know(&task.function) {
            return Err(Error::NotRegistered(task.function.name));
        }
        let mut state = self.lock();
        if let Some(error) = state.refusal() {
            return Err(error);
        }
        state.queue.push(Arc::clone(task));
        Ok(state)
    }

    /// Wakes an idle worker for a queued task. If more tasks are queued than workers are
    /// available, all of these have been woken already.
    pub(crate) fn wake_worker(&self, state: &State) {
        if (1..=state.workers.available()).contains(&state.queue.len()) {
            self.work.notify_one();
        }
    }

    /// Whether to start another worker: more tasks are queued than workers are available,
    /// and the maximum is not reached.
    pub(crate) fn wants_worker(&self, state: &State) -> bool {
        state.queue.len() > state.workers.available()
            && state.workers.total() < self.settings.max_workers
            && state.workers.backing_off == 0
            && !state.is_terminating()
    }

    /// Counts a worker that is being started on this thread.
    pub(crate) fn add_worker(&self, state: &mut State, thread: JoinHandle<()>) {
        state.workers.add(Activity::Starting);
        state.threads.retain(|thread| !thread.is_finished());
        state.threads.push(thread);
    }

    /// Resets the count of failed starts.
    pub(crate) fn start_succeeded(&self, state: &mut State) {
        state.failed_starts = 0;
        self.changed.notify_all();
    }

    /// Counts a worker down that has ended. `activity` was its last.
    pub(crate) fn remove_worker(&self, state: &mut State, activity: Activity) {
        state.workers.remove(activity);
        let had_started = !matches!(activity, Activity::Starting | Activity::BackingOff);
        // The resources of an ended worker are free, so the next start may succeed. Failed
        // starts do no harm while no task waits.
        if had_started || state.queue.len() == 0 {
            state.failed_starts = 0;
        }
        self.notify_all(state);
    }

    /// After a failed start, breaks the pool or waits until it is time for another attempt.
    /// The caller must have counted the failed worker as `BackingOff`, so that it is not
    /// available.
    pub(crate) fn back_off<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        reason: StartError,
    ) -> MutexGuard<'a, State> {
        // Several workers may be starting, and one shortage may fail them all. This counts
        // as one failure.
        if state.workers.backing_off <= 1 {
            state.failed_starts += 1;
        }
        let situation = Situation {
            alone: state.workers.total() == state.workers.backing_off,
            started: state.workers.started(),
            failed_starts: state.failed_starts,
            work_is_queued: state.queue.len() > 0,
            started_by_a_worker: nesting::pool_above().is_some(),
        };
        let pause = match after_failed_start(&reason, situation) {
            Decision::Break => {
                let waiters = state.mark_broken(reason);
                self.notify_all(&state);
                self.wake(state, waiters);
                return self.lock();
            }
            Decision::RetryAfter(pause) => pause,
            Decision::WaitForOthers => Duration::MAX,
        };
        let before = (state.workers.total(), state.workers.started());
        let nothing_has_changed = |state: &mut State| {
            before == (state.workers.total(), state.workers.started())
                && state.queue.len() > 0
                && !state.is_terminating()
        };
        let waited = self
            .changed
            .wait_timeout_while(state, pause, nothing_has_changed);
        waited.unwrap_or_else(|poison| poison.into_inner()).0
    }

    /// Waits for a task for this idle worker. `None` if the worker is dead or the pool is
    /// ending.
    pub(crate) fn next_task<'a>(
        &'a self,
        worker: &Arc<Process>,
    ) -> (MutexGuard<'a, State>, Option<(RunningTask, Arguments)>) {
        let mut state = self.lock();
        while !worker.is_dead() && !state.is_terminating() {
            if let Some(task) = state.queue.pop(worker) {
                return (state, Some(task));
            }
            if !matches!(state.stage, PoolStage::Open) {
                break;
            }
            state = wait(&self.work, state, Duration::MAX);
        }
        (state, None)
    }

    /// Puts a task back at the front of the queue, because its worker died before the task
    /// began. Returns it as an error if the pool is ending, if the task was killed, or if
    /// more than `max_workers + 1` workers have lost it. (All workers may have died
    /// unnoticed, so each may lose the task once. The limit keeps the task from being sent
    /// for ever.)
    pub(crate) fn redeliver(
        &self,
        task: RunningTask,
        arguments: Arguments,
    ) -> Result<(), RunningTask> {
        let mut state = self.lock();
        let most = self.settings.max_workers + 1;
        if state.is_terminating() || task.count_lost_worker() > most {
            return Err(task);
        }
        state.queue.push_front(task.put_back(arguments)?);
        self.work.notify_one();
        Ok(())
    }

    /// Cancels a task that no worker has yet.
    pub(crate) fn cancel(&self, task: &Task) -> bool {
        let mut state = self.lock();
        match state.queue.cancel(task) {
            Some(waiters) => {
                self.wake(state, vec![waiters]);
                true
            }
            None => false,
        }
    }

    /// Takes no more tasks, and ends the submitted ones as `how` says.
    pub(crate) fn close(&self, how: Shutdown) {
        let mut state = self.lock();
        if matches!(state.stage, PoolStage::Open) {
            state.stage = PoolStage::Closing;
        }
        let waiters = match how {
            Shutdown::Finish => Vec::new(),
            Shutdown::CancelQueued | Shutdown::Kill => {
                state.queue.clear(&Error::Cancelled)
            }
        };
        if how == Shutdown::Kill && matches!(state.stage, PoolStage::Closing) {
            state.stage = PoolStage::Killed;
            state.kill_all();
        }
        self.notify_all(&state);
        self.wake(state, waiters);
    }

    /// Releases the lock, then calls the callbacks and wakers of failed tasks.
    /// [`wait_for_end`](Scheduler::wait_for_end) waits until the callbacks have been
    /// called.
    fn wake(&self, mut state: MutexGuard<'_, State>, waiters: Vec<Waiters>) {
        state.waking += 1;
        drop(state);
        let mut wakers = Vec::new();
        for waiters in waiters {
            wakers.extend(waiters.call());
        }
        let mut state = self.lock();
        state.waking -= 1;
        self.notify_all(&state);
        drop(state);
        // A waker is the user's code and may shut the pool down. So it runs after `waking`
        // has been counted down.
        for waker in wakers {
            let _ = catch(|| waker.wake());
        }
    }

    /// Wakes all waiting threads, to check the state again. The lock must be held:
    /// otherwise a thread could check the old state, then miss the wake-up.
    pub(crate) fn notify_all(&self, _: &State) {
        self.work.notify_all();
        self.changed.notify_all();
    }

    /// Waits until no worker and no thread of this pool is left, and every callback has
    /// run. On a thread of the pool it returns immediately, because a thread cannot wait
    /// for itself.
    pub(crate) fn wait_for_end(&self) {
        let mut state = self.lock();
        let me = thread::current().id();
        let mut own = state.threads.iter().map(|thread| thread.thread().id());
        if own.any(|id| id == me) || self.callbacks.thread() == Some(me) {
            return;
        }
        while state.workers.total() > 0 || state.waking > 0 {
            state = wait(&self.changed, state, Duration::MAX);
        }
        drop(state);
        // A second caller waits here until the first one has finished.
        let _end = lock(&self.end);
        let threads = std::mem::take(&mut self.lock().threads);
        for thread in threads {
            let _ = thread.join(); // The thread catches panics.
        }
        self.callbacks.finish();
    }
}
