//! Common mistake: call an async function and forget `await`.
//!
//! - **Python:** `await` of a coroutine object; "coroutine was never awaited";
//!   `asyncio.iscoroutine`, `asyncio.iscoroutinefunction`
//! - **Rust:** `.await` of a future; in place of a check at run time, a parameter
//!   `impl Future`
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example lazy-futures
//! called: 0 saved
//! awaited: 1 saved
//! all awaited: 4 saved
//! trap: 3 futures made, none awaited: 0 saved
//! ```
//!
//! **Trap:** a future does nothing until it is awaited, or polled in another way. The
//! compiler warns of `save(file);`, but not if the future is bound to a name or to `_`.
//! Python warns at run time, also in those two cases.
//!
//! Neighbours: `create-task`, `eager-tasks`, `gather`, `async-recursion`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures_util::future::join_all;
use tokio::task::yield_now;

/// For this page only: counts the files.
static SAVED: AtomicUsize = AtomicUsize::new(0);

async fn save(_file: &str) {
    yield_now().await; // Writing takes time.
    SAVED.fetch_add(1, Relaxed);
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let future = save("letter.txt");
    println!("called: {} saved", SAVED.load(Relaxed));
    future.await;
    println!("awaited: {} saved", SAVED.load(Relaxed));

    let files = ["a.txt", "b.txt", "c.txt"];
    join_all(files.map(save)).await;
    println!("all awaited: {} saved", SAVED.load(Relaxed));

    // Wrong: nothing polls these futures, and no warning says so.
    SAVED.store(0, Relaxed);
    let futures = files.map(save);
    println!(
        "trap: {} futures made, none awaited: {} saved",
        futures.len(),
        SAVED.load(Relaxed)
    );
}
