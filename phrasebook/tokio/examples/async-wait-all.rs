//! Timeout for several async tasks: take what is done by then, and keep the rest.
//!
//! - **Python:** `done, pending = await asyncio.wait(tasks, timeout=limit)`; by default
//!   `return_when` is `asyncio.ALL_COMPLETED`
//! - **Rust:** `timeout_at(deadline, join_next())` in a loop; the set keeps the rest
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example async-wait-all
//! after the timeout: 2 done, 1 pending
//! in the end: 3 done
//! trap: timeout around join_all: all 3 results lost
//! ```
//!
//! **Trap:** `join_all` takes the set by value. If a timeout around it expires, you lose
//! the results that had already come, and the tasks that still run are aborted. In Python
//! each finished `Task` keeps its result.
//!
//! Neighbours: `async-wait-first-completed`, `timeout-at`, `gather-tasks`.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout, timeout_at};

const LIMIT: Duration = Duration::from_hours(4);

async fn reply((guest, hours): (&'static str, u64)) -> &'static str {
    sleep(Duration::from_hours(hours)).await;
    guest
}

fn invite() -> JoinSet<&'static str> {
    let guests = [("Ann", 5), ("Bob", 1), ("Cleo", 3)];
    guests.into_iter().map(reply).collect()
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut pending = invite();
    let deadline = Instant::now() + LIMIT;
    let mut done = Vec::new();
    // `Err` is the deadline, `Ok(None)` the empty set.
    while let Ok(Some(reply)) = timeout_at(deadline, pending.join_next()).await {
        done.push(reply.expect("the task does not panic"));
    }
    println!(
        "after the timeout: {} done, {} pending",
        done.len(),
        pending.len()
    );
    done.extend(pending.join_all().await);
    println!("in the end: {} done", done.len());

    // Wrong, if you need the results that came in time.
    let pending = invite();
    let tasks = pending.len();
    if timeout(LIMIT, pending.join_all()).await.is_err() {
        println!("trap: timeout around join_all: all {tasks} results lost");
    }
}
