//! Timeout: stop something when its time limit is over.
//!
//! - **Python:** `async with asyncio.timeout(limit):`, an `asyncio.Timeout`;
//!   `TimeoutError`
//! - **Rust:** `timeout(limit, future)`: a `Result`; its error means "too late"
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example timeout
//! tea: ready
//! stew: too slow
//! stew in a task: too slow
//! trap: timeout(limit, handle): too slow, and the task still runs
//! ```
//!
//! **Trap:** after the timeout the future is dropped. If it is a task's handle, the task
//! runs on. Pass `&mut handle`, then abort and await the task; or wrap the handle in
//! tokio-util's `AbortOnDropHandle`, which aborts the task when it is dropped.
//!
//! Neighbours: `timeout-at`, `timeout-reschedule`, `wait-for`, `shield`,
//! `async-postgres-cancel`.

use std::time::Duration;

use tokio::time::{sleep, timeout};

const LIMIT: Duration = Duration::from_mins(10);

async fn cook(minutes: u64) -> &'static str {
    sleep(Duration::from_mins(minutes)).await;
    "ready"
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let tea = timeout(LIMIT, cook(5)).await;
    println!("tea: {}", tea.unwrap_or("too slow"));
    let stew = timeout(LIMIT, cook(90)).await;
    println!("stew: {}", stew.unwrap_or("too slow"));

    let mut stew = tokio::spawn(cook(90));
    match timeout(LIMIT, &mut stew).await {
        Ok(stew) => println!("stew in a task: {}", stew.expect("cooking does not panic")),
        Err(_) => {
            stew.abort();
            // When this returns, the task has ended and its destructors have run.
            if stew.await.is_err_and(|error| error.is_cancelled()) {
                println!("stew in a task: too slow");
            }
        }
    }

    // Wrong: only the handle is dropped.
    let stew = tokio::spawn(cook(90));
    let watch = stew.abort_handle();
    if timeout(LIMIT, stew).await.is_err() && !watch.is_finished() {
        println!("trap: timeout(limit, handle): too slow, and the task still runs");
    }
}
