//! Shutdown of the event loop: wait for its busy threads, with or without a timeout.
//!
//! - **Python:** `await loop.shutdown_default_executor()`, a last step of `asyncio.run`
//! - **Rust:** dropping the runtime; with a timeout: `Runtime::shutdown_timeout`
//! - **Needs:** `cargo add tokio -F rt`
//!
//! ```console
//! $ cargo run --example shutdown-default-executor
//! first copy: done
//! the runtime has ended
//! trap: the runtime has ended, the second copy still runs
//! ```
//!
//! **Trap:** after `shutdown_timeout` or `shutdown_background`, the end of `main` kills
//! the threads that still run, in the middle of their work. Python waits for them.
//! Without a timeout, a thread that never ends keeps the program from ending, as in
//! Python.
//!
//! Neighbours: `to-thread`, `asyncio-run`.

use std::{io, sync::mpsc, thread, time::Duration};

use tokio::runtime::Builder;

fn main() -> io::Result<()> {
    let runtime = Builder::new_current_thread().build()?;
    let (began, has_begun) = mpsc::channel();
    runtime.spawn_blocking(move || {
        let _ = began.send(());
        thread::sleep(Duration::from_millis(20)); // The disk is slow.
        println!("first copy: done");
    });
    has_begun.recv().expect("the copy begins");
    drop(runtime); // Waits for the copy, as the end of `#[tokio::main]` does.
    println!("the runtime has ended");

    let runtime = Builder::new_current_thread().build()?;
    let (began, has_begun) = mpsc::channel();
    let (_disk, answers) = mpsc::channel::<()>();
    let copy = runtime.spawn_blocking(move || {
        let _ = began.send(());
        answers.recv() // The disk never answers.
    });
    has_begun.recv().expect("the copy begins");
    // Wrong, if the copy matters. Right, if the program must end without it.
    runtime.shutdown_timeout(Duration::from_millis(20));
    if !copy.is_finished() {
        println!("trap: the runtime has ended, the second copy still runs");
    }
    Ok(()) // The copy is killed here: no thread outlives `main`.
}
