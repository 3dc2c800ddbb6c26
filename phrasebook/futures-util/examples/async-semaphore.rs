//! Async semaphore: at most `n` tasks do something at the same time.
//!
//! - **Python:** `asyncio.Semaphore(2)`, `asyncio.BoundedSemaphore(2)`,
//!   `async with semaphore:`
//! - **Rust:** `tokio::sync::Semaphore`: `acquire` gives a permit, which is released when
//!   it is dropped, and never twice
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example async-semaphore
//! 6 downloads, at most 2 at the same time
//! trap: 6 downloads, at most 6 at the same time
//! ```
//!
//! **Trap:** `let _ = semaphore.acquire().await` does not bind the permit: it is released
//! in the same statement. A name that begins with an underscore, such as `_permit`, keeps
//! it to the end of the block.
//!
//! Neighbours: `bounded-tasks`, `async-lock`, `async-postgres-pool`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures_util::future::join_all;
use tokio::{sync::Semaphore, task::yield_now};

// Only for the numbers that this page prints: downloads now, and their maximum.
static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

async fn download() {
    MOST.fetch_max(NOW.fetch_add(1, Relaxed) + 1, Relaxed);
    yield_now().await; // A download takes time.
    NOW.fetch_sub(1, Relaxed);
}

async fn limited(semaphore: &Semaphore) {
    let _permit = semaphore.acquire().await.expect("it is never closed");
    download().await;
}

async fn unlimited(semaphore: &Semaphore) {
    // Wrong: released immediately, so the download has no permit.
    let _ = semaphore.acquire().await.expect("it is never closed");
    download().await;
}

#[tokio::main]
async fn main() {
    let semaphore = Semaphore::new(2);
    let count = join_all((0..6).map(|_| limited(&semaphore))).await.len();
    let most = MOST.swap(0, Relaxed);
    println!("{count} downloads, at most {most} at the same time");

    let count = join_all((0..6).map(|_| unlimited(&semaphore))).await.len();
    let most = MOST.swap(0, Relaxed);
    println!("trap: {count} downloads, at most {most} at the same time");
}
