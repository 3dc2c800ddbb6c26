//! Do something after a while, unless it is called off.
//!
//! - **Python:** `threading.Timer(seconds, f)`, `start()`, `cancel()`
//! - **Rust:** none: a thread in `recv_timeout`; dropping the `Sender` is `cancel`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example timer
//! the eggs are done
//! eggs rang: true
//! roast rang: false
//! trap: the sender is bound to _: tea rang: false
//! ```
//!
//! **Trap:** whoever does not care to cancel must keep the sender all the same. Bound to
//! `_` it is dropped at once, and with it the timer.
//!
//! Neighbours: `thread-join-timeout`, `call-later`.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Drop the sender to cancel; the thread tells whether it came to ring.
fn timer(
    after: Duration,
    ring: impl FnOnce() + Send + 'static,
) -> (Sender<()>, JoinHandle<bool>) {
    let (keep, cancelled) = mpsc::channel();
    let thread = thread::spawn(move || {
        let rings = cancelled.recv_timeout(after) == Err(RecvTimeoutError::Timeout);
        if rings {
            ring();
        }
        rings
    });
    (keep, thread)
}

fn main() {
    let soon = Duration::from_millis(20);
    let (_keep, eggs) = timer(soon, || println!("the eggs are done"));
    println!("eggs rang: {}", eggs.join().unwrap());

    let hour = Duration::from_secs(3600);
    let (keep, roast) = timer(hour, || println!("the roast is done"));
    drop(keep);
    println!("roast rang: {}", roast.join().unwrap()); // At once, not after an hour.

    // Wrong: means "I shall not cancel", does the opposite.
    let (_, tea) = timer(hour, || println!("the tea is done"));
    let rang = tea.join().unwrap();
    println!("trap: the sender is bound to _: tea rang: {rang}");
}
