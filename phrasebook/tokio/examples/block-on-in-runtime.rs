//! Common mistake: `block_on` or `asyncio.run` inside async code.
//!
//! - **Python:** `asyncio.run(f())` or `loop.run_until_complete(f())` inside a coroutine:
//!   a `RuntimeError`
//! - **Rust:** `.await`; in a function that cannot be async: `Handle::block_on` inside
//!   `spawn_blocking` or `block_in_place`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread`
//!
//! ```console
//! $ cargo run --example block-on-in-runtime
//! stock: 12
//! refused: Cannot start a runtime from within a runtime
//! on another thread: 12
//! in block_in_place: 12
//! trap: block_in_place on a current-thread runtime: a panic
//! ```
//!
//! In Python: `refused: asyncio.run() cannot be called from a running event loop` for
//! `refused: Cannot start a runtime from within a runtime`; nothing for
//! `in block_in_place: 12`.
//!
//! **Trap:** `block_on` compiles everywhere, but panics on a thread that runs async code.
//! So does `reqwest::blocking`. `block_in_place` panics on a current-thread runtime, and
//! `#[tokio::test]` is one unless you write `flavor = "multi_thread"`.
//!
//! Neighbours: `asyncio-run`, `to-thread`, `run-coroutine-threadsafe`, `async-test`.

use std::panic;

use tokio::runtime::Handle;
use tokio::task::{block_in_place, spawn_blocking, yield_now};

async fn stock() -> u32 {
    yield_now().await; // Asking the warehouse takes time.
    12
}

/// Cannot be async: a callback of another crate, say, or a method of its trait.
fn stock_blocking() -> u32 {
    Handle::current().block_on(stock())
}

/// Runs on a runtime of its own, as a `#[tokio::test]` does.
#[tokio::main(flavor = "current_thread")]
async fn as_in_a_test() -> u32 {
    block_in_place(stock_blocking)
}

// `block_in_place` needs this flavor. It is the default of `#[tokio::main]`.
#[tokio::main(flavor = "multi_thread")]
async fn main() {
    println!("stock: {}", stock().await);

    // For this page only: panics print nothing to stderr.
    panic::set_hook(Box::new(|_| ()));

    // Wrong: it would block the thread that has to drive `stock`.
    let refused = tokio::spawn(async { stock_blocking() }).await.unwrap_err();
    let panic = refused.into_panic();
    let message = panic
        .downcast_ref::<&str>()
        .expect("tokio panics with a text");
    println!("refused: {}", message.split('.').next().unwrap_or(message));

    // Right: the threads of `spawn_blocking` run no async code.
    let count = spawn_blocking(stock_blocking).await;
    println!("on another thread: {}", count.expect("it does not panic"));

    // Right, if there is no way to make the caller async: the other tasks of this thread
    // move to other threads.
    println!("in block_in_place: {}", block_in_place(stock_blocking));

    // Wrong: a current-thread runtime has no other thread to which its tasks could move.
    // `spawn_blocking`, because a runtime cannot start inside another one.
    let ended = spawn_blocking(as_in_a_test).await;
    if ended.is_err_and(|error| error.is_panic()) {
        println!("trap: block_in_place on a current-thread runtime: a panic");
    }
}
