//! End all tasks before the program ends: count them, cancel them, wait for them.
//!
//! - **Python:** `asyncio.all_tasks()`, cancelled and gathered
//! - **Rust:** a `TaskTracker` and a `CancellationToken`; `num_alive_tasks()` only
//!   counts
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`,
//!   `cargo add tokio-util -F rt`
//!
//! ```console
//! $ cargo run --example all-tasks
//! open: 3 tills, 3 tasks
//! closed: 0 tills
//! trap: tracker not closed: 0 tills, and still waiting after an hour
//! ```
//!
//! **Trap:** nobody hands you the tasks of a runtime: keep a tracker. Its `wait`
//! returns only after `close`, even with no task left.
//!
//! Neighbours: `current-task`, `cancel-cleanup`, `asyncio-run`, `task-group`.

use std::time::Duration;

use tokio::{runtime::Handle, task::yield_now, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

async fn till(closing: CancellationToken) {
    closing.cancelled().await;
    yield_now().await; // The money is counted.
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let (tills, closing) = (TaskTracker::new(), CancellationToken::new());
    for _ in 0..3 {
        tills.spawn(till(closing.clone()));
    }
    let alive = Handle::current().metrics().num_alive_tasks();
    println!("open: {} tills, {alive} tasks", tills.len());

    closing.cancel();
    tills.close(); // No more are to come: without it `wait` would go on waiting.
    tills.wait().await;
    println!("closed: {} tills", tills.len());

    // Wrong: a tracker that nobody closes.
    let tills = TaskTracker::new();
    tills
        .spawn(till(closing))
        .await
        .expect("tills do not panic");
    if timeout(Duration::from_hours(1), tills.wait())
        .await
        .is_err()
    {
        let left = tills.len();
        println!(
            "trap: tracker not closed: {left} tills, and still waiting after an hour"
        );
    }
}
