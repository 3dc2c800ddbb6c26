//! Sleep without blocking the thread: other tasks run meanwhile.
//!
//! - **Python:** `await asyncio.sleep(seconds)`
//! - **Rust:** `tokio::time::sleep(duration).await`
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example sleep
//! egg: done
//! potato: done
//! -1 s: not a duration
//! trap: 10 sleeps of 0.1 ms: 10 ms instead of 1 ms
//! ```
//!
//! In Python: `-1 s: no pause at all` for `-1 s: not a duration`.
//!
//! **Trap:** a sleep ends on a whole millisecond, never before its time. Many short
//! sleeps take much longer than their sum. `Duration::from_secs_f64` panics on negative
//! seconds and NaN.
//!
//! Neighbours: `blocking-sleep`, `sleep-zero`, `timeout`, `call-later`, `async-test`.

use std::time::Duration;

use tokio::time::{Instant, sleep};

async fn boil(what: &str, minutes: u64) {
    sleep(Duration::from_mins(minutes)).await;
    println!("{what}: done");
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    tokio::join!(boil("egg", 5), boil("potato", 20));

    // Seconds from a user or a file need a check; constants do not.
    match Duration::try_from_secs_f64(-1.0) {
        Ok(pause) => sleep(pause).await,
        Err(_) => println!("-1 s: not a duration"),
    }

    // Wrong: the timer cannot sleep for less than a millisecond.
    let begin = Instant::now();
    for _ in 0..10 {
        sleep(Duration::from_micros(100)).await;
    }
    println!(
        "trap: 10 sleeps of 0.1 ms: {} ms instead of 1 ms",
        begin.elapsed().as_millis()
    );
}
