//! Idle timeout: give up only when nothing has come for a while.
//!
//! - **Python:** `asyncio.timeout(delay)`; `asyncio.Timeout.reschedule`,
//!   `asyncio.Timeout.when`, `asyncio.Timeout.expired`
//! - **Rust:** `timeout(limit, recv())` for each item; in a `select!` with other
//!   branches, a `sleep` that is pinned outside the loop: `Sleep::reset`, `deadline`,
//!   `is_elapsed`
//! - **Needs:** `cargo add tokio -F macros,rt,sync,time,test-util`
//!
//! ```console
//! $ cargo run --example timeout-reschedule
//! received: hello
//! received: are you there
//! received: bye
//! idle: connection closed
//! trap: sleep inside select!: no timeout after 60 idle seconds
//! ```
//!
//! **Trap:** a `sleep` written inside `select!` starts anew in each iteration, whichever
//! branch ended the last one. If another branch is always ready before the limit, the
//! `sleep` never ends.
//!
//! Neighbours: `timeout`, `timeout-at`, `sleep`.

use std::{pin::pin, time::Duration};

use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep};

const LIMIT: Duration = Duration::from_secs(5);

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let (sender, mut inbox) = mpsc::channel(3);
    for message in ["hello", "are you there", "bye"] {
        sender.send(message).await.expect("the receiver lives");
    }
    let mut heartbeat = interval(Duration::from_secs(1));
    let mut idle = pin!(sleep(LIMIT));
    loop {
        tokio::select! {
            message = inbox.recv() => {
                let Some(message) = message else { break };
                println!("received: {message}");
                idle.as_mut().reset(Instant::now() + LIMIT);
            }
            _ = heartbeat.tick() => {} // Does not reset the timeout.
            () = &mut idle => {
                println!("idle: connection closed");
                break;
            }
        }
    }

    // Wrong: each heartbeat begins a new iteration, and with it a new `sleep`.
    let mut seconds = 0;
    while seconds < 60 {
        tokio::select! {
            Some(_) = inbox.recv() => {}
            _ = heartbeat.tick() => seconds += 1,
            () = sleep(LIMIT) => break,
        }
    }
    println!("trap: sleep inside select!: no timeout after {seconds} idle seconds");
}
