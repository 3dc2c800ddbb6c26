//! Make tasks wait for each other, so that all begin the next step together.
//!
//! - **Python:** `asyncio.Barrier(3)`, `await barrier.wait()`
//! - **Rust:** `tokio::sync::Barrier`; its `is_leader` is true for one of them, as
//!   Python's index 0 is
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt-multi-thread,sync,time`
//!
//! ```console
//! $ cargo run --example async-barrier
//! Ada goes on when 3 are at the hut
//! Ben goes on when 3 are at the hut
//! Eve goes on when 3 are at the hut
//! one of them locks the hut: true
//! trap: of 2 one gave up, and the other went on alone: true
//! ```
//!
//! **Trap:** `wait` is not cancel safe: whoever gives up has been counted already, and
//! the others leave one short. Nor is there an `abort` that would tell them.
//!
//! Neighbours: `async-event`, `async-condition`.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Barrier;
use tokio::time::timeout;

static THERE: AtomicUsize = AtomicUsize::new(0);

async fn hike(name: &str, hut: &Barrier) -> (String, bool) {
    THERE.fetch_add(1, SeqCst);
    let leads = hut.wait().await.is_leader();
    let there = THERE.load(SeqCst);
    (format!("{name} goes on when {there} are at the hut"), leads)
}

#[tokio::main]
async fn main() {
    let hut = Barrier::new(3);
    let hikers = ["Ada", "Ben", "Eve"].map(|name| hike(name, &hut));
    let (lines, leads): (Vec<_>, Vec<_>) = join_all(hikers).await.into_iter().unzip();
    println!("{}", lines.join("\n"));
    let leaders = leads.into_iter().filter(|&leads| leads).count();
    println!("one of them locks the hut: {}", leaders == 1);

    // Wrong: the first one left, but still counts.
    let hut = Barrier::new(2);
    let gave_up = timeout(Duration::from_millis(10), hut.wait())
        .await
        .is_err();
    let alone = timeout(Duration::from_secs(1), hut.wait()).await.is_ok();
    println!(
        "trap: of 2 one gave up, and the other went on alone: {}",
        gave_up && alone
    );
}
