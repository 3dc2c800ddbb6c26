//! Give the other tasks a turn in the middle of long work.
//!
//! - **Python:** `await asyncio.sleep(0)`
//! - **Rust:** `tokio::task::yield_now().await`
//! - **Needs:** `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example sleep-zero
//! sum 499500, turns of the clock: 10
//! trap: without yield_now: sum 499500, turns of the clock: 0
//! ```
//!
//! **Trap:** an async function that awaits nothing, or only futures that are ready, never
//! lets go of its thread: everything else on it stands still. (Only tokio's own channels
//! and sockets let go now and then.) `sleep(Duration::ZERO)` is no substitute: it takes
//! about a millisecond.
//!
//! Neighbours: `cpu-work-on-the-runtime`, `blocking-sleep`, `sleep`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::task::yield_now;

static TURNS: AtomicUsize = AtomicUsize::new(0);

async fn clock() {
    loop {
        TURNS.fetch_add(1, Relaxed);
        yield_now().await;
    }
}

async fn sum(fair: bool) -> u32 {
    let mut sum = 0;
    for number in 0..1_000 {
        if fair && number % 100 == 0 {
            yield_now().await;
        }
        sum += number;
    }
    sum
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    tokio::spawn(clock());
    let result = sum(true).await;
    println!(
        "sum {result}, turns of the clock: {}",
        TURNS.swap(0, Relaxed)
    );

    // Wrong: async by name only.
    let result = sum(false).await;
    let turns = TURNS.load(Relaxed);
    println!("trap: without yield_now: sum {result}, turns of the clock: {turns}");
}
