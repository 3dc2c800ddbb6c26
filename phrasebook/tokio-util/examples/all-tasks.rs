//! All tasks: count them, cancel them, and wait for them before the program ends.
//!
//! - **Python:** `asyncio.all_tasks()`, cancelled and gathered (`asyncio.gather`)
//! - **Rust:** a `TaskTracker` and a `CancellationToken`; `num_alive_tasks()` only
//!   counts
//! - **Needs:** `cargo add tokio -F macros,rt,time`, `cargo add tokio-util -F rt`
//!
//! ```console
//! $ cargo run --example all-tasks
//! started: 3 workers, 3 tasks
//! after the wait: 0 workers
//! trap: tracker not closed: 0 workers left, wait() does not return
//! ```
//!
//! **Trap:** tokio has no list of the tasks of a runtime: keep a tracker. Its `wait`
//! returns only after `close`, even with no task left.
//!
//! Neighbours: `current-task`, `cancel-cleanup`, `asyncio-run`, `task-group`.

use std::time::Duration;

use tokio::{runtime::Handle, task::yield_now, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

async fn work(cancelled: CancellationToken) {
    cancelled.cancelled().await;
    yield_now().await; // Cleaning up takes its time.
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let workers = TaskTracker::new();
    let cancel = CancellationToken::new();
    for _ in 0..3 {
        workers.spawn(work(cancel.clone()));
    }
    let alive = Handle::current().metrics().num_alive_tasks();
    println!("started: {} workers, {alive} tasks", workers.len());

    cancel.cancel();
    workers.close(); // No more are to come. Without `close`, `wait` never returns.
    workers.wait().await;
    println!("after the wait: {} workers", workers.len());

    // Wrong: a tracker that is never closed.
    let workers = TaskTracker::new();
    let worker = workers.spawn(work(cancel)); // Cancelled already: it ends by itself.
    worker.await.expect("the worker does not panic");
    let left = workers.len();
    let outcome = match timeout(Duration::from_millis(10), workers.wait()).await {
        Ok(()) => "wait() returns",
        Err(_) => "wait() does not return",
    };
    println!("trap: tracker not closed: {left} workers left, {outcome}");
}
