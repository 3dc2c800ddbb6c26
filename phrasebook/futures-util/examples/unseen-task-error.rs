//! Common mistake: start a task that can fail, and never look at its result.
//!
//! - **Python:** "Task exception was never retrieved"; `task.result()`,
//!   `task.exception()`, `task.add_done_callback(f)`
//! - **Rust:** await the handle, or let the task handle its error itself
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example unseen-task-error
//! awaited: disk full
//! in a callback: disk full
//! trap: the task failed, nothing was printed
//! ```
//!
//! **Trap:** Python logs the exception when the task is garbage-collected, sometimes
//! late. In Rust an `Err` of a task with a dropped handle is lost without a message. A
//! panic prints a message, and the program goes on.
//!
//! Neighbours: `create-task`, `gather-return-exceptions`, `task-group`.

use futures_util::FutureExt;
use tokio::{sync::oneshot, task::yield_now};

async fn back_up() -> Result<(), &'static str> {
    yield_now().await; // Writing takes time.
    Err("disk full")
}

fn report(result: Result<(), &str>) {
    if let Err(error) = result {
        println!("in a callback: {error}");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let task = tokio::spawn(back_up());
    // The outer `Result` is the handle's: the task may have panicked or been aborted.
    if let Err(error) = task.await.expect("the task does not panic") {
        println!("awaited: {error}");
    }

    // In place of a done callback: `report` is the last step of the task itself.
    let task = tokio::spawn(back_up().map(report));
    task.await.expect("the task does not panic");

    // Wrong: the handle is dropped, and nothing receives the error of the task.
    let (failing, has_failed) = oneshot::channel();
    drop(tokio::spawn(async {
        let result = back_up().await;
        let _ = failing.send(());
        result
    }));
    has_failed.await.expect("the task fails");
    println!("trap: the task failed, nothing was printed");
}
