//! `gather` with failures: wait for several futures, and get each value or error.
//!
//! - **Python:** `asyncio.gather(*coroutines, return_exceptions=True)`
//! - **Rust:** `join_all` of futures that return a `Result`: errors are values anyway
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example gather-return-exceptions
//! Oslo: 4 degrees
//! Atlantis: no such place
//! Cairo: 31 degrees
//! trap: try_join_all: no such place; 1 of 3 futures dropped
//! ```
//!
//! **Trap:** when one future fails, `try_join_all` drops the others where they wait.
//! `gather` lets them run on, with or without `return_exceptions`. A panic is not an
//! `Err`: it drops the others, too. To get it as a value, spawn each future.
//!
//! Neighbours: `gather`, `gather-tasks`, `task-group`, `gather-panic`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use tokio::time::sleep;

/// For this page only: counts the futures that ran to their end.
static ENDED: AtomicUsize = AtomicUsize::new(0);

async fn temperature(place: &str) -> Result<i32, String> {
    let (seconds, answer) = match place {
        "Oslo" => (1, Ok(4)),
        "Cairo" => (3, Ok(31)),
        _ => (2, Err("no such place".to_owned())),
    };
    sleep(Duration::from_secs(seconds)).await;
    ENDED.fetch_add(1, Relaxed);
    answer
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let places = ["Oslo", "Atlantis", "Cairo"];
    let answers = join_all(places.map(temperature)).await;
    for (place, answer) in places.iter().zip(answers) {
        match answer {
            Ok(degrees) => println!("{place}: {degrees} degrees"),
            Err(error) => println!("{place}: {error}"),
        }
    }

    // Wrong, if every answer counts: the first failure is all that is left.
    ENDED.store(0, Relaxed);
    if let Err(error) = try_join_all(places.map(temperature)).await {
        let dropped = places.len() - ENDED.load(Relaxed);
        println!("trap: try_join_all: {error}; {dropped} of 3 futures dropped");
    }
}
