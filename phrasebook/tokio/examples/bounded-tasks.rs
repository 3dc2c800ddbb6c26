//! Work through a long list with tasks, of which only so many exist at a time.
//!
//! - **Python:** `await semaphore.acquire()` before each `tg.create_task(...)`
//! - **Rust:** `Semaphore::acquire_owned` before each `JoinSet::spawn`: the task takes
//!   its permit along
//! - **Needs:** `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example bounded-tasks
//! 100 pages fetched, at most 5 tasks at once
//! trap: 100 pages fetched, at most 100 tasks at once
//! ```
//!
//! **Trap:** `spawn` never waits. A loop around it makes as many tasks as there are lines
//! in the list, with all their memory and sockets, and a semaphore inside the task comes
//! too late.
//!
//! Neighbours: `async-semaphore`, `async-queue-workers`, `task-group`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinSet, yield_now};

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn spawn_fetch(crawl: &mut JoinSet<()>, permit: Option<OwnedSemaphorePermit>) {
    MOST.fetch_max(NOW.fetch_add(1, Relaxed) + 1, Relaxed);
    crawl.spawn(async move {
        yield_now().await; // The page comes from far away.
        NOW.fetch_sub(1, Relaxed);
        drop(permit);
    });
}

// One thread, as in asyncio, so that the counts are the same each time.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let limit = Arc::new(Semaphore::new(5));
    let mut crawl = JoinSet::new();
    for _page in 0..100 {
        let permit = limit
            .clone()
            .acquire_owned()
            .await
            .expect("nobody closes it");
        spawn_fetch(&mut crawl, Some(permit));
    }
    let pages = crawl.join_all().await.len();
    let most = MOST.swap(0, Relaxed);
    println!("{pages} pages fetched, at most {most} tasks at once");

    // Wrong: nothing holds the loop back.
    let mut crawl = JoinSet::new();
    for _page in 0..100 {
        spawn_fetch(&mut crawl, None);
    }
    let pages = crawl.join_all().await.len();
    let most = MOST.swap(0, Relaxed);
    println!("trap: {pages} pages fetched, at most {most} tasks at once");
}
