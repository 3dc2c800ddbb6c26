//! Fetch web pages on any number of machines, which take addresses from a queue.
//!
//! In Python: Dask's `client.gather(client.map(fetch_url, URLS))`, or a task of Celery's.
//!
//! ```console
//! $ cargo run --bin machines-fetch-url
//! Fetching http://127.0.0.1:PORT/python...
//! Fetching http://127.0.0.1:PORT/django...
//! Fetching http://127.0.0.1:PORT/flask...
//! Fetched http://127.0.0.1:PORT/python with status 200
//! Fetched http://127.0.0.1:PORT/django with status 200
//! Fetched http://127.0.0.1:PORT/flask with status 200
//! URL: http://127.0.0.1:PORT/python, Length: 51042
//! URL: http://127.0.0.1:PORT/django, Length: 20313
//! URL: http://127.0.0.1:PORT/flask, Length: 17806
//! ```
//!
//! Siblings: `processes-fetch-url` has its workers on this machine, without a queue;
//! `sequential-fetch-url` is the loop. `threads-fetch-url` waits in threads, which cost a
//! fraction of that; `async-fetch-url` waits in tasks, which cost even less.
//!
//! Without `--server` this starts a server and workers of its own. To use several
//! machines: `--server nats://HOST:4222` here, and `--worker --server nats://HOST:4222`
//! on each of them.

use std::sync::LazyLock;

use job_queue::{JobQueue, worker_entry};
use reqwest::blocking::Client;
use workloads::blocking::{client, read_body};
use workloads::{Exit, FetchError, FetchUrlOptions, Settings, say};

/// One client for the whole program, as `requests.Session`: it keeps connections open.
static CLIENT: LazyLock<Client> = LazyLock::new(client);

#[tracing::instrument(ret, err)] // for `--trace`
fn fetch_url(url: String) -> Result<usize, FetchError> {
    say!("Fetching {url}...");
    let response = CLIENT.get(&url).send()?;
    let status = response.status().as_u16();
    let body = read_body(response)?;
    say!("Fetched {url} with status {status}");
    Ok(body.len())
}

fn main() -> anyhow::Result<Exit> {
    // A worker is this program, started again, here or on another machine. In a worker this
    // runs the calls and never returns; in the program itself it does nothing.
    worker_entry(fetch_url)
        .check(FetchUrlOptions::check)
        .initializer(Settings::adopt)
        .enter();

    let (options, machines): (_, job_queue::QueueOptions) =
        FetchUrlOptions::parse_with_server("client.gather(client.map(fetch_url, URLS))");
    let settings = Settings::for_workers_at(machines.server.as_deref());
    let queue = JobQueue::builder(machines)
        .max_workers(options.max_workers())
        .settings(settings)
        .open()?;
    let results = queue.map(fetch_url, options.urls())?;
    // Two things can fail: the fetch, and its worker, which may be lost.
    Ok(options.report(results.map(|result| anyhow::Ok(result??))))
}
