//! Hand a future to an event loop from a plain thread, and block there until it is
//! done.
//!
//! - **Python:** `asyncio.run_coroutine_threadsafe(f(), loop).result()`
//! - **Rust:** `Handle::block_on(f())`, which runs it in this thread, with the runtime's
//!   timers and tasks; or `Handle::spawn(f())`, which does not wait
//! - **Needs:** `cargo add tokio -F rt-multi-thread`
//!
//! ```console
//! $ cargo run --example run-coroutine-threadsafe
//! waited for: page 7
//! fetched meanwhile: page 8
//! trap: nobody runs the runtime: timed out waiting on channel
//! ```
//!
//! **Trap:** a current-thread runtime works only while somebody is in its `block_on`:
//! what a `Handle` spawns before and after stands still. `Handle::block_on` panics on a
//! runtime's own thread.
//!
//! Neighbours: `call-soon-threadsafe`, `block-on-in-runtime`, `to-thread`.

use std::{io, sync::mpsc, thread, time::Duration};

use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

async fn fetch(page: u32) -> String {
    yield_now().await; // The site takes its time.
    format!("page {page}")
}

fn main() -> io::Result<()> {
    let runtime = Runtime::new()?; // Its own threads run it.
    let handle = runtime.handle().clone();
    let thread = thread::spawn(move || {
        println!("waited for: {}", handle.block_on(fetch(7)));
        handle.spawn(fetch(8)) // Goes on while this thread does other things.
    });
    let later = thread.join().expect("the thread does not panic");
    println!("fetched meanwhile: {}", runtime.block_on(later)?);

    // Wrong: this kind of runtime has no thread but the one that calls `block_on`.
    let runtime = Builder::new_current_thread().build()?;
    let (sender, pages) = mpsc::channel();
    runtime.spawn(async move { sender.send(fetch(9).await) });
    match pages.recv_timeout(Duration::from_millis(50)) {
        Ok(page) => println!("trap: nobody runs the runtime: {page}"),
        Err(error) => println!("trap: nobody runs the runtime: {error}"),
    }
    Ok(())
}
