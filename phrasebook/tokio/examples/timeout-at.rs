//! Deadline for several steps: one moment by which all of them must be done.
//!
//! - **Python:** `async with asyncio.timeout_at(when): ...`, `loop.time()`;
//!   `asyncio.as_completed(tasks, timeout=limit)`
//! - **Rust:** `timeout_at(deadline, step)`, with one `Instant` for all steps: here
//!   `recv()` in a loop, for tasks `join_next()` of a `JoinSet`
//! - **Needs:** `cargo add tokio -F macros,rt,sync,time,test-util`
//!
//! ```console
//! $ cargo run --example timeout-at
//! letter from Ann
//! letter from Bob
//! deadline: 2 letters
//! trap: collected inside the dropped block: 0 letters left
//! ```
//!
//! **Trap:** `timeout_at(deadline, async { ... })` drops the block at the deadline, and
//! all that it has collected. Keep results outside the block: Python's `async with`
//! keeps them. As in Python, `timeout(limit, step)` gives each step a new limit.
//!
//! Neighbours: `timeout`, `timeout-reschedule`, `async-wait-all`.

use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver};
use tokio::time::{Instant, sleep, timeout_at};

const LIMIT: Duration = Duration::from_hours(4);

/// The first letter comes immediately, then one every three hours.
fn letters() -> Receiver<&'static str> {
    let (post, letters) = mpsc::channel(5);
    tokio::spawn(async move {
        for sender in ["Ann", "Bob", "Cleo", "Dan", "Eve"] {
            if post.send(sender).await.is_err() {
                return; // The receiver is gone.
            }
            sleep(Duration::from_hours(3)).await;
        }
    });
    letters
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut inbox = letters();
    let deadline = Instant::now() + LIMIT;
    let mut count = 0;
    // `Err` is the deadline, `Ok(None)` the end of the channel.
    while let Ok(Some(sender)) = timeout_at(deadline, inbox.recv()).await {
        println!("letter from {sender}");
        count += 1;
    }
    println!("deadline: {count} letters");

    // Wrong: the vector belongs to the block, and is dropped with it.
    let mut inbox = letters();
    let collect = async {
        let mut collected = Vec::new();
        while let Some(sender) = inbox.recv().await {
            collected.push(sender);
        }
        collected
    };
    let deadline = Instant::now() + LIMIT;
    let left = timeout_at(deadline, collect).await.unwrap_or_default();
    println!(
        "trap: collected inside the dropped block: {} letters left",
        left.len()
    );
}
