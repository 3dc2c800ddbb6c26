//! Common mistake: a long computation inside a task, where no timeout can stop it.
//!
//! - **Python:** `await asyncio.to_thread(count)` instead of `count()`
//! - **Rust:** `spawn_blocking(count).await`, or rayon: see `run-in-executor`
//! - **Needs:** `cargo add tokio -F macros,rt,time`
//!
//! ```console
//! $ cargo run --example cpu-work-on-the-runtime
//! in a thread: timeout after 10 ms, the search is stopped
//! found: the best move so far
//! trap: inside the task: no timeout in 50 ms, found: the best move
//! ```
//!
//! **Trap:** as in Python, a `timeout` around a computation cannot fire before the
//! computation awaits. If it never awaits, `timeout` returns its late result as `Ok`. No
//! other task of this thread runs meanwhile.
//!
//! Neighbours: `to-thread`, `run-in-executor`, `sleep-zero`, `timeout`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::{task::spawn_blocking, time::timeout};

const LIMIT: Duration = Duration::from_millis(10);

/// Checks now and then whether it is to stop: nothing else can stop it early.
fn find_best_move(time: Duration, stop: &AtomicBool) -> &'static str {
    let begin = Instant::now();
    while begin.elapsed() < time {
        if stop.load(Relaxed) {
            return "the best move so far";
        }
    }
    "the best move"
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stop = Arc::new(AtomicBool::new(false));
    let stop_search = Arc::clone(&stop);
    let mut search = spawn_blocking(move || find_best_move(Duration::MAX, &stop_search));
    let found = match timeout(LIMIT, &mut search).await {
        Ok(found) => found,
        Err(_) => {
            println!("in a thread: timeout after 10 ms, the search is stopped");
            stop.store(true, Relaxed);
            search.await
        }
    };
    println!("found: {}", found.expect("the search does not panic"));

    // Wrong: the timer shares its thread with the computation.
    let never = AtomicBool::new(false);
    let search = async { find_best_move(5 * LIMIT, &never) };
    if let Ok(found) = timeout(LIMIT, search).await {
        println!("trap: inside the task: no timeout in 50 ms, found: {found}");
    }
}
