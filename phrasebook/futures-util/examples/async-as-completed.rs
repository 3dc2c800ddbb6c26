//! Results of async tasks in the order of completion, the fastest first.
//!
//! - **Python:** `for next_one in asyncio.as_completed(tasks): await next_one`; from 3.13
//!   on also `async for`, which gives the tasks themselves
//! - **Rust:** `JoinSet` and `join_next`; each task's value must say which one it was
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example async-as-completed
//! plane
//! train
//! ship
//! trap: futures not spawned: all unpacked after 20 hours instead of 17
//! ```
//!
//! **Trap:** futures that are not spawned run only while something polls them. A
//! `FuturesUnordered` stands still while the loop's body deals with a result.
//!
//! Neighbours: `async-wait-first-completed`, `gather-tasks`, `async-map-buffersize`.

use std::time::Duration;

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

const COURIERS: [(&str, u64); 3] = [("ship", 5), ("train", 3), ("plane", 1)];
const UNPACK: Duration = Duration::from_hours(5);

/// Two steps: the second one begins only when the future is polled after the first.
async fn deliver((courier, hours): (&'static str, u64)) -> &'static str {
    sleep(Duration::from_hours(hours)).await; // To the border.
    sleep(Duration::from_hours(hours)).await; // To the door.
    courier
}

fn hours_since(begin: Instant) -> u64 {
    begin.elapsed().as_secs() / 3600
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let begin = Instant::now();
    let mut deliveries: JoinSet<_> = COURIERS.into_iter().map(deliver).collect();
    while let Some(courier) = deliveries.join_next().await {
        println!("{}", courier.expect("the task does not panic"));
        sleep(UNPACK).await;
    }
    let spawned = hours_since(begin);

    // Wrong: no delivery moves while another one is unpacked.
    let begin = Instant::now();
    let mut deliveries: FuturesUnordered<_> = COURIERS.into_iter().map(deliver).collect();
    while let Some(_courier) = deliveries.next().await {
        sleep(UNPACK).await;
    }
    let not_spawned = hours_since(begin);
    println!(
        "trap: futures not spawned: \
         all unpacked after {not_spawned} hours instead of {spawned}"
    );
}
