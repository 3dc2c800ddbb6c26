//! Take the results of several tasks as they come, the quickest first.
//!
//! - **Python:** `for next_one in asyncio.as_completed(tasks): await next_one`; from 3.13
//!   on also `async for`, which gives the tasks themselves
//! - **Rust:** `JoinSet` and `join_next`; the task returns what tells which one it was
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example async-as-completed
//! plane
//! train
//! ship
//! all unpacked after 16 hours
//! trap: not spawned: plane, train, ship, after 21 hours
//! ```
//!
//! In Python: nothing for `all unpacked after 16 hours`.
//!
//! **Trap:** futures that are not spawned go on only while somebody asks for the next
//! one: `FuturesUnordered` stands still as long as you deal with the last result.
//!
//! Neighbours: `async-wait-first-completed`, `gather-tasks`, `async-map-buffersize`.

use std::time::Duration;

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

const COURIERS: [(&str, u64); 3] = [("ship", 3), ("train", 2), ("plane", 1)];
const UNPACK: Duration = Duration::from_hours(4);

async fn deliver((courier, hours): (&'static str, u64)) -> &'static str {
    for _ in 0..4 {
        sleep(Duration::from_hours(hours)).await; // To the next border.
    }
    courier
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut deliveries: JoinSet<_> = COURIERS.into_iter().map(deliver).collect();
    let begin = Instant::now();
    while let Some(courier) = deliveries.join_next().await {
        println!("{}", courier.expect("couriers do not panic"));
        sleep(UNPACK).await;
    }
    println!(
        "all unpacked after {} hours",
        begin.elapsed().as_secs() / 3600
    );

    // Wrong: nobody drives the train while what came by plane is unpacked.
    let mut deliveries: FuturesUnordered<_> = COURIERS.into_iter().map(deliver).collect();
    let (begin, mut order) = (Instant::now(), vec![]);
    while let Some(courier) = deliveries.next().await {
        order.push(courier);
        sleep(UNPACK).await;
    }
    let (order, hours) = (order.join(", "), begin.elapsed().as_secs() / 3600);
    println!("trap: not spawned: {order}, after {hours} hours");
}
