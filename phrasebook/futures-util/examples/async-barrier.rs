//! Async barrier: tasks wait for each other, then go on together.
//!
//! - **Python:** `asyncio.Barrier(3)`, `await barrier.wait()`
//! - **Rust:** `tokio::sync::Barrier`; `is_leader()` is true for one task: in Python, the
//!   one in which `wait()` returns 0
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt-multi-thread,sync,time`
//!
//! ```console
//! $ cargo run --example async-barrier
//! Ada goes on when 3 are at the hut
//! Ben goes on when 3 are at the hut
//! Eve goes on when 3 are at the hut
//! leaders: 1
//! trap: a barrier for 2 lets one task through: the one that timed out still counts
//! ```
//!
//! **Trap:** `wait` is not cancel safe. A task that is cancelled while it waits still
//! counts, so the barrier lets the others through although one is missing. And there is
//! no `abort` and no `reset`.
//!
//! Neighbours: `async-event`, `async-condition`.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Barrier;
use tokio::time::timeout;

async fn hike(name: &str, arrived: &AtomicUsize, hut: &Barrier) -> (String, bool) {
    arrived.fetch_add(1, SeqCst);
    let is_leader = hut.wait().await.is_leader();
    let count = arrived.load(SeqCst);
    let line = format!("{name} goes on when {count} are at the hut");
    (line, is_leader)
}

#[tokio::main]
async fn main() {
    let hut = Barrier::new(3);
    let arrived = AtomicUsize::new(0);
    let hikers = ["Ada", "Ben", "Eve"].map(|name| hike(name, &arrived, &hut));
    let mut leaders = 0;
    for (line, is_leader) in join_all(hikers).await {
        println!("{line}");
        leaders += usize::from(is_leader);
    }
    println!("leaders: {leaders}");

    // Wrong: the first one has left, but still counts.
    let hut = Barrier::new(2);
    let first = timeout(Duration::from_millis(10), hut.wait()).await;
    assert!(first.is_err(), "it is alone");
    if timeout(Duration::from_secs(1), hut.wait()).await.is_ok() {
        println!(
            "trap: a barrier for 2 lets one task through: \
             the one that timed out still counts"
        );
    }
}
