//! Yield: let other tasks run in the middle of a long computation.
//!
//! - **Python:** `await asyncio.sleep(0)`
//! - **Rust:** `tokio::task::yield_now().await`
//! - **Needs:** `cargo add tokio -F macros,rt,time`
//!
//! ```console
//! $ cargo run --example sleep-zero
//! the other task runs
//! the computation is stopped
//! trap: 100 times sleep(Duration::ZERO): more than 90 ms
//! ```
//!
//! **Trap:** `sleep(Duration::ZERO)` is no substitute: it takes about a millisecond.
//! `yield_now` promises no order: to wait for another task, use a channel. As in Python,
//! a loop in which no `.await` has to wait holds its thread. tokio's own types (channels,
//! locks, timers, sockets, handles) do yield now and then.
//!
//! Neighbours: `cpu-work-on-the-runtime`, `blocking-sleep`, `sleep`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::{task::yield_now, time::sleep};

/// A long computation, which another task can stop.
async fn count(stop: &AtomicBool) -> u64 {
    let mut count = 0;
    while !stop.load(Relaxed) {
        count += 1;
        if count % 1_000 == 0 {
            yield_now().await; // Without it, this thread would never run the other task.
        }
    }
    count
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stop = Arc::new(AtomicBool::new(false));
    let to_set = Arc::clone(&stop);
    tokio::spawn(async move {
        println!("the other task runs");
        to_set.store(true, Relaxed);
    });
    let _ = count(&stop).await;
    println!("the computation is stopped");

    // Wrong: `asyncio.sleep(0)` translated word for word.
    let begin = Instant::now();
    for _ in 0..100 {
        sleep(Duration::ZERO).await;
    }
    let elapsed = begin.elapsed();
    assert!(elapsed > Duration::from_millis(90), "only {elapsed:?}");
    println!("trap: 100 times sleep(Duration::ZERO): more than 90 ms");
}
