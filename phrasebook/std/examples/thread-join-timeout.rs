//! Join with a timeout: wait a limited time for a thread, and ask whether it still runs.
//!
//! - **Python:** `Thread.join(timeout)`, `Thread.is_alive()`, `threading.enumerate()`,
//!   `threading.active_count()`
//! - **Rust:** no join with a timeout: the thread keeps a `Sender`; `recv_timeout` fails
//!   with `Disconnected` when the thread has dropped it, with `Timeout` if it still runs;
//!   `is_finished` asks without waiting; std has no list of threads, so keep the handles
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example thread-join-timeout
//! after 20 ms: the thread still runs
//! after the stop: the thread has ended with soup
//! trap: the thread has ended, but the wait for it times out
//! ```
//!
//! **Trap:** the thread must own the sender. `let _ = running;` moves nothing into the
//! closure: the sender stays in `main`, and every wait times out. And as in Python, a
//! timeout does not end the thread: give it a channel or a flag to look at.
//!
//! Neighbours: `thread`, `thread-daemon`, `timer`.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

fn main() {
    let (stop, stopped) = mpsc::channel::<()>();
    let (running, ended) = mpsc::channel::<()>();
    let cook = thread::spawn(move || {
        let _running = running; // Dropped when the thread ends, even if it panics.
        let _ = stopped.recv(); // Cooks until `stop` is dropped.
        "soup"
    });

    let waited = ended.recv_timeout(Duration::from_millis(20));
    assert_eq!(waited, Err(RecvTimeoutError::Timeout));
    assert!(!cook.is_finished(), "the thread waits for the stop");
    println!("after 20 ms: the thread still runs");

    drop(stop);
    match ended.recv_timeout(Duration::from_secs(10)) {
        Err(RecvTimeoutError::Disconnected) => {
            let dish = cook.join().unwrap(); // Returns soon: the closure is done.
            println!("after the stop: the thread has ended with {dish}");
        }
        _ => println!("after 10 s: the thread still runs"),
    }

    // Wrong: `_` takes nothing, so the closure does not own the sender.
    let (running, ended) = mpsc::channel::<()>();
    let baker = thread::spawn(move || {
        let _ = running;
    });
    baker.join().unwrap();
    let waited = ended.recv_timeout(Duration::from_millis(20));
    if waited == Err(RecvTimeoutError::Timeout) {
        println!("trap: the thread has ended, but the wait for it times out");
    }
}
