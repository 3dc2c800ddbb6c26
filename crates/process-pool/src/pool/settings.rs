//! The settings of a pool, as its threads read them.

use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::error::WorkerExit;
use crate::wire::function::FunctionId;
use crate::wire::message::Arguments;
use crate::wire::transport::Transport;
use crate::worker::registry::Registry;

type Hook<T> = Option<Box<dyn Fn(T) + Send + Sync>>;

/// Each field is documented at the method of [`Builder`](crate::Builder) of the same name.
pub(crate) struct Settings {
    pub(crate) max_workers: usize,
    pub(crate) max_tasks_per_child: Option<usize>,
    pub(crate) max_memory_per_child: Option<u64>,
    pub(crate) memory_limit: Option<u64>,
    pub(crate) worker_command: Option<Box<dyn Fn() -> Command + Send + Sync>>,
    #[allow(clippy::type_complexity, reason = "it is what it says")]
    pub(crate) configure_command: Option<Box<dyn Fn(&mut Command) + Send + Sync>>,
    pub(crate) transport: Transport,
    pub(crate) initializer: Option<(FunctionId, Arguments)>,
    pub(crate) start_timeout: Duration,
    pub(crate) exit_timeout: Duration,
    pub(crate) on_worker_start: Hook<u32>,
    pub(crate) on_worker_exit: Hook<WorkerExit>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            max_workers: thread::available_parallelism().map_or(1, usize::from),
            max_tasks_per_child: None,
            max_memory_per_child: None,
            memory_limit: None,
            worker_command: None,
            configure_command: None,
            transport: Transport::default(),
            initializer: None,
            start_timeout: Duration::from_secs(60),
            exit_timeout: Duration::from_secs(5),
            on_worker_start: None,
            on_worker_exit: None,
        }
    }
}

impl Settings {
    /// Whether workers may have this function. The functions of another program are not
    /// known here, so the answer is yes for them.
    pub(crate) fn may_know(&self, function: &FunctionId) -> bool {
        self.worker_command.is_some()
            || Registry::entered().is_some_and(|registry| registry.has(function))
    }
}
