//! Background task: start it, do other work meanwhile, and await its result.
//!
//! - **Python:** `asyncio.create_task(f())`, `asyncio.ensure_future(f())`: an
//!   `asyncio.Task`
//! - **Rust:** `tokio::spawn(f())`: a `JoinHandle`; the task starts without being awaited
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`,
//!   `cargo add tokio-util -F rt`
//!
//! ```console
//! $ cargo run --example create-task
//! both are in the oven
//! rolls: done
//! bread: done
//! roast: burnt
//! pie: aborted with its handle
//! trap: cake: its handle is dropped, the task still runs
//! ```
//!
//! In Python: nothing for `pie: aborted with its handle`.
//!
//! **Trap:** as in Python, a dropped handle cancels nothing: the task runs on, detached.
//! `AbortOnDropHandle` aborts it. Unlike in Python, `.await` raises nothing: it gives two
//! `Result`s, the handle's around the task's own. `let _ = task.await;` loses both
//! errors.
//!
//! Neighbours: `task-cancel`, `unseen-task-error`, `gather-tasks`, `lazy-futures`,
//! `task-group`, `async-shared-state`.

use std::{error::Error, time::Duration};

use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

async fn bake(what: &str, hours: u64) -> Result<String, String> {
    if what == "roast" {
        return Err(format!("{what}: burnt"));
    }
    sleep(Duration::from_hours(hours)).await;
    Ok(format!("{what}: done"))
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    // A task may outlive its caller and move to another thread: what it takes along must
    // be `'static` and `Send`.
    let rolls = tokio::spawn(bake("rolls", 1));
    let bread = tokio::spawn(bake("bread", 2));
    println!("both are in the oven");

    // The first `?` is for the handle: the task panicked or was aborted. The second one is
    // for what the task returned.
    println!("{}", rolls.await??);
    println!("{}", bread.await??);

    match tokio::spawn(bake("roast", 3)).await {
        Ok(Ok(done)) => println!("{done}"),
        Ok(Err(error)) => println!("{error}"),
        Err(error) => println!("it panicked or was aborted: {error}"),
    }

    let pie = tokio::spawn(bake("pie", 100));
    let watch = pie.abort_handle();
    drop(AbortOnDropHandle::new(pie));
    sleep(Duration::from_mins(1)).await;
    if watch.is_finished() {
        println!("pie: aborted with its handle");
    }

    // Wrong, if this is meant to cancel the task.
    let cake = tokio::spawn(bake("cake", 100));
    let watch = cake.abort_handle();
    drop(cake);
    sleep(Duration::from_mins(1)).await;
    if !watch.is_finished() {
        println!("trap: cake: its handle is dropped, the task still runs");
    }
    Ok(())
}
