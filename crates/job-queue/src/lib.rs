#![doc = include_str!("../README.md")]

mod broker;
mod entry;
mod function;
mod guard;
mod host;
mod job_queue;
pub mod messages;
mod notes;
mod options;
mod results;
mod room;
mod runs;
mod secrets;
mod server;
mod submission;
mod times;
mod window;

use std::thread;

use anyhow::{Context as _, Result, anyhow};
use tokio::runtime::Runtime;

pub use entry::{WorkerEntry, worker_entry};
pub use job_queue::{Builder, JobQueue};
pub use messages::JobError;
pub use options::QueueOptions;
pub use results::{Completed, Results};
pub use times::Times;

/// One thread is enough for the messages. The work is done in processes.
fn runtime() -> Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let built = builder.worker_threads(1).enable_all().build();
    built.context("cannot start a thread for the job queue")
}

/// Waits for a future on a thread and a runtime of its own. The caller may be async code, in
/// which no other runtime can be started.
fn run<T: Send>(future: impl Future<Output = Result<T>> + Send) -> Result<T> {
    thread::scope(|scope| {
        let thread = scope.spawn(|| runtime()?.block_on(future));
        let ended = thread.join();
        ended.map_err(|_| anyhow!("the job queue panicked"))?
    })
}
