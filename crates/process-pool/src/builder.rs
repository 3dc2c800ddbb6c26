//! The settings of a pool.

use std::fmt;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde::Serialize;

use crate::entry::{FunctionId, InitializerResult, WorkerEntry};
use crate::error::BuildError;
use crate::guard::{self, MAX_DEPTH};
use crate::pool::ProcessPool;
use crate::scheduler::Scheduler;
use crate::task::Job;
use crate::transport::Transport;

/// The most workers a pool may have.
pub const MAX_WORKERS: usize = 16_384;

/// Settings of a pool: see [`ProcessPool::builder`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    pub(crate) max_workers: usize,
    pub(crate) max_tasks_per_child: Option<usize>,
    /// A program other than this one, with its arguments and environment.
    pub(crate) command: Option<Box<dyn Fn() -> Command + Send + Sync>>,
    #[allow(clippy::type_complexity, reason = "it is what it says")]
    pub(crate) configure: Option<Box<dyn Fn(&mut Command) + Send + Sync>>,
    pub(crate) transport: Transport,
    pub(crate) initializer: Option<(FunctionId, Job)>,
    pub(crate) start_timeout: Duration,
    pub(crate) on_start: Option<Box<dyn Fn(u32) + Send + Sync>>,
    refused: Option<BuildError>,
}

impl Builder {
    pub(crate) fn new() -> Builder {
        Builder {
            max_workers: thread::available_parallelism().map_or(1, usize::from),
            max_tasks_per_child: None,
            command: None,
            configure: None,
            transport: Transport::default(),
            initializer: None,
            start_timeout: Duration::from_secs(60),
            on_start: None,
            refused: None,
        }
    }

    /// Whether workers have this function, as far as that is known here: the entry of
    /// another program is not.
    pub(crate) fn may_know(&self, function: &FunctionId) -> bool {
        self.command.is_some()
            || WorkerEntry::entered().is_some_and(|entry| entry.has(function))
    }

    /// The most workers there may be at a time. The default is the number of CPUs that this
    /// process may use.
    pub fn max_workers(mut self, workers: usize) -> Builder {
        self.max_workers = workers;
        self
    }

    /// Replaces a worker after so many tasks, for tasks that leave something behind.
    pub fn max_tasks_per_child(mut self, tasks: usize) -> Builder {
        self.max_tasks_per_child = Some(tasks);
        self
    }

    /// Has every worker call `initializer(argument)` before its first task. It must be in
    /// the worker entry, and may return nothing or a `Result`. If it fails, the pool breaks.
    pub fn initializer<A: Serialize, R: InitializerResult>(
        mut self,
        initializer: impl Fn(A) -> R + 'static,
        argument: A,
    ) -> Builder {
        let mut job = Job::default();
        match job.push(&argument) {
            Ok(()) => {
                let id = FunctionId::of_initializer(&initializer);
                self.initializer = Some((id, job));
            }
            Err(words) => self.refused = Some(BuildError::Argument(words)),
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
        self.command = Some(Box::new(command));
        self
    }

    /// Is given the command of every worker before it is started, to add to it: variables,
    /// a folder, a process group, limits. Its arguments and standard input are the pool's.
    ///
    /// In a process group of their own (`command.process_group(0)`) workers are not reached
    /// by Ctrl-C at the terminal. A program that handles that signal itself can then let
    /// them finish.
    pub fn configure_command(
        mut self,
        configure: impl Fn(&mut Command) + Send + Sync + 'static,
    ) -> Builder {
        self.configure = Some(Box::new(configure));
        self
    }

    /// What the frames travel through. The default suits the platform.
    pub fn transport(mut self, transport: Transport) -> Builder {
        self.transport = transport;
        self
    }

    /// How long a worker may take to answer at all before the pool gives up on it; its
    /// initializer may take as long as it likes. The default is a minute.
    pub fn start_timeout(mut self, limit: Duration) -> Builder {
        self.start_timeout = limit;
        self
    }

    /// Is told the process id of every worker that is ready for its first task, from a
    /// thread of the pool, which does nothing else meanwhile.
    pub fn on_worker_start(
        mut self,
        hook: impl Fn(u32) + Send + Sync + 'static,
    ) -> Builder {
        self.on_start = Some(Box::new(hook));
        self
    }

    /// Makes the pool; workers are started when there is work.
    ///
    /// # Errors
    /// A setting that makes no sense, a program that did not enter a worker entry: see
    /// [`BuildError`].
    pub fn build(self) -> Result<ProcessPool, BuildError> {
        let entered = WorkerEntry::entered().is_some();
        // A marked process that has not entered was meant to be a worker: whatever the
        // command, its pool would start another like it. So would one without its mark.
        if guard::lost_its_mark()
            || !entered && (self.command.is_none() || guard::mark().is_some())
        {
            return Err(BuildError::NotEntered);
        }
        if let Some(refused) = &self.refused {
            return Err(refused.clone());
        }
        if !(1..=MAX_WORKERS).contains(&self.max_workers) {
            return Err(BuildError::MaxWorkers(self.max_workers));
        }
        if self.max_tasks_per_child == Some(0) {
            return Err(BuildError::MaxTasksPerChild);
        }
        if self.start_timeout.is_zero() {
            return Err(BuildError::StartTimeout);
        }
        if guard::depth() >= MAX_DEPTH {
            return Err(BuildError::TooDeep);
        }
        match &self.initializer {
            Some((id, _)) if !self.may_know(id) => {
                Err(BuildError::NotRegistered(id.name))
            }
            _ => Ok(ProcessPool {
                scheduler: Arc::new(Scheduler::new(self)),
            }),
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("max_workers", &self.max_workers)
            .field("max_tasks_per_child", &self.max_tasks_per_child)
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}
