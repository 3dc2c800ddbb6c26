//! Fetch web pages on a pool of threads, each of which waits for one page at a time.
//!
//! In Python: `ThreadPoolExecutor(max_workers=5).map(fetch_url, URLS)`, with requests.
//!
//! ```console
//! $ cargo run --bin threads-fetch-url
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
//! Siblings: `sequential-fetch-url` is the loop without the pool, `processes-fetch-url` has
//! processes in the place of the threads, `async-fetch-url` needs neither.

use std::io;
use std::panic::resume_unwind;
use std::sync::{LazyLock, Mutex};
use std::thread;

use reqwest::blocking::{Client, ClientBuilder};
use workloads::blocking::read_body;
use workloads::{Exit, FetchError, FetchUrlOptions, client_builder, say};

/// One client for the whole program, as `requests.Session`: it keeps connections open.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    // The builder's timeout is a budget for the whole request. The blocking client would
    // add one of its own for each step.
    let builder = ClientBuilder::from(client_builder()).timeout(None);
    builder
        .build()
        .expect("the settings were checked with the command line")
});

fn fetch_url(url: String) -> Result<usize, FetchError> {
    say!("Fetching {url}...");
    let response = CLIENT.get(&url).send()?;
    let status = response.status().as_u16();
    let body = read_body(response)?;
    say!("Fetched {url} with status {status}");
    Ok(body.len())
}

fn main() -> anyhow::Result<Exit> {
    let options =
        FetchUrlOptions::parse("ThreadPoolExecutor(max_workers=5).map(fetch_url, URLS)");
    let results = map(options.max_workers(), fetch_url, options.urls().collect())?;
    Ok(options.report(results))
}

/// Calls `work` for every item, on at most `max_workers` threads, and returns the results in
/// the order of the items.
///
/// The pool is as small as the standard library allows: scoped threads that draw from one
/// shared iterator. A rayon pool is made for CPU work; it has no use for more threads than
/// there are cores, and starts thousands of them slowly.
fn map<T: Send, R: Send>(
    max_workers: usize,
    work: fn(T) -> R,
    items: Vec<T>,
) -> io::Result<Vec<R>> {
    let workers = max_workers.min(items.len());
    let queue = Mutex::new(items.into_iter().enumerate());
    // A call of its own, so that the lock is released before the work begins.
    let next = || queue.lock().expect("drawing an item cannot panic").next();
    let worker = || {
        let mut results = Vec::new();
        while let Some((index, item)) = next() {
            results.push((index, work(item)));
        }
        results
    };
    thread::scope(|scope| {
        // Start all of them, then wait for all of them.
        let threads = (0..workers)
            .map(|_| thread::Builder::new().spawn_scoped(scope, worker))
            .collect::<io::Result<Vec<_>>>()
            // The scope waits for those that did start; leave them nothing to do.
            .inspect_err(|_| while next().is_some() {})?;
        let mut results = Vec::new();
        for thread in threads {
            results.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results.sort_by_key(|(index, _)| *index);
        Ok(results.into_iter().map(|(_, result)| result).collect())
    })
}
