//! Semaphore between threads: at most n of them do something at the same time.
//!
//! - **Python:** `threading.Semaphore(n)`, `threading.BoundedSemaphore(n)`
//! - **Rust:** none in std. The `Semaphore` of tokio (1.54 or newer) serves threads as
//!   well: `blocking_acquire`, which panics inside a runtime. Without tokio: a channel of
//!   crossbeam with n messages, one for each permit
//! - **Needs:** `cargo add tokio -F sync`
//!
//! ```console
//! $ cargo run --example threads-semaphore
//! 8 threads, 2 permits: at most 2 at the same time
//! trap: the permit is bound to _: 2 of 2 permits are free
//! ```
//!
//! **Trap:** a permit goes back when it is dropped, and `let _ = …` drops it immediately.
//! Bind it to `_permit`. A permit cannot go back twice, so `BoundedSemaphore` is not
//! needed.
//!
//! Neighbours: `threads-queue`, `threads-lock`, `async-semaphore`.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use tokio::sync::Semaphore;

fn main() {
    let semaphore = Semaphore::new(2);
    let now = AtomicUsize::new(0);
    let most = AtomicUsize::new(0);
    let pair = Barrier::new(2); // Two threads at the same time for certain.
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // An error only if the semaphore was closed.
                let _permit = semaphore.blocking_acquire().unwrap();
                let running = now.fetch_add(1, Relaxed) + 1;
                most.fetch_max(running, Relaxed);
                pair.wait();
                now.fetch_sub(1, Relaxed);
            });
        }
    });
    let most = most.into_inner();
    println!("8 threads, 2 permits: at most {most} at the same time");

    // Wrong: the permit is dropped at the end of this line.
    let _ = semaphore.blocking_acquire().unwrap();
    let free = semaphore.available_permits();
    println!("trap: the permit is bound to _: {free} of 2 permits are free");
}
