//! End a program while threads beside the event loop are still busy.
//!
//! - **Python:** what `asyncio.run` does last: `await loop.shutdown_default_executor()`
//! - **Rust:** dropping the runtime; with a limit, `Runtime::shutdown_timeout`
//! - **Needs:** `cargo add tokio -F rt`
//!
//! ```console
//! $ cargo run --example shutdown-default-executor
//! copied
//! the runtime has ended
//! trap: the runtime has ended, a thread is still reading
//! ```
//!
//! **Trap:** the end of a runtime waits without limit for closures that have begun: one
//! that reads from a silent keyboard or network keeps the program from ending.
//! `shutdown_timeout` waits only so long, `shutdown_background` not at all.
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
        println!("copied");
    });
    has_begun.recv().expect("it sends");
    drop(runtime); // Waits for the copy.
    println!("the runtime has ended");

    // Wrong would be `drop`, as at the end of `#[tokio::main]`: it waits for ever.
    let (_keyboard, lines) = mpsc::channel::<String>();
    let runtime = Builder::new_current_thread().build()?;
    let (began, has_begun) = mpsc::channel();
    let read = runtime.spawn_blocking(move || {
        let _ = began.send(());
        lines.recv() // Nobody types.
    });
    has_begun.recv().expect("it sends");
    runtime.shutdown_timeout(Duration::from_millis(20));
    if !read.is_finished() {
        println!("trap: the runtime has ended, a thread is still reading");
    }
    Ok(()) // What still runs is cut off here: no thread outlives `main`.
}
