//! Bounded queue between threads: a producer waits while it is full.
//!
//! - **Python:** `queue.Queue(maxsize)`, `put`, `get`, `put_nowait`, `get_nowait`,
//!   `queue.Full`, `queue.Empty`
//! - **Rust:** `crossbeam_channel::bounded`; both ends can be cloned; `send`,
//!   `recv`, `try_send`, `try_recv`, `len`; with one consumer std's `mpsc::sync_channel`
//!   is enough
//! - **Needs:** `cargo add crossbeam-channel`
//!
//! ```console
//! $ cargo run --example threads-queue
//! at first the queue is empty
//! no room for order 2: the queue is full
//! 2 workers handled 10 orders, each order once
//! trap: the lock is held while a worker handles soup, the other workers wait
//! ```
//!
//! **Trap:** several consumers can share std's `Receiver` only behind a `Mutex`. In
//! `while let Ok(x) = receiver.lock().unwrap().recv()` the lock is held through the body,
//! so the workers take turns. Receive in a statement of its own.
//!
//! Neighbours: `threads-simple-queue`, `threads-queue-join`, `threads-queue-shutdown`,
//! `async-queue`, `threads-queue-timeout`, `threads-select`.

use std::sync::{Mutex, mpsc};
use std::thread;

use crossbeam_channel::{TryRecvError, TrySendError, bounded};

fn main() {
    let (sender, receiver) = bounded(2);
    if let Err(TryRecvError::Empty) = receiver.try_recv() {
        println!("at first the queue is empty");
    }
    sender.send(0).unwrap();
    sender.send(1).unwrap();
    if let Err(TrySendError::Full(order)) = sender.try_send(2) {
        println!("no room for order {order}: the queue is full");
    }

    let mut handled: Vec<u32> = thread::scope(|scope| {
        let workers = [receiver.clone(), receiver.clone()]
            .map(|receiver| scope.spawn(move || receiver.iter().collect::<Vec<_>>()));
        for orders in [2..6, 6..10] {
            let sender = sender.clone();
            scope.spawn(move || {
                for order in orders {
                    sender.send(order).unwrap(); // Waits while the queue is full.
                }
            });
        }
        drop(sender); // When the producers' clones are gone too, the workers' loops end.
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    handled.sort();
    assert_eq!(handled, Vec::from_iter(0..10));
    println!("2 workers handled 10 orders, each order once");

    let (sender, receiver) = mpsc::channel();
    let receiver = Mutex::new(receiver);
    sender.send("soup").unwrap();
    drop(sender);
    let worker = || {
        // Wrong: the guard lives to the end of the body. Right, in a `loop`:
        // `let Ok(order) = receiver.lock().unwrap().recv() else { break };`
        while let Ok(order) = receiver.lock().unwrap().recv() {
            // Any other worker would now find the lock taken.
            if receiver.try_lock().is_err() {
                println!(
                    "trap: the lock is held while a worker handles {order}, \
                     the other workers wait"
                );
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(worker);
    });
}
