//! First failure of several async tasks: wait until one fails, or all have finished.
//!
//! - **Python:** `asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)`
//! - **Rust:** a `join_next` loop that stops at the first `Err`; the set keeps the rest
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example async-wait-first-exception
//! b.txt: disk full; 1 saved, 1 pending
//! in the end: 2 saved
//! trap: the set is dropped by the `?`: c.txt aborted, 1 saved in the end
//! ```
//!
//! **Trap:** when a `?` leaves the function that owns the set, the set is dropped, and
//! this aborts all that is pending. Python's `wait` cancels nothing.
//!
//! Neighbours: `async-wait-first-completed`, `async-wait-all`, `task-group`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::{task::JoinSet, time::sleep};

static SAVED: AtomicUsize = AtomicUsize::new(0); // Only to show what happens.

async fn save((file, seconds): (&str, u64)) -> Result<(), String> {
    sleep(Duration::from_secs(seconds)).await;
    if file == "b.txt" {
        return Err(format!("{file}: disk full"));
    }
    SAVED.fetch_add(1, Relaxed);
    Ok(())
}

fn start_saving() -> JoinSet<Result<(), String>> {
    let files = [("a.txt", 1), ("b.txt", 2), ("c.txt", 3)];
    files.into_iter().map(save).collect()
}

/// Waits until one task fails, or all have finished.
async fn wait(tasks: &mut JoinSet<Result<(), String>>) -> Result<(), String> {
    while let Some(saved) = tasks.join_next().await {
        // The `?` is for the task's own error.
        saved.expect("the task does not panic")?;
    }
    Ok(())
}

/// Wrong: the `?` leaves this function, which owns the set.
async fn save_all() -> Result<(), String> {
    let mut tasks = start_saving();
    wait(&mut tasks).await?;
    Ok(())
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut tasks = start_saving();
    if let Err(error) = wait(&mut tasks).await {
        let saved = SAVED.load(Relaxed);
        println!("{error}; {saved} saved, {} pending", tasks.len());
    }
    while let Some(saved) = tasks.join_next().await {
        if let Err(error) = saved.expect("the task does not panic") {
            println!("{error}");
        }
    }
    println!("in the end: {} saved", SAVED.swap(0, Relaxed));

    if save_all().await.is_err() {
        sleep(Duration::from_secs(5)).await; // Enough for c.txt, if its task still ran.
        let saved = SAVED.load(Relaxed);
        println!(
            "trap: the set is dropped by the `?`: c.txt aborted, {saved} saved in the end"
        );
    }
}
