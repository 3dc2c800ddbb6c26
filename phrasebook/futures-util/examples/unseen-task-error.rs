//! Known wrong: start a task that can fail, and never ask what became of it.
//!
//! - **Python:** "Task exception was never retrieved", `task.exception()`,
//!   `task.add_done_callback(f)`
//! - **Rust:** await the handle, or let the task's last line deal with its error
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example unseen-task-error
//! asked: disk full
//! told when it ended: disk full
//! trap: never asked: it has ended, and not a word
//! ```
//!
//! **Trap:** Python complains when the task goes. Here an `Err` that nobody takes is
//! gone without a word; a panic is at least printed, but the program goes on.
//!
//! Neighbours: `create-task`, `gather-return-exceptions`, `task-group`.

use futures_util::FutureExt;
use tokio::task::yield_now;

async fn back_up() -> Result<(), &'static str> {
    yield_now().await; // The disk takes its time.
    Err("disk full")
}

/// The last thing the task does, with what it has come to.
fn report(ended: Result<(), &str>) {
    if let Err(error) = ended {
        println!("told when it ended: {error}");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let task = tokio::spawn(back_up());
    if let Err(error) = task.await.expect("it does not panic") {
        println!("asked: {error}");
    }

    let task = tokio::spawn(back_up().map(report)); // A done callback.
    task.await.expect("it does not panic");

    // Wrong: neither kept nor reported.
    let task = tokio::spawn(back_up());
    let watch = task.abort_handle();
    drop(task);
    while !watch.is_finished() {
        yield_now().await;
    }
    println!("trap: never asked: it has ended, and not a word");
}
