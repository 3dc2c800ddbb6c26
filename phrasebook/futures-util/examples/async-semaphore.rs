//! Let at most so many tasks do something at once.
//!
//! - **Python:** `asyncio.Semaphore(2)`, `asyncio.BoundedSemaphore(2)`,
//!   `async with semaphore:`
//! - **Rust:** `tokio::sync::Semaphore`: `acquire` gives a permit, which goes back when
//!   dropped, and never twice
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example async-semaphore
//! 6 downloads, at most 2 at once
//! trap: 6 downloads, at most 6 at once
//! ```
//!
//! **Trap:** `let _ = acquire().await` binds nothing: the permit goes back on the same
//! line. A name that begins with an underscore, `_permit`, keeps it to the end of the
//! block.
//!
//! Neighbours: `bounded-tasks`, `async-lock`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures_util::future::join_all;
use tokio::{sync::Semaphore, task::yield_now};

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

async fn download() {
    MOST.fetch_max(NOW.fetch_add(1, Relaxed) + 1, Relaxed);
    yield_now().await; // The bytes come from far away.
    NOW.fetch_sub(1, Relaxed);
}

async fn polite(line: &Semaphore) {
    let _permit = line.acquire().await.expect("nobody closes it");
    download().await;
}

async fn rude(line: &Semaphore) {
    // Wrong: dropped at once, so the download goes on without a permit.
    let _ = line.acquire().await.expect("nobody closes it");
    download().await;
}

#[tokio::main]
async fn main() {
    let line = Semaphore::new(2);
    let done = join_all((0..6).map(|_| polite(&line))).await.len();
    println!(
        "{done} downloads, at most {} at once",
        MOST.swap(0, Relaxed)
    );

    let done = join_all((0..6).map(|_| rude(&line))).await.len();
    println!(
        "trap: {done} downloads, at most {} at once",
        MOST.swap(0, Relaxed)
    );
}
