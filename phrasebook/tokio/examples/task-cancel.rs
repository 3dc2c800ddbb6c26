//! Task cancellation: end a task from outside, and see that it was cancelled.
//!
//! - **Python:** `Task.cancel`, `Task.cancelled`, `asyncio.CancelledError`
//! - **Rust:** `JoinHandle::abort`: the task is dropped at its `.await`, nothing is
//!   raised in it; then `JoinError::is_cancelled`
//! - **Needs:** `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example task-cancel
//! connection open
//! connection closed
//! task: cancelled
//! trap: aborted during its last step, the task still returned: read to the end
//! ```
//!
//! **Trap:** a task cannot catch, delay or refuse an `abort`: only destructors run. The
//! abort takes effect at the next `.await` that has to wait. If none follows, the task
//! finishes normally, as if `abort` had never been called; in Python such a task counts
//! as cancelled.
//!
//! Neighbours: `cancel-cleanup`, `create-task`, `timeout`, `to-thread`.

use std::future::pending;

use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinError};

struct Connection;

impl Drop for Connection {
    fn drop(&mut self) {
        println!("connection closed");
    }
}

async fn read(is_open: oneshot::Sender<()>) -> &'static str {
    println!("connection open");
    let _connection = Connection; // What Python writes as `finally` is a destructor.
    let _ = is_open.send(());
    pending().await // The other side sends nothing.
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
    let (sender, is_open) = oneshot::channel();
    let task = tokio::spawn(read(sender));
    is_open.await.expect("the task opens a connection");
    task.abort();
    println!("task: {}", outcome(task.await));

    // Wrong: to rely on `abort`. After it this task has no `.await` left. The task aborts
    // itself, so that the abort surely comes while it runs.
    let (sender, own_handle) = oneshot::channel::<AbortHandle>();
    let task = tokio::spawn(async {
        own_handle.await.expect("main sends it").abort();
        "read to the end"
    });
    let _ = sender.send(task.abort_handle());
    let value = outcome(task.await);
    println!("trap: aborted during its last step, the task still returned: {value}");
}
