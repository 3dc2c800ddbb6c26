//! Async queue join: wait until every item of a queue has been processed.
//!
//! - **Python:** `queue.task_done()`, `await queue.join()`
//! - **Rust:** `tokio_util::task::TaskTracker`: a token goes along with each item;
//!   dropping it is `task_done()`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync,time`,
//!   `cargo add tokio-util -F rt`
//!
//! ```console
//! $ cargo run --example async-queue-join
//! stamped: Ada's letter
//! stamped: Ben's letter
//! stamped: Eve's letter
//! 3 of 3 letters are stamped
//! trap: 0 items are left, but without close() wait() still waits
//! ```
//!
//! **Trap:** `wait()` returns when the tracker is empty *and* closed: without `close()`
//! it waits for ever. A closed tracker still takes new items.
//!
//! Neighbours: `async-queue`, `async-queue-shutdown`, `start-server`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver};
use tokio::time::timeout;
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

async fn clerk(
    mut letters: Receiver<(&str, TaskTrackerToken)>,
    stamped: Arc<AtomicUsize>,
) {
    while let Some((name, token)) = letters.recv().await {
        println!("stamped: {name}'s letter");
        stamped.fetch_add(1, SeqCst);
        drop(token); // Otherwise it is dropped at the end of the block.
    }
}

#[tokio::main]
async fn main() {
    let (sender, letters) = mpsc::channel(8);
    let stamped = Arc::new(AtomicUsize::new(0));
    let clerk = tokio::spawn(clerk(letters, stamped.clone()));
    let tracker = TaskTracker::new();
    let names = ["Ada", "Ben", "Eve"];
    for name in names {
        let letter = (name, tracker.token());
        sender.send(letter).await.expect("the receiver is there");
    }
    tracker.close();
    tracker.wait().await;
    let count = stamped.load(SeqCst);
    println!("{count} of {} letters are stamped", names.len());
    drop(sender);
    clerk.await.expect("the task does not panic");

    // Wrong: the tracker is not closed.
    let tracker = TaskTracker::new();
    drop(tracker.token());
    let limit = Duration::from_millis(50);
    if timeout(limit, tracker.wait()).await.is_err() {
        let count = tracker.len();
        println!("trap: {count} items are left, but without close() wait() still waits");
    }
}
