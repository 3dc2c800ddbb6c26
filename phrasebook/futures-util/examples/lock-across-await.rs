//! Share a cache between tasks without making them wait for each other's downloads.
//!
//! - **Python:** `await fetch(url)` before, not inside, `async with lock:`
//! - **Rust:** the same; a std `Mutex`, whose guard cannot be taken across `.await` in a
//!   spawned task, sees to it
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example lock-across-await
//! 4 pages in the cache, 4 fetched at once
//! trap: 4 pages in the cache, 1 fetched at once
//! ```
//!
//! **Trap:** tokio's `Mutex` lets a guard live through any `.await`, and then what should
//! overlap happens one by one. It compiles, it is right, and it is slow.
//!
//! Neighbours: `async-lock`, `async-queue-workers`.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures_util::future::join_all;
use tokio::task::yield_now;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

async fn fetch(page: u32) -> String {
    MOST.fetch_max(NOW.fetch_add(1, Relaxed) + 1, Relaxed);
    yield_now().await; // The text comes from far away.
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
    let (pages, most) = (cache.lock().unwrap().len(), MOST.swap(0, Relaxed));
    println!("{pages} pages in the cache, {most} fetched at once");

    let cache = tokio::sync::Mutex::default();
    join_all((0..4).map(|page| remember_slowly(&cache, page))).await;
    let (pages, most) = (cache.lock().await.len(), MOST.swap(0, Relaxed));
    println!("trap: {pages} pages in the cache, {most} fetched at once");
}
