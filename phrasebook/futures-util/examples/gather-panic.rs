//! Panic in one of several gathered tasks: keep the results of the others.
//!
//! - **Python:** `asyncio.gather(*coroutines, return_exceptions=True)`, then
//!   `isinstance(result, Exception)`
//! - **Rust:** `join_all` of `JoinHandle`s: one `Result` each, with a `JoinError` for a
//!   panic. For futures that borrow: `FutureExt::catch_unwind` around each
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example gather-panic
//! Oslo: 4 degrees
//! Atlantis: no such place
//! Cairo: 31 degrees
//! trap: join_all of futures: one panic, no result of the others
//! trap: JoinSet::join_all: it panics, too, and aborts the other task
//! ```
//!
//! **Trap:** only a task contains a panic. In `join!` or `join_all` the panic of a future
//! passes through, and drops the other futures. `JoinSet::join_all` panics if a task did;
//! `join_next` does not. `try_join!` of handles: at the first `JoinError` it returns, and
//! the other tasks run on, as `gather` does without `return_exceptions`.
//!
//! Neighbours: `gather-return-exceptions`, `gather`, `create-task`, `unseen-task-error`.

use std::panic;

use futures_util::future::join_all;
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinSet, yield_now};

const PLACES: [&str; 3] = ["Oslo", "Atlantis", "Cairo"];

async fn temperature(place: &str) -> i32 {
    yield_now().await; // Asking takes time.
    match place {
        "Oslo" => 4,
        "Cairo" => 31,
        _ => panic!("no such place"),
    }
}

fn message(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(payload) => match payload.downcast_ref::<&str>() {
            Some(text) => (*text).to_owned(),
            None => "panicked".to_owned(), // A `String`, if the text has arguments.
        },
        Err(error) => error.to_string(), // It was aborted.
    }
}

#[tokio::main]
async fn main() {
    panic::set_hook(Box::new(|_| ())); // For this page only: no message on stderr.

    let tasks = PLACES.map(|place| tokio::spawn(temperature(place)));
    let results = join_all(tasks).await; // In the order of the handles.
    for (place, result) in PLACES.iter().zip(results) {
        match result {
            Ok(degrees) => println!("{place}: {degrees} degrees"),
            Err(error) => println!("{place}: {}", message(error)),
        }
    }

    // Wrong: three futures in one task. Without this `spawn`, `main` would panic.
    let futures = join_all(PLACES.map(temperature));
    if tokio::spawn(futures).await.is_err() {
        println!("trap: join_all of futures: one panic, no result of the others");
    }

    // Wrong, if the other tasks are to go on.
    let (mut sender, receiver) = oneshot::channel::<()>();
    let mut tasks = JoinSet::new();
    tasks.spawn(temperature("Atlantis"));
    tasks.spawn(async {
        let _ = receiver.await; // Nothing is sent: without an abort it waits for ever.
        31
    });
    if tokio::spawn(tasks.join_all()).await.is_err() {
        sender.closed().await; // The other task has been aborted: `receiver` is dropped.
        println!("trap: JoinSet::join_all: it panics, too, and aborts the other task");
    }
}
