//! Clean-up that awaits after cancellation: let a cancelled task finish in good order.
//!
//! - **Python:** `except asyncio.CancelledError:` or `finally:` around an `await`
//! - **Rust:** a `CancellationToken` that the task watches
//! - **Needs:** `cargo add tokio -F macros,rt,sync`, `cargo add tokio-util`
//!
//! ```console
//! $ cargo run --example cancel-cleanup
//! cancelled, saved: Dear Ann
//! trap: aborted, saved: nothing
//! ```
//!
//! **Trap:** an aborted task is dropped at its `.await`, and destructors cannot await.
//! If clean-up must `.await`, do not abort: tell the task through a
//! `CancellationToken`, let it end by itself, and await its handle.
//!
//! Neighbours: `task-cancel`, `wait-for`, `async-with`, `all-tasks`.

use std::{future::pending, mem, sync::Mutex};

use tokio::{sync::oneshot, task::yield_now};
use tokio_util::sync::CancellationToken;

/// A static only so that `main` can look at it after an abort.
static DISK: Mutex<String> = Mutex::new(String::new());

async fn write_letter(has_begun: oneshot::Sender<()>, cancelled: CancellationToken) {
    let mut draft = String::new();
    let writing = async {
        draft += "Dear Ann";
        let _ = has_begun.send(());
        pending().await // The next words never come.
    };
    // After `cancel` it drops `writing`, nothing else, and gives `None`.
    let finished: Option<()> = cancelled.run_until_cancelled(writing).await;
    if finished.is_none() {
        yield_now().await; // The disk takes its time.
        DISK.lock().unwrap().push_str(&draft);
    }
}

fn take_saved() -> String {
    match mem::take(&mut *DISK.lock().unwrap()) {
        saved if saved.is_empty() => "nothing".to_owned(),
        saved => saved,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let cancel = CancellationToken::new();
    let (sender, has_begun) = oneshot::channel();
    let task = tokio::spawn(write_letter(sender, cancel.clone()));
    has_begun.await.expect("the task begins");
    cancel.cancel();
    task.await.expect("the task does not panic");
    println!("cancelled, saved: {}", take_saved());

    // Wrong: after `abort` nothing below the task's `.await` runs.
    let (sender, has_begun) = oneshot::channel();
    let task = tokio::spawn(write_letter(sender, CancellationToken::new()));
    has_begun.await.expect("the task begins");
    task.abort();
    task.await.expect_err("the task was aborted");
    println!("trap: aborted, saved: {}", take_saved());
}
