//! CPU work in a pool while the event loop goes on: await its value.
//!
//! - **Python:** `await loop.run_in_executor(pool, f, *args)`; for `None` as the pool:
//!   `loop.set_default_executor`
//! - **Rust:** `ThreadPool::spawn` of rayon, and a `oneshot` for the value; or
//!   `rayon::spawn`: `ThreadPoolBuilder::build_global` makes its pool
//! - **Needs:** `cargo add rayon`, `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example run-in-executor
//! 4 numbers: mean 25
//! 0 numbers: failed: no numbers
//! trap: panic not caught, 0 numbers: failed: channel closed
//! ```
//!
//! **Trap:** a panic in a job that was spawned aborts the whole process. Where a
//! `panic_handler` prevents that, the waiting side learns only that the channel is
//! closed. Catch the panic in the job, and send it too.
//!
//! Neighbours: `to-thread`, `cpu-work-on-the-runtime`, `create-future`.

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::{error::Error, thread};

use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};
use tokio::sync::oneshot;

fn mean(numbers: &[u64]) -> u64 {
    assert!(!numbers.is_empty(), "no numbers");
    numbers.par_iter().sum::<u64>() / numbers.len() as u64
}

/// Awaits the value of `work`, or the payload of its panic.
async fn run_in<T: Send + 'static>(
    pool: &ThreadPool,
    work: impl FnOnce() -> T + Send + 'static,
) -> thread::Result<T> {
    let (sender, receiver) = oneshot::channel();
    pool.spawn(move || {
        let result = catch_unwind(AssertUnwindSafe(work));
        let _ = sender.send(result); // Fails if the caller no longer waits.
    });
    receiver.await.expect("the job always sends")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    panic::set_hook(Box::new(|_| ())); // For this page only: print no panics.
    let pool = ThreadPoolBuilder::new().panic_handler(|_| ()).build()?;
    for numbers in [vec![10, 20, 30, 40], vec![]] {
        let count = numbers.len();
        match run_in(&pool, move || mean(&numbers)).await {
            Ok(mean) => println!("{count} numbers: mean {mean}"),
            Err(panic) => {
                let message = panic.downcast_ref::<&str>().unwrap_or(&"?");
                println!("{count} numbers: failed: {message}");
            }
        }
    }

    // Wrong: the job does not catch its panic. Without the `panic_handler` above, this
    // would even abort the process.
    let (sender, receiver) = oneshot::channel();
    pool.spawn(|| {
        let _ = sender.send(mean(&[]));
    });
    if let Err(error) = receiver.await {
        println!("trap: panic not caught, 0 numbers: failed: {error}");
    }
    Ok(())
}
