//! Cancel a task from outside, and see that it was cancelled.
//!
//! - **Python:** `task.cancel()`, `task.cancelled()`, `CancelledError`
//! - **Rust:** `handle.abort()`: the task is dropped at its `.await`; nothing is raised
//!   in it
//! - **Needs:** `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example task-cancel
//! line open
//! line closed
//! call: cancelled
//! trap: aborted, without another await: read to the end
//! ```
//!
//! **Trap:** a task cannot catch, delay or refuse an `abort`: only destructors run. It
//! bites only where the task next waits, so that one that never waits again ends as if
//! nothing had been.
//!
//! Neighbours: `cancel-cleanup`, `create-task`, `timeout`, `to-thread`.

use std::future::pending;

use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinError, yield_now};

struct Line;

impl Drop for Line {
    fn drop(&mut self) {
        println!("line closed");
    }
}

async fn call() -> &'static str {
    println!("line open");
    let _line = Line; // What Python writes as `finally` is a destructor here.
    pending().await // Nobody answers.
}

fn outcome(ended: Result<&str, JoinError>) -> String {
    match ended {
        Ok(value) => value.to_owned(),
        Err(error) if error.is_cancelled() => "cancelled".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let task = tokio::spawn(call());
    yield_now().await; // It begins.
    task.abort();
    println!("call: {}", outcome(task.await));

    // Wrong: to count on it. This task is aborted while it runs, and does not wait
    // again.
    let (send, handle) = oneshot::channel::<AbortHandle>();
    let task = tokio::spawn(async {
        handle.await.expect("main sends it").abort();
        "read to the end"
    });
    let _ = send.send(task.abort_handle());
    println!(
        "trap: aborted, without another await: {}",
        outcome(task.await)
    );
}
