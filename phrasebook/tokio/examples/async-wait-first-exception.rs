//! Wait until the first of several tasks fails, or all have finished.
//!
//! - **Python:** `asyncio.wait(tasks, return_when=FIRST_EXCEPTION)`
//! - **Rust:** a `join_next` loop that stops at the first `Err`; the set keeps the rest
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example async-wait-first-exception
//! b.txt: disk full; 1 saved, 1 pending
//! in the end: 2 saved
//! trap: set dropped: b.txt: disk full; in the end: 1 saved
//! ```
//!
//! **Trap:** leaving the function by `?` drops the set, and with it aborts all that is
//! pending. Python's `wait` cancels nothing.
//!
//! Neighbours: `async-wait-first-completed`, `async-wait-all`, `task-group`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::{task::JoinSet, time::sleep};

static SAVED: AtomicUsize = AtomicUsize::new(0);

async fn save((file, seconds): (&str, u64)) -> Result<(), String> {
    sleep(Duration::from_secs(seconds)).await;
    if file == "b.txt" {
        return Err(format!("{file}: disk full"));
    }
    SAVED.fetch_add(1, Relaxed);
    Ok(())
}

fn save_all() -> JoinSet<Result<(), String>> {
    SAVED.store(0, Relaxed);
    [("a.txt", 1), ("b.txt", 2), ("c.txt", 3)]
        .map(save)
        .into_iter()
        .collect()
}

/// Until the first failure, or the end.
async fn wait(tasks: &mut JoinSet<Result<(), String>>) -> Result<(), String> {
    while let Some(ended) = tasks.join_next().await {
        ended.expect("saving does not panic")?;
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut tasks = save_all();
    if let Err(error) = wait(&mut tasks).await {
        let (saved, pending) = (SAVED.load(Relaxed), tasks.len());
        println!("{error}; {saved} saved, {pending} pending");
    }
    tasks.join_all().await;
    println!("in the end: {} saved", SAVED.load(Relaxed));

    // Wrong: the set goes at the end of the statement, or of a function left by `?`.
    let failed = wait(&mut save_all()).await;
    sleep(Duration::from_secs(5)).await;
    if let Err(error) = failed {
        let saved = SAVED.load(Relaxed);
        println!("trap: set dropped: {error}; in the end: {saved} saved");
    }
}
