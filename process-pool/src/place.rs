//! A worker's place in the pool, and the life of the worker in it.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::connection::{Connection, RunError};
use crate::error::{Error, StartError, Value};
use crate::panics::catch;
use crate::process::Process;
use crate::scheduler::{Scheduler, State};
use crate::task::Running;

/// A worker's share of the pool's counts, and its process. All of it is given back on drop,
/// whatever ends the thread: nothing else counts workers down, and no process is left.
pub(crate) struct Place {
    scheduler: Arc<Scheduler>,
    idle: bool,
    ready: bool,
    /// Why the worker could not be started.
    failure: Option<StartError>,
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
            failure: None,
            process: None,
        }
    }

    pub(crate) fn set_idle(&mut self, state: &mut State, idle: bool) {
        match (self.idle, idle) {
            (false, true) => state.idle += 1,
            (true, false) => state.idle -= 1,
            _ => {}
        }
        self.idle = idle;
    }

    /// The life of one worker, from its start to its end.
    pub(crate) fn work(mut self) {
        self.failure = self.start_and_serve().err();
        if self.failure.is_some() {
            // What it was for want of may come back.
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn start_and_serve(&mut self) -> Result<(), StartError> {
        let scheduler = Arc::clone(&self.scheduler);
        let config = &scheduler.config;
        let deadline = Instant::now() + config.start_timeout;
        let on_death = {
            let scheduler = Arc::downgrade(&scheduler);
            move || {
                if let Some(scheduler) = scheduler.upgrade() {
                    scheduler.wake_idle();
                }
            }
        };
        let (process, waiter, offer) = Process::spawn(config, on_death)?;
        self.process = Some((Arc::clone(&process), waiter));
        let mut state = scheduler.lock();
        state.processes.push(Arc::clone(&process));
        if state.is_over() {
            process.kill();
        }
        drop(state);

        let channel = process.connect(offer, deadline)?;
        let mut connection = Connection::open(&process, channel, config, deadline)?;
        scheduler.start_succeeded();
        self.ready = true;
        if let Some(on_start) = &config.on_start {
            let _ = catch(|| on_start(process.id()));
        }
        self.serve(&process, &mut connection);
        connection.dismiss();
        Ok(())
    }

    /// Feeds one worker until it dies, has had its share, or there is no more to do.
    fn serve(&mut self, process: &Arc<Process>, connection: &mut Connection<'_>) {
        let scheduler = Arc::clone(&self.scheduler);
        let worker = process.id();
        let fail = |running: Running, error| running.finish(Err(scheduler.blame(error)));
        let mut next = scheduler.next_task(self, process);
        let mut tasks = 0;
        while let Some((running, job)) = next {
            let limit = job.time_limit.unwrap_or_default();
            let outcome = match connection.run(running.function, job) {
                Ok(results) => Ok(Arc::new(results)),
                Err(RunError::TooLong(words)) => Err(Value::Argument.refused()(words)),
                Err(RunError::Undelivered(job)) => {
                    let how = process.death().0;
                    let error = Error::Died { worker, how };
                    return scheduler.send_again(running, job, error);
                }
                Err(RunError::Died(how)) => {
                    return fail(running, Error::Died { worker, how });
                }
                Err(RunError::TimeLimit) => {
                    return fail(running, Error::TimeLimit { worker, limit });
                }
                Err(RunError::Protocol(message)) => {
                    return fail(running, Error::Protocol { worker, message });
                }
            };
            if !running.release() {
                return running.finish(outcome);
            }
            tasks += 1;
            if Some(tasks) == scheduler.max_tasks_per_child {
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
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((process, waiter)) = self.process.take() {
            process.kill();
            // It takes the status of the process, so that nothing of it is left.
            let _ = waiter.join();
            let others = &mut self.scheduler.lock().processes;
            others.retain(|other| !Arc::ptr_eq(other, &process));
        }
        let scheduler = Arc::clone(&self.scheduler);
        let mut state = scheduler.lock();
        self.set_idle(&mut state, false);
        state.ready -= usize::from(self.ready);
        state.workers -= 1;
        scheduler.worker_ended(&mut state, self.failure.take());
    }
}
