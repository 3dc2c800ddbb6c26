//! Give something a time limit, and stop it when the limit is over.
//!
//! - **Python:** `async with asyncio.timeout(delay): ...`, `TimeoutError`
//! - **Rust:** `timeout(duration, future)`: a `Result` whose error means "too late"
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example timeout
//! tea: ready
//! stew: too slow
//! stew in a task: too slow
//! trap: handle by value: too slow, and 1 stew cooked for nobody
//! ```
//!
//! **Trap:** when the limit is over the future is dropped. Dropping a task's handle
//! does not end the task: lend `&mut handle`, then abort it and await it.
//!
//! Neighbours: `timeout-at`, `timeout-reschedule`, `wait-for`, `shield`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::{sleep, timeout};

const LIMIT: Duration = Duration::from_mins(10);
static COOKED: AtomicUsize = AtomicUsize::new(0);

async fn cook(minutes: u64) -> &'static str {
    sleep(Duration::from_mins(minutes)).await;
    COOKED.fetch_add(1, Relaxed);
    "ready"
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    println!(
        "tea: {}",
        timeout(LIMIT, cook(5)).await.unwrap_or("too slow")
    );
    println!(
        "stew: {}",
        timeout(LIMIT, cook(90)).await.unwrap_or("too slow")
    );

    let mut stew = tokio::spawn(cook(90));
    if timeout(LIMIT, &mut stew).await.is_err() {
        stew.abort();
        // When this returns the task has really ended, its destructors too.
        if stew.await.is_err_and(|ended| ended.is_cancelled()) {
            println!("stew in a task: too slow");
        }
    }

    // Wrong: only the handle is dropped.
    COOKED.store(0, Relaxed);
    if timeout(LIMIT, tokio::spawn(cook(90))).await.is_err() {
        sleep(Duration::from_hours(2)).await;
        let stews = COOKED.load(Relaxed);
        println!("trap: handle by value: too slow, and {stews} stew cooked for nobody");
    }
}
