//! Yield: let other tasks run in the middle of a long computation.
//!
//! - **Python:** `await asyncio.sleep(0)`
//! - **Rust:** `tokio::task::yield_now().await`
//! - **Needs:** `cargo add tokio -F macros,rt,time`
//!
//! ```console
//! $ cargo run --example sleep-zero
//! the other task runs
//! the computation has ended
//! trap: 100 times sleep(Duration::ZERO): more than 90 ms
//! ```
//!
//! **Trap:** `sleep(Duration::ZERO)` is no substitute: it takes about a millisecond.
//! `yield_now` promises no order: to wait for another task, use a channel. As in Python, a
//! loop in which no `.await` has to wait holds its thread. Only tokio's own types
//! (channels, locks, timers, sockets, handles) yield now and then.
//!
//! Neighbours: `cpu-work-on-the-runtime`, `blocking-sleep`, `sleep`.

use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, yield_now};
use tokio::time::sleep;

/// A computation that ends only when another task has finished.
async fn count_until_finished(other: JoinHandle<()>) -> u64 {
    let mut count = 0;
    while !other.is_finished() {
        count += 1;
        if count % 1_000 == 0 {
            yield_now().await; // Without it, the loop never ends on one thread.
        }
    }
    count
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let other = tokio::spawn(async { println!("the other task runs") });
    let _ = count_until_finished(other).await;
    println!("the computation has ended");

    // Wrong: `asyncio.sleep(0)`, word for word.
    let begin = Instant::now();
    for _ in 0..100 {
        sleep(Duration::ZERO).await;
    }
    let elapsed = begin.elapsed();
    assert!(elapsed > Duration::from_millis(90), "only {elapsed:?}");
    println!("trap: 100 times sleep(Duration::ZERO): more than 90 ms");
}
