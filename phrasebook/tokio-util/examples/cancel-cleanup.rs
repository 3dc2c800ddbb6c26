//! Let a task clean up with awaits of its own when it is cancelled.
//!
//! - **Python:** `except asyncio.CancelledError:` or `finally:` around an `await`
//! - **Rust:** a `CancellationToken` that the task watches
//! - **Needs:** `cargo add tokio -F macros,rt`, `cargo add tokio-util`
//!
//! ```console
//! $ cargo run --example cancel-cleanup
//! cancelled: saved ["Dear Ann, "]
//! trap: aborted: saved []
//! ```
//!
//! **Trap:** an aborted task is dropped where it stands and its destructors cannot
//! await: code that is to run after a cancellation has to be asked for, by a token.
//!
//! Neighbours: `task-cancel`, `wait-for`, `async-with`, `all-tasks`.

use std::{future::pending, mem::take, sync::Mutex};

use tokio::task::yield_now;
use tokio_util::sync::CancellationToken;

static DISK: Mutex<Vec<String>> = Mutex::new(Vec::new());

async fn write_letter(cancelled: CancellationToken) {
    let mut draft = String::new();
    let writing = async {
        draft += "Dear Ann, ";
        pending().await // And what now?
    };
    // Drops the writing, and nothing else, when the token says so.
    let letter: Option<()> = cancelled.run_until_cancelled(writing).await;
    if letter.is_none() {
        yield_now().await; // The disk takes its time.
        DISK.lock().unwrap().push(draft);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let cancel = CancellationToken::new();
    let task = tokio::spawn(write_letter(cancel.clone()));
    yield_now().await; // It begins.
    cancel.cancel();
    task.await.expect("it ends by itself");
    println!("cancelled: saved {:?}", take(&mut *DISK.lock().unwrap()));

    // Wrong: nothing after the task's `.await` is ever reached.
    let task = tokio::spawn(write_letter(CancellationToken::new()));
    yield_now().await;
    task.abort();
    task.await.expect_err("it was aborted");
    println!("trap: aborted: saved {:?}", DISK.lock().unwrap());
}
