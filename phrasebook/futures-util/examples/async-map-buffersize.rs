//! Map an async function over many inputs, a few at a time, values in input order.
//!
//! - **Python:** `Executor.map(f, inputs, buffersize=n)` (3.14); asyncio has none
//! - **Rust:** `stream::iter(inputs).map(f).buffered(n)`
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example async-map-buffersize
//! page 1, page 2, page 3, page 4
//! at most 2 at once
//! trap: buffer_unordered: page 2, page 3, page 4, page 1
//! trap: buffered(0): no page after an hour
//! ```
//!
//! **Trap:** the order of `buffer_unordered` is that of completion. Zero at a time
//! means none at all: the stream never ends. Nothing goes on while nobody asks for the
//! next value.
//!
//! Neighbours: `async-as-completed`, `bounded-tasks`, `async-generator`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::{sleep, timeout};

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

async fn fetch(page: u64) -> String {
    PEAK.fetch_max(RUNNING.fetch_add(1, Relaxed) + 1, Relaxed);
    sleep(Duration::from_secs(if page == 1 { 9 } else { 1 })).await;
    RUNNING.fetch_sub(1, Relaxed);
    format!("page {page}")
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let pages: Vec<_> = stream::iter(1..=4).map(fetch).buffered(2).collect().await;
    println!("{}", pages.join(", "));
    println!("at most {} at once", PEAK.load(Relaxed));

    // Wrong, where the order counts.
    let pages: Vec<_> = stream::iter(1..=4)
        .map(fetch)
        .buffer_unordered(2)
        .collect()
        .await;
    println!("trap: buffer_unordered: {}", pages.join(", "));

    // Wrong: zero is not "no limit".
    let pages = stream::iter(1..=4)
        .map(fetch)
        .buffered(0)
        .collect::<Vec<_>>();
    match timeout(Duration::from_hours(1), pages).await {
        Ok(pages) => println!("trap: buffered(0): {}", pages.join(", ")),
        Err(_) => println!("trap: buffered(0): no page after an hour"),
    }
}
