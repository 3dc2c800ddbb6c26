//! Fetch web pages in worker processes, each of which waits for one answer at a time.
//!
//! In Python: `ProcessPoolExecutor(max_workers=5).map(fetch_url, URLS)`, with requests.
//!
//! ```console
//! $ cargo run --bin processes-fetch-url
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
//! Siblings: `sequential-fetch-url` is the loop without the pool; `threads-fetch-url`
//! waits in threads, which cost a fraction of that; `async-fetch-url` waits in tasks,
//! which cost even less. `machines-fetch-url` fetches on several machines.

use std::sync::LazyLock;

use process_pool::ProcessPool;
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
    // The pool starts this program again for each worker. In a worker this runs the calls and
    // never returns; in the program itself it does nothing. Python needs
    // `if __name__ == "__main__":` in the same place.
    process_pool::worker_entry()
        .function(fetch_url)
        .initializer(Settings::adopt)
        .enter();

    let options =
        FetchUrlOptions::parse("ProcessPoolExecutor(max_workers=5).map(fetch_url, URLS)");
    let pool = ProcessPool::builder()
        .max_workers(options.max_workers())
        .initializer(Settings::adopt, Settings::for_workers())
        .build()?;
    let results = pool.map(fetch_url, options.urls());
    drop(pool); // The end of Python's `with`: waits for all calls, then ends the workers.
    // Two things can fail: the fetch, and its process, which may die.
    Ok(options.report(results.map(|result| anyhow::Ok(result??))))
}
