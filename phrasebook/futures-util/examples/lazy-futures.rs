//! Known wrong: call an async function and forget to await what it gives back.
//!
//! - **Python:** a coroutine object, `await`; "coroutine was never awaited"
//! - **Rust:** a future and `.await`; the compiler warns of the plainest cases only
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example lazy-futures
//! called: 0 saved
//! awaited: 1 saved
//! all awaited: 4 saved
//! trap: 3 futures, 0 saved
//! ```
//!
//! **Trap:** a call only makes the future, and a future does nothing until something
//! polls it. Kept in a list or handed to a `map` it draws no warning, neither then nor
//! later.
//!
//! Neighbours: `create-task`, `eager-tasks`, `gather`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures_util::future::join_all;
use tokio::task::yield_now;

static SAVED: AtomicUsize = AtomicUsize::new(0);

async fn save(_file: &str) {
    yield_now().await; // The disk takes its time.
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

    // Wrong: nobody polls these, and no warning says so.
    SAVED.store(0, Relaxed);
    let futures = files.map(save);
    println!(
        "trap: {} futures, {} saved",
        futures.len(),
        SAVED.load(Relaxed)
    );
}
