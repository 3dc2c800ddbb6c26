//! Common mistake: await each task in the loop that starts it.
//!
//! - **Python:** `for page in pages: await asyncio.create_task(fetch(page))`
//! - **Rust:** start all tasks in one loop, and await them in a second one
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example await-in-spawn-loop
//! two loops: at most 3 requests at the same time
//! trap: one loop: at most 1 request at the same time
//! ```
//!
//! **Trap:** as in Python, a loop that spawns and awaits looks concurrent and is not:
//! each task starts only when the one before it has ended. The same happens in a `for`
//! loop over a lazy iterator of handles: `collect` them first.
//!
//! Neighbours: `gather-tasks`, `bounded-tasks`, `create-task`, `join-in-spawn-loop`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::sleep;

// For this page only: they count the requests that are running.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

async fn fetch(_page: &str) {
    let running = RUNNING.fetch_add(1, Relaxed) + 1;
    MOST.fetch_max(running, Relaxed);
    sleep(Duration::from_secs(1)).await;
    RUNNING.fetch_sub(1, Relaxed);
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let pages = ["a", "b", "c"];
    // Starts all tasks: `map` of an array is not lazy.
    let tasks = pages.map(|page| tokio::spawn(fetch(page)));
    for task in tasks {
        task.await.expect("the task does not panic");
    }
    let most = MOST.swap(0, Relaxed);
    println!("two loops: at most {most} requests at the same time");

    // Wrong: each turn of the loop waits for its task.
    for page in pages {
        let task = tokio::spawn(fetch(page));
        task.await.expect("the task does not panic");
    }
    let most = MOST.swap(0, Relaxed);
    println!("trap: one loop: at most {most} request at the same time");
}
