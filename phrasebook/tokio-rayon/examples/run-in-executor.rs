//! Let a pool compute on all processors while the event loop goes on, and await the
//! value.
//!
//! - **Python:** `await loop.run_in_executor(pool, f, *args)`
//! - **Rust:** `rayon::spawn`, which sends the value through a `oneshot`; its panic
//!   caught
//! - **Needs:** `cargo add rayon`, `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example run-in-executor
//! 4 numbers: mean 25
//! 0 numbers: failed: no numbers
//! trap: not caught, 0 numbers: failed: channel closed
//! ```
//!
//! **Trap:** a panic in `rayon::spawn` ends the whole process. Where a `panic_handler`
//! prevents that, all the waiting side hears is that the sender is gone.
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

/// What the closure gives, or what its panic carried.
async fn run_in<T: Send + 'static>(
    pool: &ThreadPool,
    work: impl FnOnce() -> T + Send + 'static,
) -> thread::Result<T> {
    let (sender, result) = oneshot::channel();
    pool.spawn(move || {
        let result = catch_unwind(AssertUnwindSafe(work));
        let _ = sender.send(result); // Nobody waits any more: fine.
    });
    result.await.expect("it always sends")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    panic::set_hook(Box::new(|_| ())); // The panic is told here instead.
    let pool = ThreadPoolBuilder::new().panic_handler(|_| ()).build()?;
    for numbers in [vec![10, 20, 30, 40], vec![]] {
        print!("{} numbers: ", numbers.len());
        match run_in(&pool, move || mean(&numbers)).await {
            Ok(mean) => println!("mean {mean}"),
            Err(panic) => {
                println!("failed: {}", panic.downcast_ref::<&str>().unwrap_or(&"?"))
            }
        }
    }

    // Wrong: and without the panic_handler above this would be the end.
    let (sender, result) = oneshot::channel();
    pool.spawn(|| sender.send(mean(&[])).expect("it is awaited"));
    let error = result.await.unwrap_err();
    println!("trap: not caught, 0 numbers: failed: {error}");
    Ok(())
}
