//! Known wrong: block the thread, by `thread::sleep` or a blocking call, inside a task.
//!
//! - **Python:** `time.sleep(1)` inside a coroutine instead of `await asyncio.sleep(1)`
//! - **Rust:** `thread::sleep` inside a task instead of `tokio::time::sleep(..).await`
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example blocking-sleep
//! egg on, toast on, egg off, toast off
//! trap: egg on, egg off, toast on, toast off
//! ```
//!
//! **Trap:** nothing warns, and on a runtime of many threads it even seems to work,
//! until as many tasks block as there are threads. No timeout fires meanwhile, no
//! cancellation bites.
//!
//! Neighbours: `sleep`, `to-thread`, `cpu-work-on-the-runtime`.

use std::{mem::take, sync::Mutex, thread, time::Duration};

use tokio::time::sleep;

static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn log(line: String) {
    LOG.lock().unwrap().push(line);
}

async fn cook(what: &str, millis: u64) {
    log(format!("{what} on"));
    sleep(Duration::from_millis(millis)).await;
    log(format!("{what} off"));
}

async fn cook_blocking(what: &str, millis: u64) {
    log(format!("{what} on"));
    thread::sleep(Duration::from_millis(millis)); // Wrong: nobody else gets this thread.
    log(format!("{what} off"));
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    tokio::join!(cook("egg", 5), cook("toast", 10));
    println!("{}", take(&mut *LOG.lock().unwrap()).join(", "));

    tokio::join!(cook_blocking("egg", 5), cook_blocking("toast", 10));
    println!("trap: {}", take(&mut *LOG.lock().unwrap()).join(", "));
}
