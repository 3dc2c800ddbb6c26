//! The thread of one worker: starts its process, gives it tasks, and waits for its end.

use std::sync::{Arc, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::connection::{Connection, Limits, Lost};
use super::memory::resident_of_tree;
use super::process::Process;
use super::scheduler::{Activity, Scheduler, State};
use super::task::{RunningTask, Task};
use crate::error::{Death, Error, ExitCause, StartError, WorkerExit};
use crate::sync::catch;
use crate::wire::message::Arguments;

/// Queues a task, and starts a worker for it if needed. If the pool does not take it, the
/// task fails.
pub(crate) fn submit(scheduler: &Arc<Scheduler>, task: &Arc<Task>) {
    if !task.is_queued() {
        return; // It has failed: its argument could not be encoded.
    }
    match scheduler.enqueue(task) {
        Ok(state) => start_if_needed(scheduler, state),
        Err(error) => {
            if let Some(waiters) = task.fail_if_queued(error) {
                waiters.wake();
            }
        }
    }
}

/// If tasks are queued, wakes an idle worker or starts one more.
fn start_if_needed<'a>(scheduler: &'a Arc<Scheduler>, mut state: MutexGuard<'a, State>) {
    scheduler.wake_worker(&state);
    while scheduler.wants_worker(&state) {
        let shared = Arc::clone(scheduler);
        let thread = thread::Builder::new()
            .name("process-pool".to_owned())
            .spawn(move || WorkerThread::new(shared).run());
        match thread {
            Ok(thread) => return scheduler.add_worker(&mut state, thread),
            // The existing workers run the tasks. When one of them ends, it tries again.
            Err(_) if state.workers.total() > 0 => return,
            Err(error) => {
                state.workers.add(Activity::BackingOff);
                state = scheduler.back_off(state, error.into());
                state.workers.remove(Activity::BackingOff);
                scheduler.notify_all(&state);
            }
        }
    }
}

/// One worker as the pool counts it, and its process. Only its drop counts the worker down
/// and ends the process, so both happen however the thread ends.
struct WorkerThread {
    scheduler: Arc<Scheduler>,
    activity: Activity,
    /// The process, and the thread that waits for its end.
    process: Option<(Arc<Process>, JoinHandle<()>)>,
    /// The process was asked to exit.
    retired: bool,
}

impl WorkerThread {
    /// Represents the worker that [`Scheduler::add_worker`] counts.
    fn new(scheduler: Arc<Scheduler>) -> WorkerThread {
        WorkerThread {
            scheduler,
            activity: Activity::Starting,
            process: None,
            retired: false,
        }
    }

    /// Starts one worker, gives it tasks, and ends it.
    fn run(mut self) {
        let scheduler = Arc::clone(&self.scheduler);
        let started = self.start_and_serve(&scheduler);
        self.end_process();
        if let Err(reason) = started {
            let mut state = scheduler.lock();
            self.set_activity(&mut state, Activity::BackingOff);
            drop(scheduler.back_off(state, reason));
        }
    }

    fn set_activity(&mut self, state: &mut State, activity: Activity) {
        state.workers.remove(self.activity);
        state.workers.add(activity);
        self.activity = activity;
    }

    fn start_and_serve(&mut self, scheduler: &Arc<Scheduler>) -> Result<(), StartError> {
        let settings = &scheduler.settings;
        let deadline = Instant::now().checked_add(settings.start_timeout);
        let shared = Arc::clone(scheduler);
        let on_exit = move || shared.notify_all(&shared.lock());
        let (process, waiter, channel) = Process::spawn(settings, on_exit)?;
        self.process = Some((Arc::clone(&process), waiter));
        let mut state = scheduler.lock();
        state.processes.push(Arc::clone(&process));
        if state.is_terminating() {
            process.kill();
        }
        drop(state);

        let mut connection = Connection::open(&process, channel, settings, deadline)?;
        let mut state = scheduler.lock();
        self.set_activity(&mut state, Activity::Idle);
        scheduler.start_succeeded(&mut state);
        start_if_needed(scheduler, state);
        if let Some(on_worker_start) = &settings.on_worker_start {
            let _ = catch(|| on_worker_start(process.id));
        }
        self.serve(&process, &mut connection);
        if !process.is_dead() {
            self.retired = true;
            connection.retire(settings.exit_timeout);
        }
        Ok(())
    }

    /// Gives a worker tasks until it dies, has reached a limit, or no more tasks will come.
    fn serve(&mut self, process: &Arc<Process>, connection: &mut Connection<'_>) {
        let scheduler = Arc::clone(&self.scheduler);
        let settings = &scheduler.settings;
        let mut next = self.wait_for_task(process);
        let mut tasks = 0;
        while let Some((running, arguments)) = next {
            let limits = Limits {
                time: running.task.time_limit,
                memory: settings.memory_limit,
            };
            let results = match connection.run(running.task.function, arguments, limits) {
                Ok(results) => Ok(Arc::new(results)),
                Err(lost) => return self.worker_lost(running, lost),
            };
            tasks += 1;
            let killed = !running.release_worker();
            let did_its_share = Some(tasks) == settings.max_tasks_per_child;
            if killed || did_its_share || self.is_too_big(process) {
                self.set_activity(&mut scheduler.lock(), Activity::Ending);
                return running.finish(results);
            }
            // The worker takes its next task, or becomes idle, before the result is
            // published. A caller that gets the result and submits again must find the
            // worker idle; otherwise the pool would start another one.
            let mut state = scheduler.lock();
            next = match process.is_dead() {
                true => None,
                false => state.queue.pop(process),
            };
            if next.is_none() {
                self.set_activity(&mut state, Activity::Idle);
            }
            drop(state);
            running.finish(results);
            if next.is_none() {
                next = self.wait_for_task(process);
            }
        }
    }

    fn wait_for_task(
        &mut self,
        process: &Arc<Process>,
    ) -> Option<(RunningTask, Arguments)> {
        let scheduler = Arc::clone(&self.scheduler);
        let (mut state, task) = scheduler.next_task(process);
        let activity = match task {
            Some(_) => Activity::Running,
            None => Activity::Ending,
        };
        self.set_activity(&mut state, activity);
        task
    }

    /// Whether the worker uses more than `max_memory_per_child`.
    fn is_too_big(&self, process: &Process) -> bool {
        let most = self.scheduler.settings.max_memory_per_child;
        most.is_some_and(|most| resident_of_tree(process.id).is_some_and(|it| it > most))
    }

    /// Handles the task of a worker that is gone. If the task has not begun, another worker
    /// gets it. Otherwise it fails: in a broken pool, with the reason for which the pool
    /// broke.
    fn worker_lost(&mut self, mut running: RunningTask, lost: Lost) {
        let scheduler = Arc::clone(&self.scheduler);
        self.set_activity(&mut scheduler.lock(), Activity::Ending);
        if let Some(arguments) = lost.not_started {
            match scheduler.redeliver(running, arguments) {
                Ok(()) => return,
                Err(back) => running = back,
            }
        }
        let broken = scheduler.lock().broken().cloned();
        running.finish(Err(broken.map_or(lost.error, Error::Broken)));
    }

    /// Kills and reaps the process, and calls the exit hook.
    fn end_process(&mut self) {
        let Some((process, waiter)) = self.process.take() else {
            return;
        };
        process.kill();
        // It cannot fail: the thread does not panic.
        let _ = waiter.join();
        let cause = match process.unforced_exit() {
            None => ExitCause::Killed,
            Some(Death::Exit(0) | Death::Unknown) if self.retired => ExitCause::Retired,
            Some(death) => ExitCause::Died(death),
        };
        let mut state = self.scheduler.lock();
        let others = &mut state.processes;
        others.retain(|other| !Arc::ptr_eq(other, &process));
        state.deaths += u64::from(matches!(cause, ExitCause::Died(_)));
        drop(state);
        if let Some(on_worker_exit) = &self.scheduler.settings.on_worker_exit {
            let worker = process.id;
            let _ = catch(|| on_worker_exit(WorkerExit { worker, cause }));
        }
    }
}

impl Drop for WorkerThread {
    fn drop(&mut self) {
        self.end_process();
        let scheduler = Arc::clone(&self.scheduler);
        let mut state = scheduler.lock();
        scheduler.remove_worker(&mut state, self.activity);
        start_if_needed(&scheduler, state);
    }
}
