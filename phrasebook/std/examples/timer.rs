//! Timer: run a function after a delay, unless it is cancelled.
//!
//! - **Python:** `threading.Timer(seconds, f)`, `Timer.start()`, `Timer.cancel()`
//! - **Rust:** none: a thread that waits in `recv_timeout`; to cancel, drop the
//!   `Sender`. For a `select!` of crossbeam there is `crossbeam_channel::after`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example timer
//! the eggs are done
//! eggs: rang
//! roast: cancelled
//! trap: the sender is bound to _, so the tea is cancelled
//! ```
//!
//! **Trap:** keep the sender even if you never cancel: bound to `_` it is dropped
//! immediately, which cancels the timer. And join the thread: the end of `main` ends it,
//! where Python waits for its timers.
//!
//! Neighbours: `thread-join-timeout`, `thread-daemon`, `call-later`, `threads-select`.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Calls `ring` after the delay. Drop the sender to cancel it. The thread returns how the
/// timer ended.
fn timer(
    delay: Duration,
    ring: impl FnOnce() + Send + 'static,
) -> (Sender<()>, JoinHandle<&'static str>) {
    let (cancel, cancelled) = mpsc::channel();
    let thread = thread::spawn(move || match cancelled.recv_timeout(delay) {
        Err(RecvTimeoutError::Timeout) => {
            ring();
            "rang"
        }
        _ => "cancelled", // The sender was dropped.
    });
    (cancel, thread)
}

fn main() {
    let soon = Duration::from_millis(20);
    let (_cancel, eggs) = timer(soon, || println!("the eggs are done"));
    println!("eggs: {}", eggs.join().unwrap());

    let hour = Duration::from_secs(3600);
    let (cancel, roast) = timer(hour, || println!("the roast is done"));
    drop(cancel);
    println!("roast: {}", roast.join().unwrap()); // Immediately, not after an hour.

    // Wrong: meant as "I will not cancel", but it cancels immediately.
    let (_, tea) = timer(hour, || println!("the tea is done"));
    println!(
        "trap: the sender is bound to _, so the tea is {}",
        tea.join().unwrap()
    );
}
