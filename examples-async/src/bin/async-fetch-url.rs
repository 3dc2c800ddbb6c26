//! Fetch web pages in async tasks: while one waits, its thread runs others.
//!
//! In Python: `asyncio.gather` over `fetch_url(url)` under a `Semaphore(5)`, with httpx.
//!
//! ```console
//! $ cargo run --bin async-fetch-url
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
//! Siblings: `sequential-fetch-url` is the loop without tasks; `threads-fetch-url` and
//! `processes-fetch-url` do the same with a blocking client and a pool.
//! `machines-fetch-url` fetches on several machines.

use std::sync::{Arc, LazyLock};

use futures_util::future::join_all;
use reqwest::Client;
use tokio::sync::Semaphore;
use workloads::{
    Exit, FetchError, FetchUrlOptions, client, read_body, say, until_ctrl_c,
};

/// One client for the whole program, as `httpx.AsyncClient`: it keeps connections open.
static CLIENT: LazyLock<Client> = LazyLock::new(client);

#[tracing::instrument(ret, err)] // for `--trace`
async fn fetch_url(url: String) -> Result<usize, FetchError> {
    say!("Fetching {url}...");
    let response = CLIENT.get(&url).send().await?;
    let status = response.status().as_u16();
    let body = read_body(response).await?;
    say!("Fetched {url} with status {status}");
    Ok(body.len())
}

/// Fetches a URL as soon as the semaphore has a permit for it.
async fn fetch_in_turn(semaphore: Arc<Semaphore>, url: String) -> anyhow::Result<usize> {
    // Bound to a name, because `let _ =` would give the permit back immediately.
    let _permit = semaphore.acquire().await?;
    Ok(fetch_url(url).await?)
}

#[tokio::main]
async fn main() -> anyhow::Result<Exit> {
    let options = FetchUrlOptions::parse("asyncio.gather(*map(fetch_url, URLS))");
    until_ctrl_c(async {
        // A task costs so little that every URL gets one. The semaphore limits how many
        // requests are in flight.
        let semaphore = Arc::new(Semaphore::new(options.max_workers()));
        let tasks: Vec<_> = options
            .urls()
            .map(|url| tokio::spawn(fetch_in_turn(semaphore.clone(), url)))
            .collect();
        let results = join_all(tasks).await.into_iter();
        // Two things can fail: the fetch, and its task, which may panic.
        Ok(options.report(results.map(|result| anyhow::Ok(result??))))
    })
    .await
}
