//! Async code from a plain thread: give the event loop a future, and wait for its result.
//!
//! - **Python:** `asyncio.run_coroutine_threadsafe(f(), loop).result()`;
//!   `asyncio.wrap_future` to await what it returns
//! - **Rust:** `Handle::block_on(f())` waits for the result; `Handle::spawn(f())` gives
//!   a `JoinHandle` to await
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,time`
//!
//! ```console
//! $ cargo run --example run-coroutine-threadsafe
//! waited for: page 7
//! awaited later: page 8
//! trap: block_on(timeout(..)) on a thread of your own: the thread panicked
//! ```
//!
//! **Trap:** `timeout` and `sleep` look for the runtime when they are called, before
//! `block_on` enters it: on a thread of your own, call them inside an `async` block.
//! `Handle::block_on` itself panics inside async code (`block-on-in-runtime`). A
//! current-thread runtime needs a thread in its `Runtime::block_on`, as a loop in Python
//! needs one in `run_forever`.
//!
//! Neighbours: `call-soon-threadsafe`, `block-on-in-runtime`, `to-thread`.

use std::{panic, thread, time::Duration};

use tokio::runtime::Handle;
use tokio::task::{JoinError, spawn_blocking, yield_now};
use tokio::time::timeout;

async fn fetch(page: u32) -> String {
    yield_now().await; // The site takes its time.
    format!("page {page}")
}

#[tokio::main]
async fn main() -> Result<(), JoinError> {
    let handle = Handle::current();
    // This thread runs no async code. One from `thread::spawn` may do the same.
    let later = spawn_blocking(move || {
        println!("waited for: {}", handle.block_on(fetch(7)));
        handle.spawn(fetch(8)) // Goes on while this thread does other things.
    });
    // The first `await` is for the thread, the second for the task that it spawned.
    let page = later.await?.await?;
    println!("awaited later: {page}");

    // Wrong: `timeout(..)` is called before `block_on`, on a thread without a runtime.
    panic::set_hook(Box::new(|_| ())); // The panic is reported below instead.
    let handle = Handle::current();
    let limit = Duration::from_secs(5);
    let thread = thread::spawn(move || handle.block_on(timeout(limit, fetch(9))));
    // Right: `handle.block_on(async { timeout(limit, fetch(9)).await })`
    let ended = spawn_blocking(move || thread.join()).await?;
    let outcome = match ended {
        Ok(_) => "the page came",
        Err(_) => "the thread panicked",
    };
    println!("trap: block_on(timeout(..)) on a thread of your own: {outcome}");
    Ok(())
}
