//! Fetch web pages on a pool of threads, each of which waits for one answer at a time.
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
//! Siblings: `sequential-fetch-url` is the loop without the pool; `processes-fetch-url`
//! has processes in place of the threads; `async-fetch-url` needs neither.
//! `machines-fetch-url` fetches on several machines.

use std::sync::LazyLock;

use reqwest::blocking::Client;
use thread_pool::ThreadPool;
use workloads::blocking::{client, read_body};
use workloads::{Exit, FetchError, FetchUrlOptions, say};

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

fn main() -> Exit {
    let options =
        FetchUrlOptions::parse("ThreadPoolExecutor(max_workers=5).map(fetch_url, URLS)");
    let pool = ThreadPool::new(options.max_workers());
    let results = pool.map(fetch_url, options.urls());
    drop(pool); // The end of Python's `with`: waits for all calls, then ends the workers.
    // Two things can fail: the fetch, and its thread, which may panic.
    options.report(results.map(|result| anyhow::Ok(result??)))
}
