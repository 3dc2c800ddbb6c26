//! Known wrong: start an event loop, or wait for one, inside code that one already
//! runs.
//!
//! - **Python:** `asyncio.run(f())` inside a coroutine, which is refused
//! - **Rust:** `.await`; in a plain function that must not be async, `block_in_place`
//!   around `Handle::block_on`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread`
//!
//! ```console
//! $ cargo run --example block-on-in-runtime
//! stock: 12
//! refused: Cannot start a runtime from within a runtime
//! in a plain function: 12
//! ```
//!
//! In Python: `refused: asyncio.run() cannot be called from a running event loop` for
//! `refused: Cannot start a runtime from within a runtime`; nothing for
//! `in a plain function: 12`.
//!
//! **Trap:** `block_on` compiles everywhere, and panics only when it runs on a thread
//! of a runtime. The same goes for blocking HTTP clients, which hide a runtime of their
//! own.
//!
//! Neighbours: `asyncio-run`, `to-thread`, `run-coroutine-threadsafe`.

use std::panic;

use tokio::{runtime::Handle, task::block_in_place, task::yield_now};

async fn stock() -> u32 {
    yield_now().await; // The warehouse is asked.
    12
}

/// Somebody else's function, or a method of a trait that knows no async.
fn stock_or_panic() -> u32 {
    Handle::current().block_on(stock())
}

#[tokio::main]
async fn main() {
    println!("stock: {}", stock().await);

    // Wrong: it would hold the thread that is to do the work it waits for.
    panic::set_hook(Box::new(|_| ())); // It is told below instead.
    let refused = tokio::spawn(async { stock_or_panic() }).await.unwrap_err();
    let panic = refused.into_panic();
    let message = panic
        .downcast_ref::<&str>()
        .expect("tokio panics with a text");
    println!("refused: {}", message.split('.').next().unwrap_or(message));

    // The last resort, on a multi-thread runtime only: its other tasks move elsewhere.
    println!("in a plain function: {}", block_in_place(stock_or_panic));
}
