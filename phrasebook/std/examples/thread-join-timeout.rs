//! Wait for a thread, but not longer than so long, and ask whether it has ended.
//!
//! - **Python:** `Thread.join(timeout)`, `Thread.is_alive()`
//! - **Rust:** no timed join: the thread holds a `Sender`, and `recv_timeout` sees it go;
//!   `is_finished` asks without waiting
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example thread-join-timeout
//! after 20 ms still cooking: true
//! off the stove: true
//! soup
//! trap: the handle is dropped, the thread still says: bread
//! ```
//!
//! **Trap:** a timeout ends the wait, not the thread; nor does dropping its handle.
//! Nothing stops a thread but itself, so give it a channel or a flag to look at.
//!
//! Neighbours: `thread`, `thread-daemon`, `timer`.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

fn main() {
    let (stove, fire) = mpsc::channel::<()>();
    let (cooking, end) = mpsc::channel::<()>();
    let cook = thread::spawn(move || {
        let _cooking = cooking; // Goes when the thread ends, by a panic too.
        fire.recv().ok(); // Cooks until the stove goes out.
        "soup"
    });

    let waited = end.recv_timeout(Duration::from_millis(20));
    assert_eq!(waited, Err(RecvTimeoutError::Timeout));
    println!("after 20 ms still cooking: {}", !cook.is_finished());

    drop(stove);
    let waited = end.recv_timeout(Duration::from_secs(10));
    let ended = waited == Err(RecvTimeoutError::Disconnected);
    println!("off the stove: {ended}");
    println!("{}", cook.join().unwrap()); // Cannot block for long now.

    // Wrong: giving up the handle leaves the baker at work.
    let (oven, heat) = mpsc::channel::<()>();
    let (counter, bread) = mpsc::channel();
    let baker = thread::spawn(move || {
        heat.recv().ok();
        counter.send("bread").ok();
    });
    drop(baker);
    drop(oven);
    let bread = bread.recv().unwrap();
    println!("trap: the handle is dropped, the thread still says: {bread}");
}
