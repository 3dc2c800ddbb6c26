//! Cancel pending tasks, and go on when they have really ended.
//!
//! - **Python:** `task.cancel()` for each of `pending`; then
//!   `await asyncio.gather(*pending, return_exceptions=True)`
//! - **Rust:** `JoinSet::shutdown().await`
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example cancel-pending
//! found by search 1
//! cancelled: 0 searches running
//! trap: the set is dropped: 2 searches not yet ended
//! ```
//!
//! **Trap:** dropping a `JoinSet` aborts its tasks, too, but waits for none of them.
//! Their destructors may run later, even after what they need is gone.
//!
//! Neighbours: `async-wait-first-completed`, `task-cancel`, `task-group`, `all-tasks`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::{task::JoinSet, time::sleep};

static RUNNING: AtomicUsize = AtomicUsize::new(0); // Only to show what happens.

/// Counts a search until it is dropped, by its end or by a cancellation.
struct Counted;

impl Counted {
    fn new() -> Self {
        RUNNING.fetch_add(1, Relaxed);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Relaxed);
    }
}

async fn search(number: u64) -> u64 {
    let _counted = Counted::new();
    sleep(Duration::from_hours(number)).await;
    number
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut searches: JoinSet<_> = (1..=3).map(search).collect();
    if let Some(first) = searches.join_next().await {
        println!("found by search {}", first.expect("it does not panic"));
    }
    searches.shutdown().await;
    println!("cancelled: {} searches running", RUNNING.load(Relaxed));

    // Wrong if what follows relies on their clean-up.
    let mut searches: JoinSet<_> = (1..=3).map(search).collect();
    let _ = searches.join_next().await;
    drop(searches);
    // On this one thread, no task runs before the next `.await`.
    println!(
        "trap: the set is dropped: {} searches not yet ended",
        RUNNING.load(Relaxed)
    );
}
