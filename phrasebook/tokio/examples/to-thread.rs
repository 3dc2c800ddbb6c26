//! Blocking call in async code: run it in a thread, and await its value.
//!
//! - **Python:** `await asyncio.to_thread(f, *args)`
//! - **Rust:** `spawn_blocking(move || f(args)).await`
//! - **Needs:** `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example to-thread
//! 3 lines, read in another thread
//! it failed: no diary
//! trap: aborted too late: it still ran to its end, 3 lines
//! ```
//!
//! **Trap:** `abort` does nothing once the closure runs, and the handle waits for its
//! end. In Python the cancelled `await` ends immediately. Up to 512 closures run at the
//! same time (Python: CPUs + 4, at most 32), far too many for computations. The thread
//! does not see a `task_local!` of the task; Python copies context variables.
//!
//! Neighbours: `run-in-executor`, `cpu-work-on-the-runtime`, `blocking-sleep`,
//! `async-file`.

use std::{error::Error, thread};

use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

/// Stands for std's files, and for libraries without async.
fn read_diary(name: &str) -> Result<usize, &'static str> {
    if name.is_empty() {
        return Err("no diary");
    }
    Ok("Up early.\nRain.\nTo bed.\n".lines().count())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // The first `?` is for a panic of the closure, the second for its own error.
    let lines = spawn_blocking(|| read_diary("Ann")).await??;
    let reader = spawn_blocking(|| thread::current().id()).await?;
    assert_ne!(reader, thread::current().id());
    println!("{lines} lines, read in another thread");

    if let Err(error) = spawn_blocking(|| read_diary("")).await? {
        println!("it failed: {error}");
    }

    // Wrong: `abort`, as if the closure could stop at an `.await`.
    let (begin, has_begun) = oneshot::channel();
    let (go_on, may_go_on) = oneshot::channel();
    let read = spawn_blocking(move || {
        let _ = begin.send(());
        let _ = may_go_on.blocking_recv();
        read_diary("Ann")
    });
    has_begun.await?;
    read.abort();
    let _ = go_on.send(());
    let lines = read.await??;
    println!("trap: aborted too late: it still ran to its end, {lines} lines");
    Ok(())
}
