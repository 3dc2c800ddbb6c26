//! First of several async tasks: wait until one has finished, and keep the others.
//!
//! - **Python:** `asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)`
//! - **Rust:** `join_next` of a `JoinSet`: what is pending stays in the set
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example async-wait-first-completed
//! first: the near mirror; 1 pending
//! then: the far mirror
//! trap: select!: the near mirror; the far mirror was dropped at 50 %
//! ```
//!
//! **Trap:** `select!` drops the futures that lose, and what they had done so far. Give
//! it borrowed handles of tasks (`&mut near`, `&mut far`), or use a set.
//!
//! Neighbours: `async-as-completed`, `async-wait-first-exception`, `async-wait-all`.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use tokio::{task::JoinSet, time::sleep};

static FAR_PERCENT: AtomicU32 = AtomicU32::new(0); // Only to show what happens.

async fn near() -> &'static str {
    sleep(Duration::from_secs(5)).await;
    "the near mirror"
}

async fn far() -> &'static str {
    for percent in 1..=100 {
        sleep(Duration::from_millis(99)).await;
        FAR_PERCENT.store(percent, Relaxed);
    }
    "the far mirror"
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut mirrors = JoinSet::new();
    mirrors.spawn(far());
    mirrors.spawn(near());
    if let Some(first) = mirrors.join_next().await {
        let first = first.expect("the task does not panic");
        println!("first: {first}; {} pending", mirrors.len());
    }
    if let Some(second) = mirrors.join_next().await {
        println!("then: {}", second.expect("the task does not panic"));
    }

    // Wrong if the slower one is still needed.
    let winner = tokio::select! {
        mirror = near() => mirror,
        mirror = far() => mirror,
    };
    let percent = FAR_PERCENT.load(Relaxed);
    println!("trap: select!: {winner}; the far mirror was dropped at {percent} %");
}
