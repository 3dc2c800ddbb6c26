//! Wait for several futures at once, and get what became of each, failures too.
//!
//! - **Python:** `asyncio.gather(*coroutines, return_exceptions=True)`
//! - **Rust:** `join_all` of futures that give a `Result`: an option there, the rule here
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt-multi-thread`
//!
//! ```console
//! $ cargo run --example gather-return-exceptions
//! Oslo: 4 degrees
//! Atlantis: no such place
//! Cairo: 31 degrees
//! trap: try_join_all: no such place, when 2 of 3 had answered
//! ```
//!
//! **Trap:** `try_join_all` looks like the same with less to unpack, but it drops the
//! others where they stand when one fails. `gather` lets them go on, in any case.
//!
//! Neighbours: `gather`, `gather-tasks`, `task-group`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures_util::future::{join_all, try_join_all};
use tokio::task::yield_now;

static ANSWERS: AtomicUsize = AtomicUsize::new(0);

async fn temperature(place: &str) -> Result<i32, String> {
    yield_now().await; // The answer comes from far away.
    ANSWERS.fetch_add(1, Relaxed);
    match place {
        "Oslo" => Ok(4),
        "Cairo" => Ok(31),
        _ => Err("no such place".to_owned()),
    }
}

#[tokio::main]
async fn main() {
    let places = ["Oslo", "Atlantis", "Cairo"];
    let answers = join_all(places.map(temperature)).await;
    for (place, answer) in places.iter().zip(answers) {
        match answer {
            Ok(degrees) => println!("{place}: {degrees} degrees"),
            Err(error) => println!("{place}: {error}"),
        }
    }

    // Wrong where every answer counts: the first failure is all that is left.
    ANSWERS.store(0, Relaxed);
    if let Err(error) = try_join_all(places.map(temperature)).await {
        let answers = ANSWERS.load(Relaxed);
        println!("trap: try_join_all: {error}, when {answers} of 3 had answered");
    }
}
