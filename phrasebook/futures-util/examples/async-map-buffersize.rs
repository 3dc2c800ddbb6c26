//! Async map with a limit: a few inputs at a time, the values in input order.
//!
//! - **Python:** `Executor.map(f, inputs, buffersize=n)` (3.14) for threads and
//!   processes; asyncio has no such function
//! - **Rust:** `stream::iter(inputs).map(f).buffered(n)`; `buffer_unordered(n)` gives
//!   the values in the order of completion
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example async-map-buffersize
//! page 1, page 2, page 3, page 4
//! at most 2 at a time
//! trap: consumer busy for an hour: 1 fetch of 3 s has not finished
//! trap: buffered(0): no page after an hour
//! ```
//!
//! **Trap:** the futures are no tasks: they stand still while the consumer does
//! something other than wait for the next value. If they must go on, spawn them:
//! `.map(|page| tokio::spawn(fetch(page)))`. `buffered(0)` is not "no limit": it starts
//! nothing and never ends.
//!
//! Neighbours: `async-as-completed`, `bounded-tasks`, `async-generator`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::{sleep, timeout};

// For this page only: they count the fetches.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

async fn fetch(page: u64) -> String {
    let running = RUNNING.fetch_add(1, Relaxed) + 1;
    PEAK.fetch_max(running, Relaxed);
    // Page 1 is the slowest, but its value still comes first.
    sleep(Duration::from_secs(if page == 1 { 9 } else { page })).await;
    RUNNING.fetch_sub(1, Relaxed);
    format!("page {page}")
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let pages: Vec<_> = stream::iter(1..=4).map(fetch).buffered(2).collect().await;
    println!("{}", pages.join(", "));
    println!("at most {} at a time", PEAK.load(Relaxed));

    // Wrong: the fetch of page 3 is not polled while the consumer does other work.
    let mut pages = stream::iter([2, 3]).map(fetch).buffered(2);
    pages.next().await;
    sleep(Duration::from_hours(1)).await;
    let running = RUNNING.load(Relaxed);
    println!("trap: consumer busy for an hour: {running} fetch of 3 s has not finished");

    // Wrong: zero is not "no limit".
    let pages = stream::iter(1..=4).map(fetch).buffered(0);
    let pages = pages.collect::<Vec<_>>();
    match timeout(Duration::from_hours(1), pages).await {
        Ok(pages) => println!("trap: buffered(0): {}", pages.join(", ")),
        Err(_) => println!("trap: buffered(0): no page after an hour"),
    }
}
