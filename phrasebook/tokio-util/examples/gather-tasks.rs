//! `gather` as tasks: run several tasks and get their values in input order.
//!
//! - **Python:** `asyncio.gather(*coroutines)`, which makes each coroutine a task
//! - **Rust:** `JoinQueue`: a `JoinSet` that returns the values in the order of `spawn`
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`,
//!   `cargo add tokio-util -F rt`
//!
//! ```console
//! $ cargo run --example gather-tasks
//! Oslo: 4 degrees
//! Lima: 19 degrees
//! Cairo: 31 degrees
//! trap: JoinSet, in order of completion: Cairo, Oslo, Lima
//! ```
//!
//! **Trap:** `JoinSet::join_all` looks like `gather`, but returns the values in the order
//! in which the tasks ended. Both `join_all`s panic if a task panicked, and abort the
//! others; `join_next` returns the panic as an `Err`.
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

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let places = ["Oslo", "Lima", "Cairo"];
    let tasks: JoinQueue<_> = places.into_iter().map(temperature).collect();
    for (place, degrees) in tasks.join_all().await {
        println!("{place}: {degrees} degrees");
    }

    // Wrong, if the values are to be in the order of `places`.
    let tasks: JoinSet<_> = places.into_iter().map(temperature).collect();
    let answers = tasks.join_all().await;
    let places: Vec<_> = answers.iter().map(|(place, _)| *place).collect();
    println!(
        "trap: JoinSet, in order of completion: {}",
        places.join(", ")
    );
}
