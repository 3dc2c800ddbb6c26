//! Wait for several things at once, and go on when all are done.
//!
//! - **Python:** `await asyncio.gather(say_after(1, "hello"), say_after(2, "world"))`
//! - **Rust:** `join!` of futures, or `join_all` of a list: one task drives them all
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example gather
//! hello
//! world
//! trap: one after the other: 3 s
//! ```
//!
//! **Trap:** a future does nothing before it is awaited. Two that were made together and
//! are awaited one after the other run one after the other.
//!
//! Neighbours: `gather-tasks`, `gather-return-exceptions`, `task-group`, `async-gather`.

use std::time::Duration;

use tokio::join;
use tokio::time::{Instant, sleep};

async fn say_after(seconds: u64, what: &str) {
    sleep(Duration::from_secs(seconds)).await;
    println!("{what}");
}

// The clock is paused: when all wait it jumps to the next timer. A plain `#[tokio::main]`
// takes two seconds, and as many threads as there are cores.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    join!(say_after(1, "hello"), say_after(2, "world"));

    // Wrong: the second does not begin before the first has ended.
    let start = Instant::now();
    let wait = async |seconds| sleep(Duration::from_secs(seconds)).await;
    let (one, other) = (wait(1), wait(2));
    one.await;
    other.await;
    let seconds = start.elapsed().as_secs();
    println!("trap: one after the other: {seconds} s");
}
