//! The settings of a pool.

use std::fmt;
use std::process::{self, Command};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::memory::resident_of_tree;
use super::process_pool::ProcessPool;
use super::scheduler::Scheduler;
use super::settings::Settings;
use crate::error::{BuildError, WorkerExit};
use crate::limits::{MAX_DEPTH, MAX_WORKERS};
use crate::wire::function::FunctionId;
use crate::wire::message::{Arguments, Refused};
use crate::wire::nesting;
use crate::wire::transport::Transport;
use crate::worker::entry::InitializerResult;
use crate::worker::registry::Registry;

/// Settings of a pool: see [`ProcessPool::builder`].
#[must_use = "a builder does nothing until `build` is called"]
#[derive(Default)]
pub struct Builder {
    settings: Settings,
    /// Set if the initializer's argument cannot be serialised.
    refused: Option<BuildError>,
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
        Builder::default()
    }
}

impl Builder {
    /// The maximum number of workers. The default is the number of CPUs that this process
    /// may use.
    pub fn max_workers(mut self, workers: usize) -> Builder {
        self.settings.max_workers = workers;
        self
    }

    /// Replaces a worker after this number of tasks. Useful if tasks leak memory or leave
    /// other state behind.
    pub fn max_tasks_per_child(mut self, tasks: usize) -> Builder {
        self.settings.max_tasks_per_child = Some(tasks);
        self
    }

    /// Has every worker call `initializer(argument)` before its first task. It must be in
    /// the worker entry, and may return nothing or a `Result`. If it fails, the pool breaks.
    pub fn initializer<A: Serialize, R: InitializerResult>(
        mut self,
        initializer: impl Fn(A) -> R + 'static,
        argument: A,
    ) -> Builder {
        let mut arguments = Arguments::default();
        match arguments.push(&argument) {
            Ok(()) => {
                let id = FunctionId::of_initializer(&initializer);
                self.settings.initializer = Some((id, arguments));
            }
            Err(Refused::Invalid(message)) => {
                self.refused = Some(BuildError::Argument(message));
            }
            Err(Refused::NoRoom) => unreachable!("it is the only one"),
        }
        self
    }

    /// Starts workers with this command instead of this program. The started program must
    /// enter a worker entry that names the same functions. The pool appends a last argument
    /// to the command, which the program must otherwise ignore.
    ///
    /// Tests need this: under `cargo test` this program is the test harness.
    pub fn worker_command(
        mut self,
        command: impl Fn() -> Command + Send + Sync + 'static,
    ) -> Builder {
        self.settings.worker_command = Some(Box::new(command));
        self
    }

    /// Calls `configure` with the command of every worker before the pool starts it. It can
    /// set variables, a working directory, a process group or resource limits. The pool
    /// sets the arguments and standard input.
    ///
    /// Workers in a process group of their own (`command.process_group(0)`) do not get
    /// Ctrl-C from the terminal. A program that handles Ctrl-C itself can then let them
    /// finish.
    pub fn configure_command(
        mut self,
        configure: impl Fn(&mut Command) + Send + Sync + 'static,
    ) -> Builder {
        self.settings.configure_command = Some(Box::new(configure));
        self
    }

    /// What the frames travel through. The default suits the platform.
    pub fn transport(mut self, transport: Transport) -> Builder {
        self.settings.transport = transport;
        self
    }

    /// How long a worker may take to send its greeting before it is killed. The time of its
    /// initializer does not count. The default is a minute.
    pub fn start_timeout(mut self, limit: Duration) -> Builder {
        self.settings.start_timeout = limit;
        self
    }

    /// How long a worker may take to exit, after the pool asked it to, before it is killed.
    /// Exit handlers, such as those of C libraries, must finish within this time. The
    /// default is five seconds.
    pub fn exit_timeout(mut self, limit: Duration) -> Builder {
        self.settings.exit_timeout = limit;
        self
    }

    /// The limit of resident memory, in bytes, for a worker together with the processes it
    /// has started. A task that exceeds it fails with [`Error::MemoryLimit`]. Its worker is
    /// killed and another one takes over. Linux only.
    ///
    /// The memory is measured every 100 ms while a task runs, and after each task. For a
    /// limit that holds at every moment, use one of the operating system: see
    /// [what to know](crate#what-to-know).
    ///
    /// [`Error::MemoryLimit`]: crate::Error::MemoryLimit
    pub fn memory_limit(mut self, bytes: u64) -> Builder {
        self.settings.memory_limit = Some(bytes);
        self
    }

    /// Replaces a worker after a task if the worker and the processes it has started use
    /// more than `bytes` of resident memory. The task is not affected. Linux only.
    pub fn max_memory_per_child(mut self, bytes: u64) -> Builder {
        self.settings.max_memory_per_child = Some(bytes);
        self
    }

    /// Calls `hook` with the process id of every worker that is ready for its first task.
    /// The hook runs on a thread of the pool, and the worker gets no task until it returns.
    /// So it must not wait for a task.
    pub fn on_worker_start(
        mut self,
        hook: impl Fn(u32) + Send + Sync + 'static,
    ) -> Builder {
        self.settings.on_worker_start = Some(Box::new(hook));
        self
    }

    /// Calls `hook` for every worker that has ended, also for one that was never ready. The
    /// hook runs on a thread of the pool, after the process is gone and before another
    /// worker takes its place. So it must not wait for a task.
    pub fn on_worker_exit(
        mut self,
        hook: impl Fn(WorkerExit) + Send + Sync + 'static,
    ) -> Builder {
        self.settings.on_worker_exit = Some(Box::new(hook));
        self
    }

    /// Makes the pool. It starts workers when there is work.
    ///
    /// # Errors
    /// A wrong setting, or a program that did not enter a worker entry: see [`BuildError`].
    pub fn build(self) -> Result<ProcessPool, BuildError> {
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        let settings = self.settings;
        check_program(&settings)?;
        if !(1..=MAX_WORKERS).contains(&settings.max_workers) {
            return Err(BuildError::MaxWorkers(settings.max_workers));
        }
        if settings.max_tasks_per_child == Some(0) {
            return Err(BuildError::MaxTasksPerChild);
        }
        if settings.start_timeout.is_zero() {
            return Err(BuildError::StartTimeout);
        }
        let limits = [settings.memory_limit, settings.max_memory_per_child];
        let measured = resident_of_tree(process::id()).is_some();
        if limits
            .iter()
            .flatten()
            .any(|limit| *limit == 0 || !measured)
        {
            return Err(BuildError::MemoryLimit);
        }
        Ok(ProcessPool {
            scheduler: Arc::new(Scheduler::new(settings)),
        })
    }
}

/// Checks that the program may build a pool, and that its workers would become workers.
fn check_program(settings: &Settings) -> Result<(), BuildError> {
    let entered = Registry::entered().is_some();
    let own_program = settings.worker_command.is_none();
    // A process that has the worker flag but no worker entry should be a worker. Its pool
    // would start another process like it, with any command. So would the pool of a process
    // that lost its flag.
    let meant_to_be_worker = !entered && nesting::worker_flag().is_some();
    if meant_to_be_worker || nesting::lost_its_flag() || own_program && !entered {
        return Err(BuildError::NotEntered);
    }
    if nesting::depth() >= MAX_DEPTH {
        return Err(BuildError::TooDeep);
    }
    match &settings.initializer {
        Some((id, _)) if !settings.may_know(id) => {
            Err(BuildError::NotRegistered(id.name))
        }
        _ => Ok(()),
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("max_workers", &self.settings.max_workers)
            .field("max_tasks_per_child", &self.settings.max_tasks_per_child)
            .field("transport", &self.settings.transport)
            .finish_non_exhaustive()
    }
}
