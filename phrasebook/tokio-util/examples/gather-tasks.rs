//! Run several things as tasks and get their values in input order.
//!
//! - **Python:** `asyncio.gather(*coroutines)`, which makes a task of each
//! - **Rust:** `JoinQueue`: a `JoinSet` that gives back in the order of `spawn`
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`,
//!   `cargo add tokio-util -F rt`
//!
//! ```console
//! $ cargo run --example gather-tasks
//! Oslo: 4 degrees
//! Lima: 19 degrees
//! Cairo: 31 degrees
//! trap: JoinSet: Cairo, Oslo, Lima
//! ```
//!
//! **Trap:** `JoinSet::join_all` looks like `gather`, but gives the values in the order
//! in which the tasks ended. Both `join_all`s panic if a task did; `join_next` gives
//! its panic as an `Err`.
//!
//! Neighbours: `gather`, `gather-return-exceptions`, `async-as-completed`,
//! `create-task`.

use std::time::Duration;

use tokio::{task::JoinSet, time::sleep};
use tokio_util::task::JoinQueue;

async fn temperature(place: &'static str) -> (&'static str, i32) {
    let (seconds, degrees) = match place {
        "Oslo" => (2, 4),
        "Lima" => (3, 19),
        _ => (1, 31),
    };
    sleep(Duration::from_secs(seconds)).await;
    (place, degrees)
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let places = ["Oslo", "Lima", "Cairo"];
    let tasks: JoinQueue<_> = places.into_iter().map(temperature).collect();
    for (place, degrees) in tasks.join_all().await {
        println!("{place}: {degrees} degrees");
    }

    // Wrong: the first answer first, whoever was asked first.
    let tasks: JoinSet<_> = places.into_iter().map(temperature).collect();
    let (places, _): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().unzip();
    println!("trap: JoinSet: {}", places.join(", "));
}
