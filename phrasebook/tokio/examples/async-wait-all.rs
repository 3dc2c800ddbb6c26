//! Wait for several tasks up to a limit; what is not done by then goes on, and is not
//! lost.
//!
//! - **Python:** `done, pending = await asyncio.wait(tasks, timeout=limit)`
//! - **Rust:** `timeout_at(deadline, join_next())` in a loop; the set keeps the rest
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example async-wait-all
//! at noon: 2 coming, 1 pending
//! in the end: 3 coming
//! trap: timeout around join_all: 0 coming
//! ```
//!
//! **Trap:** `join_all` takes the set itself: when a limit around it is over, both the
//! values that were there and the tasks that were not are gone.
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
    [("Ann", 5), ("Bob", 1), ("Cleo", 3)]
        .map(reply)
        .into_iter()
        .collect()
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut pending = invite();
    let noon = Instant::now() + LIMIT;
    let mut coming = Vec::new();
    while let Ok(Some(reply)) = timeout_at(noon, pending.join_next()).await {
        coming.push(reply.expect("guests do not panic"));
    }
    let (sure, unsure) = (coming.len(), pending.len());
    println!("at noon: {sure} coming, {unsure} pending");
    coming.extend(pending.join_all().await);
    println!("in the end: {} coming", coming.len());

    // Wrong: all or nothing.
    let coming = timeout(LIMIT, invite().join_all())
        .await
        .unwrap_or_default();
    println!("trap: timeout around join_all: {} coming", coming.len());
}
