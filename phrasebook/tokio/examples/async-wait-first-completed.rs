//! Wait until the first of several tasks has finished, and keep the others.
//!
//! - **Python:** `asyncio.wait(tasks, return_when=FIRST_COMPLETED)`
//! - **Rust:** `join_next` of a `JoinSet`: what is pending stays in the set
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example async-wait-first-completed
//! first: the near mirror; 1 pending
//! then: the far mirror
//! trap: select!: the near mirror; the far mirror stopped at 50 %
//! ```
//!
//! **Trap:** `select!` drops the losers where they stand, and what they had done so
//! far. Lend it the handles of tasks (`&mut near`, `&mut far`), or use a set.
//!
//! Neighbours: `async-as-completed`, `async-wait-first-exception`, `async-wait-all`.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use tokio::{task::JoinSet, time::sleep};

static FAR_PERCENT: AtomicU32 = AtomicU32::new(0);

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

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut mirrors = JoinSet::new();
    mirrors.spawn(far());
    mirrors.spawn(near());
    if let Some(Ok(first)) = mirrors.join_next().await {
        println!("first: {first}; {} pending", mirrors.len());
    }
    if let Some(Ok(second)) = mirrors.join_next().await {
        println!("then: {second}");
    }

    // Wrong, unless the losers are to be cancelled.
    let winner = tokio::select! {
        mirror = near() => mirror,
        mirror = far() => mirror,
    };
    let percent = FAR_PERCENT.load(Relaxed);
    println!("trap: select!: {winner}; the far mirror stopped at {percent} %");
}
