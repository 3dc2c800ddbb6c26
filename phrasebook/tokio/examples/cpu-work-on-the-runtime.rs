//! Known wrong: compute for long inside a task, where timeouts and everybody else wait.
//!
//! - **Python:** `await asyncio.to_thread(count)` instead of `count()`
//! - **Rust:** `spawn_blocking(count).await`, or rayon: see `run-in-executor`
//! - **Needs:** `cargo add tokio -F macros,rt,time`
//!
//! ```console
//! $ cargo run --example cpu-work-on-the-runtime
//! beside the runtime: time is up
//! found: the best so far
//! trap: on the runtime: the very best, as if in time
//! ```
//!
//! **Trap:** `timeout` around a computation never fires: it is asked only when the
//! computation lets go of the thread. If it is complete by then, it even passes as
//! in time.
//!
//! Neighbours: `to-thread`, `run-in-executor`, `sleep-zero`, `timeout`.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::{task::spawn_blocking, time::timeout};

const LIMIT: Duration = Duration::from_millis(10);
static STOP: AtomicBool = AtomicBool::new(false);

/// Asks now and then whether it is to stop: nothing else ends it before its time.
fn find_best_move(time: Duration) -> &'static str {
    let begin = Instant::now();
    while begin.elapsed() < time {
        if STOP.load(Relaxed) {
            return "the best so far";
        }
    }
    "the very best"
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut search = spawn_blocking(|| find_best_move(Duration::MAX));
    if timeout(LIMIT, &mut search).await.is_err() {
        println!("beside the runtime: time is up");
        STOP.store(true, Relaxed);
    }
    println!(
        "found: {}",
        search.await.expect("the search does not panic")
    );

    // Wrong: the timer shares its thread with the computation.
    STOP.store(false, Relaxed);
    match timeout(LIMIT, async { find_best_move(5 * LIMIT) }).await {
        Ok(found) => println!("trap: on the runtime: {found}, as if in time"),
        Err(_) => println!("trap: on the runtime: time is up"),
    }
}
