//! Work for more than one machine: jobs wait in a queue of [NATS JetStream][nats], and workers
//! on any machine take them. What Dask and Celery are to Python.
//!
//! - [`JobQueue::map`] hands jobs out and their results back, in order;
//! - [`worker_entry`] makes this program a worker where it was started as one;
//! - [`messages`] lists what goes over the wire, for programs in other languages.
//!
//! What it promises:
//!
//! - **At least once, one result.** A job may run twice; its first result counts.
//! - **A lost worker loses nothing.** A job whose worker dies, is stopped or is cut off is run by
//!   another one. Only one that has ended three of them is given up, and fails by its name.
//! - **A restart of the server loses nothing.** Jobs and results are in files there, and a job is
//!   acknowledged when its result is stored.
//! - **Nothing is left behind.** When a submitter ends, however that comes about, its jobs go;
//!   so do the server and the workers that it has started.
//!
//! Others do more: MPI passes messages between programs that compute in step, as in
//! high-performance computing; GNU parallel runs command lines on many hosts and needs no code;
//! HyperQueue schedules jobs on clusters; Temporal keeps workflows going for months.
//!
//! [nats]: https://docs.nats.io/nats-concepts/jetstream

mod entry;
mod function;
mod guard;
mod job_queue;
pub mod messages;
mod presence;
mod server;
mod worker;

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, Context};
use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;
use tokio::runtime::Runtime;

pub use entry::worker_entry;
pub use job_queue::{JobQueue, Results};
pub use messages::{JobError, Outcome};

/// Connects to a server. A connection that is lost later is made anew.
async fn connect(url: &str) -> Result<Context> {
    let options = ConnectOptions::new()
        // A worker that is cut off is to notice soon when it no longer is.
        .ping_interval(Duration::from_secs(2))
        .reconnect_delay_callback(|attempts| match attempts {
            0 | 1 => Duration::ZERO,
            _ => Duration::from_millis(200),
        });
    let address: ServerAddr = url.parse()?;
    // It does not take them from there by itself.
    let options = match (address.username(), address.password()) {
        (Some(user), Some(password)) => {
            let [user, password] = [user, password]
                .map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned());
            options.user_and_password(user, password)
        }
        _ => options,
    };
    let connected = options.connect(address).await;
    // Its causes say the same once more.
    let failed = |error| anyhow!("cannot connect to {}: {error}", without_password(url));
    Ok(jetstream::new(connected.map_err(failed)?))
}

/// Puts a message into the stream of its subject.
async fn store(
    context: &Context,
    subject: String,
    message: PublishMessage,
) -> Result<(), PublishErrorKind> {
    let stored = match context.send_publish(subject, message).await {
        Ok(confirmation) => confirmation.await.map(drop),
        Err(error) => Err(error),
    };
    stored.map_err(|error| error.kind())
}

/// A server's address, fit to be printed.
fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        _ => url.to_owned(),
    }
}

/// One thread is enough for what is said; the work is done in processes.
fn runtime() -> Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let built = builder.worker_threads(1).enable_all().build();
    built.context("cannot start a thread for the job queue")
}
