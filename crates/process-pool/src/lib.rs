#![doc = include_str!("../README.md")]

// From the bottom: `sync`, `limits`, `error`, `wire`, `worker`, `pool`. Each module uses
// only the modules before it. The same holds for the files inside a module.
mod error;
mod limits;
mod pool;
mod sync;
mod wire;
mod worker;

pub use error::{
    BuildError, Death, Error, ExitCause, StartError, TimedOut, Value, WorkerExit,
};
pub use limits::{MAX_DEPTH, MAX_WORKERS};
pub use pool::builder::Builder;
pub use pool::completed::{AsCompleted, as_completed};
pub use pool::handle::Handle;
pub use pool::map::{BoundedMap, Map};
pub use pool::process_pool::{Metrics, ProcessPool, TaskOptions};
pub use pool::scheduler::Shutdown;
pub use pool::timeout::Timeout;
pub use wire::transport::Transport;
pub use worker::entry::{InitializerResult, WorkerEntry, worker_entry};
