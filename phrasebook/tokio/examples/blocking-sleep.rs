//! Common mistake: a blocking sleep, or another blocking call, inside a task.
//!
//! - **Python:** `time.sleep(1)` inside a coroutine instead of `await asyncio.sleep(1)`
//! - **Rust:** `thread::sleep` inside a task instead of `tokio::time::sleep(..).await`;
//!   other blocking calls go into `spawn_blocking`
//! - **Needs:** `cargo add tokio -F macros,rt,time`
//!
//! ```console
//! $ cargo run --example blocking-sleep
//! egg on, toast on, egg off, toast off
//! trap: blocking: egg on, egg off, toast on, toast off
//! ```
//!
//! **Trap:** as in Python, a blocked thread runs no other task: no timeout fires, and no
//! cancellation takes effect. Python's debug mode logs what takes longer than
//! `loop.slow_callback_duration`; tokio logs nothing. Several threads only hide it: a
//! task that a thread woke just before it blocked can still wait for that thread.
//!
//! Neighbours: `sleep`, `to-thread`, `cpu-work-on-the-runtime`.

use std::{cell::RefCell, thread, time::Duration};

use tokio::time::sleep;

type Log = RefCell<Vec<String>>;

async fn cook(what: &str, millis: u64, log: &Log) {
    log.borrow_mut().push(format!("{what} on"));
    sleep(Duration::from_millis(millis)).await;
    log.borrow_mut().push(format!("{what} off"));
}

async fn cook_blocking(what: &str, millis: u64, log: &Log) {
    log.borrow_mut().push(format!("{what} on"));
    thread::sleep(Duration::from_millis(millis)); // Wrong: holds the thread.
    log.borrow_mut().push(format!("{what} off"));
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // `biased` starts the futures in the order in which they are written.
    let log = Log::default();
    tokio::join!(biased; cook("egg", 5, &log), cook("toast", 10, &log));
    println!("{}", log.take().join(", "));

    tokio::join!(biased; cook_blocking("egg", 5, &log), cook_blocking("toast", 10, &log));
    println!("trap: blocking: {}", log.take().join(", "));
}
