//! Let at most so many threads do something at once.
//!
//! - **Python:** `threading.Semaphore(n)`, `threading.BoundedSemaphore(n)`
//! - **Rust:** none in std; tokio's `Semaphore` serves threads too, with
//!   `blocking_acquire`
//! - **Needs:** `cargo add tokio -F sync`
//!
//! ```console
//! $ cargo run --example threads-semaphore
//! 8 guests at 2 tables: at most 2 at once
//! trap: the permit is bound to _: 2 of 2 tables free
//! ```
//!
//! **Trap:** the permit gives itself back when it is dropped, and what is bound to `_` is
//! dropped at once. Bind it to `_table`.
//!
//! Neighbours: `threads-queue`, `threads-lock`, `async-semaphore`.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use tokio::sync::Semaphore;

fn main() {
    let tables = Semaphore::new(2);
    let (seated, peak) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let pair = Barrier::new(2); // Guests eat in twos, so that two are seated for certain.
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let _table = tables.blocking_acquire().unwrap();
                peak.fetch_max(1 + seated.fetch_add(1, Relaxed), Relaxed);
                pair.wait();
                seated.fetch_sub(1, Relaxed);
            });
        }
    });
    println!(
        "8 guests at 2 tables: at most {} at once",
        peak.into_inner()
    );

    // Wrong: nobody holds the permit any more when the next line begins.
    let _ = tables.blocking_acquire().unwrap();
    let free = tables.available_permits();
    println!("trap: the permit is bound to _: {free} of 2 tables free");
}
