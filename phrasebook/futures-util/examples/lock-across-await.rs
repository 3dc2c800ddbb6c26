//! Lock held across an await: share a cache, but let the downloads overlap.
//!
//! - **Python:** `await fetch(url)` before, not inside, `async with lock:`
//! - **Rust:** the same; with a std `Mutex` the compiler helps: a spawned task cannot
//!   hold its guard across an `.await`
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example lock-across-await
//! 4 pages in the cache, 4 downloads at the same time
//! trap: 4 pages in the cache, 1 download at a time
//! ```
//!
//! **Trap:** as in Python, an async lock may be held across any await. Then the tasks
//! run one after the other. The result is right, but slow.
//!
//! Neighbours: `async-lock`, `async-queue-workers`.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures_util::future::join_all;
use tokio::task::yield_now;

// Only for the numbers that this page prints: downloads now, and their maximum.
static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

async fn fetch(page: u32) -> String {
    MOST.fetch_max(NOW.fetch_add(1, Relaxed) + 1, Relaxed);
    yield_now().await; // A download takes time.
    NOW.fetch_sub(1, Relaxed);
    format!("text of page {page}")
}

async fn remember(cache: &Mutex<HashMap<u32, String>>, page: u32) {
    let text = fetch(page).await;
    cache.lock().unwrap().insert(page, text); // Locked for this line only.
}

async fn remember_slowly(cache: &tokio::sync::Mutex<HashMap<u32, String>>, page: u32) {
    let mut cache = cache.lock().await;
    cache.insert(page, fetch(page).await); // Wrong: locked for the whole download.
}

#[tokio::main]
async fn main() {
    let cache = Mutex::default();
    join_all((0..4).map(|page| remember(&cache, page))).await;
    let pages = cache.lock().unwrap().len();
    let most = MOST.swap(0, Relaxed);
    println!("{pages} pages in the cache, {most} downloads at the same time");

    let cache = tokio::sync::Mutex::default();
    join_all((0..4).map(|page| remember_slowly(&cache, page))).await;
    let pages = cache.lock().await.len();
    let most = MOST.swap(0, Relaxed);
    println!("trap: {pages} pages in the cache, {most} download at a time");
}
