//! Wait until everything that was put into a queue has been dealt with.
//!
//! - **Python:** `queue.task_done()`, `await queue.join()`
//! - **Rust:** `tokio_util::task::TaskTracker`: each item takes a token along, and
//!   dropping the token says "done"
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync,time`,
//!   `cargo add tokio-util -F rt`
//!
//! ```console
//! $ cargo run --example async-queue-join
//! stamped: Ada's letter
//! stamped: Ben's letter
//! stamped: Eve's letter
//! 3 of 3 letters are stamped
//! trap: 0 are open, and wait() without close() still waits
//! ```
//!
//! **Trap:** `wait()` returns when the tracker is empty *and* closed. Whoever forgets
//! `close()` waits for ever. Closed or not, it takes more.
//!
//! Neighbours: `async-queue`, `async-queue-shutdown`, `start-server`.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver};
use tokio::time::timeout;
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

static STAMPED: AtomicUsize = AtomicUsize::new(0);

async fn clerk(mut tray: Receiver<(&str, TaskTrackerToken)>) {
    while let Some((name, done)) = tray.recv().await {
        println!("stamped: {name}'s letter");
        STAMPED.fetch_add(1, SeqCst);
        drop(done); // At the latest where it goes out of scope: nobody can forget it.
    }
}

#[tokio::main]
async fn main() {
    let (desk, tray) = mpsc::channel(8);
    tokio::spawn(clerk(tray));
    let open = TaskTracker::new();
    let names = ["Ada", "Ben", "Eve"];
    for name in names {
        desk.send((name, open.token())).await.unwrap();
    }
    open.close();
    open.wait().await;
    println!(
        "{} of {} letters are stamped",
        STAMPED.load(SeqCst),
        names.len()
    );

    // Wrong: nobody said that no more will come.
    let open = TaskTracker::new();
    drop(open.token());
    if timeout(Duration::from_millis(50), open.wait())
        .await
        .is_err()
    {
        let left = open.len();
        println!("trap: {left} are open, and wait() without close() still waits");
    }
}
