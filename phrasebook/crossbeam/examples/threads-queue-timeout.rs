//! Queue timeout between threads: `put` and `get` with a limit, and how full a queue is.
//!
//! - **Python:** `queue.Queue.put(item, timeout=…)`, `queue.Queue.get(timeout=…)`,
//!   `queue.Queue.qsize`, `queue.Queue.empty`, `queue.Queue.full`
//! - **Rust:** crossbeam: `send_timeout`, `recv_timeout`, `len`, `is_empty`, `is_full`. Of
//!   these std's `mpsc` has only `recv_timeout`
//! - **Needs:** `cargo add crossbeam-channel`
//!
//! ```console
//! $ cargo run --example threads-queue-timeout
//! 2 orders are waiting: the queue is full
//! put: no room for pie within 20 ms
//! get: soup
//! get: stew
//! 0 orders are waiting: the queue is empty
//! get: nothing within 20 ms
//! trap: no sender is left: 1000 waits of an hour ended immediately
//! ```
//!
//! **Trap:** `recv_timeout` has two errors. `Timeout` is `queue.Empty`. `Disconnected`
//! comes immediately, again and again, when all senders are gone: a loop that takes every
//! `Err` for a timeout uses a whole core. As in Python, a `len` is old when you read it.
//!
//! Neighbours: `threads-queue`, `threads-simple-queue`, `threads-select`,
//! `threads-queue-shutdown`.

use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, SendTimeoutError, bounded};

fn main() {
    let limit = Duration::from_millis(20);
    let (sender, receiver) = bounded(2);
    sender.send("soup").unwrap();
    sender.send("stew").unwrap();
    if sender.is_full() {
        println!("{} orders are waiting: the queue is full", sender.len());
    }
    match sender.send_timeout("pie", limit) {
        Ok(()) => println!("put: pie"),
        Err(SendTimeoutError::Timeout(order)) => {
            println!("put: no room for {order} within 20 ms");
        }
        Err(SendTimeoutError::Disconnected(order)) => {
            println!("put: nothing will ever take {order}");
        }
    }

    for _ in 0..2 {
        println!("get: {}", receiver.recv().unwrap());
    }
    if receiver.is_empty() {
        println!("{} orders are waiting: the queue is empty", receiver.len());
    }
    match receiver.recv_timeout(limit) {
        Ok(order) => println!("get: {order}"),
        Err(RecvTimeoutError::Timeout) => println!("get: nothing within 20 ms"),
        Err(RecvTimeoutError::Disconnected) => println!("get: nothing will ever come"),
    }

    // Wrong: takes every error for a timeout, and tries again.
    drop(sender);
    let hour = Duration::from_secs(3600);
    let mut waits = 0;
    while waits < 1000 && receiver.recv_timeout(hour).is_err() {
        waits += 1;
    }
    println!("trap: no sender is left: {waits} waits of an hour ended immediately");
}
