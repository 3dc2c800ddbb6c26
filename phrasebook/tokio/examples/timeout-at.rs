//! Give several steps one deadline together.
//!
//! - **Python:** `async with asyncio.timeout_at(when): ...`, `loop.time()`
//! - **Rust:** `timeout_at(instant, future)`, with one instant for all steps
//! - **Needs:** `cargo add tokio -F macros,rt,sync,time,test-util`
//!
//! ```console
//! $ cargo run --example timeout-at
//! a letter from Ann
//! a letter from Bob
//! noon: 2 letters today
//! trap: a limit for each letter: 5 letters today
//! ```
//!
//! **Trap:** a `timeout` inside a loop starts again for each item: five items may take
//! five times as long. Take the deadline once, before the loop.
//!
//! Neighbours: `timeout`, `timeout-reschedule`, `async-wait-all`.

use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver};
use tokio::time::{Instant, sleep, timeout, timeout_at};

const MORNING: Duration = Duration::from_hours(4);

/// A letter at once, and then one every three hours.
fn letters() -> Receiver<&'static str> {
    let (post, letters) = mpsc::channel(5);
    tokio::spawn(async move {
        for sender in ["Ann", "Bob", "Cleo", "Dan", "Eve"] {
            if post.send(sender).await.is_err() {
                return; // Nobody is at home.
            }
            sleep(Duration::from_hours(3)).await;
        }
    });
    letters
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut inbox = letters();
    let noon = Instant::now() + MORNING;
    let mut count = 0;
    while let Ok(Some(sender)) = timeout_at(noon, inbox.recv()).await {
        println!("a letter from {sender}");
        count += 1;
    }
    println!("noon: {count} letters today");

    // Wrong: four hours from the last letter, not from the morning.
    let (mut inbox, mut count) = (letters(), 0);
    while let Ok(Some(_)) = timeout(MORNING, inbox.recv()).await {
        count += 1;
    }
    println!("trap: a limit for each letter: {count} letters today");
}
