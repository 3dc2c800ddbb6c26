//! Unbounded queue between threads: putting an item never waits.
//!
//! - **Python:** `queue.SimpleQueue()`, `put`, `get`, `get(timeout)`, `get_nowait`
//! - **Rust:** `mpsc::channel`, for one consumer: `send`, `recv`, `recv_timeout`,
//!   `try_recv`; for several consumers `crossbeam_channel::unbounded`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-simple-queue
//! at first the queue is empty
//! a letter for Ada
//! a letter for Bob
//! timeout: nothing more within 20 ms
//! trap: sync_channel(0) is full while it is empty
//! ```
//!
//! **Trap:** `Queue(0)` has no limit in Python, but `sync_channel(0)` has no room at all:
//! each `send` waits until a receiver takes the message.
//!
//! Neighbours: `threads-queue`, `threads-queue-shutdown`, `multiprocessing-queue`,
//! `threads-queue-timeout`.

use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError, TrySendError};
use std::thread;
use std::time::Duration;

fn main() {
    let (sender, receiver) = mpsc::channel();
    if let Err(TryRecvError::Empty) = receiver.try_recv() {
        println!("at first the queue is empty");
    }

    let postman = thread::spawn({
        let sender = sender.clone(); // One for each thread that sends.
        move || {
            for name in ["Ada", "Bob"] {
                sender.send(format!("a letter for {name}")).unwrap(); // Never waits.
            }
        }
    });
    println!("{}", receiver.recv().unwrap());
    println!("{}", receiver.recv().unwrap());
    postman.join().unwrap();

    // `Timeout`, not `Disconnected`, because `sender` is not dropped yet.
    let more = receiver.recv_timeout(Duration::from_millis(20));
    if let Err(RecvTimeoutError::Timeout) = more {
        println!("timeout: nothing more within 20 ms");
    }

    // Wrong, if it is meant as a queue without a limit.
    let (sender, _receiver) = mpsc::sync_channel(0);
    if let Err(TrySendError::Full(_)) = sender.try_send("a letter") {
        println!("trap: sync_channel(0) is full while it is empty");
    }
}
