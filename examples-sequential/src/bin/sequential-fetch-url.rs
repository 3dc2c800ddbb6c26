//! Fetch web pages one after another: the plain loop that every model is measured against.
//!
//! In Python: `for url in URLS: fetch_url(url)`, with requests.
//!
//! ```console
//! $ cargo run --bin sequential-fetch-url
//! Fetching http://127.0.0.1:PORT/python...
//! Fetched http://127.0.0.1:PORT/python with status 200
//! Fetching http://127.0.0.1:PORT/django...
//! Fetched http://127.0.0.1:PORT/django with status 200
//! Fetching http://127.0.0.1:PORT/flask...
//! Fetched http://127.0.0.1:PORT/flask with status 200
//! URL: http://127.0.0.1:PORT/python, Length: 51042
//! URL: http://127.0.0.1:PORT/django, Length: 20313
//! URL: http://127.0.0.1:PORT/flask, Length: 17806
//! ```
//!
//! Siblings: `threads-fetch-url`, `processes-fetch-url` and `async-fetch-url` wait for
//! all answers at the same time; this page waits for each in turn. `machines-fetch-url`
//! fetches on several machines.

use std::sync::LazyLock;

use reqwest::blocking::Client;
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
    let options = FetchUrlOptions::parse("for url in URLS: fetch_url(url)");
    let results: Vec<_> = options.urls().map(fetch_url).collect();
    options.report(results)
}
