//! A worker's place in the pool, and the life of the worker in it.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use crate::connection::Connection;
use crate::error::StartError;
use crate::panics::catch;
use crate::process::Process;
use crate::scheduler::{Scheduler, State};

/// A worker's share of the pool's counts, and its process. All of it is given back on drop,
/// whatever ends the thread: nothing else counts workers down, and no process is left.
pub(crate) struct Place {
    scheduler: Arc<Scheduler>,
    idle: bool,
    ready: bool,
    /// The process, and the thread that waits for its death.
    process: Option<(Arc<Process>, JoinHandle<()>)>,
}

impl Place {
    /// Takes over what [`Scheduler::see_to_the_queue`] has counted.
    pub(crate) fn adopt(scheduler: Arc<Scheduler>) -> Place {
        Place {
            scheduler,
            idle: true,
            ready: false,
            process: None,
        }
    }

    pub(crate) fn set_idle(&mut self, state: &mut State, idle: bool) {
        state.idle -= usize::from(self.idle);
        state.idle += usize::from(idle);
        self.idle = idle;
    }

    /// The life of one worker, from its start to its end.
    pub(crate) fn work(mut self) {
        let scheduler = Arc::clone(&self.scheduler);
        let failure = self.start_and_serve(&scheduler).err();
        self.end_process();
        if let Some(reason) = failure {
            scheduler.start_failed(&mut self, reason);
        }
    }

    fn start_and_serve(&mut self, scheduler: &Arc<Scheduler>) -> Result<(), StartError> {
        let settings = &scheduler.settings;
        let deadline = Instant::now().checked_add(settings.start_timeout);
        let pool = Arc::clone(scheduler);
        let (process, waiter, offer) = Process::spawn(settings, move || pool.wake_all())?;
        self.process = Some((Arc::clone(&process), waiter));
        let mut state = scheduler.lock();
        state.processes.push(Arc::clone(&process));
        if state.is_over() {
            process.kill();
        }
        drop(state);

        let mut connection = Connection::open(&process, offer, settings, deadline)?;
        self.ready = true;
        scheduler.start_succeeded();
        if let Some(on_start) = &settings.on_start {
            let _ = catch(|| on_start(process.id));
        }
        self.serve(&process, &mut connection);
        connection.dismiss();
        Ok(())
    }

    /// Feeds one worker until it dies, has had its share, or there is no more to do.
    fn serve(&mut self, process: &Arc<Process>, connection: &mut Connection<'_>) {
        let scheduler = Arc::clone(&self.scheduler);
        let mut next = scheduler.next_task(self, process);
        let mut tasks = 0;
        while let Some((running, job)) = next {
            let outcome = match connection.call(running.task.function, job) {
                Ok(results) => Ok(Arc::new(results)),
                Err(lost) => return scheduler.worker_lost(running, lost),
            };
            tasks += 1;
            if !running.release() || Some(tasks) == scheduler.settings.max_tasks_per_child
            {
                return running.finish(outcome);
            }
            // In this order: whoever sees the result must find this worker idle, or another
            // would be started.
            next = {
                let mut state = scheduler.lock();
                let next = state.queue.pop(process);
                self.set_idle(&mut state, next.is_none());
                next
            };
            running.finish(outcome);
            if next.is_none() {
                next = scheduler.next_task(self, process);
            }
        }
    }

    /// The process, its number included, is gone when this returns.
    fn end_process(&mut self) {
        if let Some((process, waiter)) = self.process.take() {
            process.kill();
            // It catches the panics of others and has none of its own.
            let _ = waiter.join();
            let others = &mut self.scheduler.lock().processes;
            others.retain(|other| !Arc::ptr_eq(other, &process));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.end_process();
        let scheduler = Arc::clone(&self.scheduler);
        let mut state = scheduler.lock();
        self.set_idle(&mut state, false);
        if self.ready {
            state.ready -= 1;
            // What it had of the machine is free.
            state.failed_starts = 0;
        }
        state.workers -= 1;
        scheduler.see_to_the_queue(&mut state);
        drop(state);
        scheduler.wake_all();
    }
}
