//! `gather`: wait for several things at the same time, and go on when all are done.
//!
//! - **Python:** `await asyncio.gather(say_after(1, "hello"), say_after(2, "world"))`
//! - **Rust:** `join!` of futures, or futures-util's `join_all` of a list; one task
//!   drives them all
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example gather
//! hello world
//! trap: nothing ran before the await: 4 s instead of 2 s
//! ```
//!
//! **Trap:** `asyncio.gather` starts its coroutines when you call it, even if you await
//! it later. `join_all`, or an async block around `join!`, starts its futures only when
//! you await it. `tokio::spawn` starts immediately.
//!
//! Neighbours: `gather-tasks`, `gather-return-exceptions`, `task-group`, `async-gather`.

use std::time::Duration;

use tokio::join;
use tokio::time::{Instant, sleep};

async fn say_after(seconds: u64, what: &str) -> &str {
    sleep(Duration::from_secs(seconds)).await;
    what
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let (first, second) = join!(say_after(1, "hello"), say_after(2, "world"));
    println!("{first} {second}");

    // Wrong, if the greetings are to run during the other work.
    let start = Instant::now();
    let greetings = async { join!(say_after(1, "hello"), say_after(2, "world")) };
    sleep(Duration::from_secs(2)).await; // The other work.
    let _ = greetings.await;
    let seconds = start.elapsed().as_secs();
    println!("trap: nothing ran before the await: {seconds} s instead of 2 s");
}
