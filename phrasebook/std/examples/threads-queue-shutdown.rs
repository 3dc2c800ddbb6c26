//! Queue shutdown between threads: consumers handle what is left, then end.
//!
//! - **Python:** `queue.Queue.shutdown()`, `queue.ShutDown` (3.13)
//! - **Rust:** drop all senders: `recv` gives what is left, then an error, and a loop
//!   ends; for `shutdown(immediate=True)` drop the receiver, and what is left with it
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-queue-shutdown
//! delivered: Ada, Bob
//! after an immediate shutdown: Dan is refused
//! trap: a sender is left in main: the queue is still open after 50 ms
//! ```
//!
//! **Trap:** the queue is open as long as *any* sender lives. If each thread has a clone,
//! drop the original in `main`: otherwise the consumer waits for ever.
//!
//! Neighbours: `threads-queue`, `threads-queue-join`, `async-queue-shutdown`.

use std::sync::mpsc::{self, RecvTimeoutError, SendError};
use std::thread;
use std::time::Duration;

fn main() {
    let (sender, receiver) = mpsc::channel();
    let postman = thread::spawn(move || receiver.iter().collect::<Vec<_>>().join(", "));
    sender.send("Ada").unwrap();
    sender.send("Bob").unwrap();
    drop(sender);
    println!("delivered: {}", postman.join().unwrap());

    let (sender, receiver) = mpsc::channel();
    sender.send("Cy").unwrap(); // Dropped together with the receiver.
    drop(receiver);
    if let Err(SendError(name)) = sender.send("Dan") {
        println!("after an immediate shutdown: {name} is refused");
    }

    // Wrong: `sender` was cloned and not dropped. `for name in receiver` would hang.
    let (sender, receiver) = mpsc::channel();
    let producer = thread::spawn({
        let sender = sender.clone();
        move || sender.send("Ada").unwrap()
    });
    producer.join().unwrap();
    assert_eq!(receiver.recv(), Ok("Ada"));
    let end = receiver.recv_timeout(Duration::from_millis(50));
    if end == Err(RecvTimeoutError::Timeout) {
        println!("trap: a sender is left in main: the queue is still open after 50 ms");
    }
    drop(sender);
}
