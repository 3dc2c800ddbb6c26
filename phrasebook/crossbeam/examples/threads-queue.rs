//! A queue of limited length between several producers and several consumers.
//!
//! - **Python:** `queue.Queue(maxsize)`, `put`, `get`, `put_nowait`, `get_nowait`
//! - **Rust:** `crossbeam_channel::bounded`: both ends can be cloned; `send`, `recv`,
//!   `try_send`, `try_recv`
//! - **Needs:** `cargo add crossbeam-channel`
//!
//! ```console
//! $ cargo run --example threads-queue
//! third order: full
//! 2 cooks made 10 dishes, each order once: true
//! nothing left: empty
//! trap: std's receiver behind a lock: one cook waits, locked true
//! ```
//!
//! **Trap:** std's `Receiver` has one consumer. A `Mutex` around it is held by whoever
//! waits for the next message, so that nobody else can even look with `try_recv`.
//!
//! Neighbours: `threads-simple-queue`, `threads-queue-join`, `threads-queue-shutdown`,
//! `async-queue`.

use std::sync::{Barrier, Mutex, mpsc};
use std::thread;

use crossbeam_channel::bounded;

fn main() {
    let (orders, kitchen) = bounded(2);
    orders.send(0).unwrap();
    orders.send(1).unwrap();
    if orders.try_send(2).is_err_and(|refused| refused.is_full()) {
        println!("third order: full");
    }
    let mut dishes: Vec<u32> = thread::scope(|scope| {
        let cooks = [kitchen.clone(), kitchen.clone()]
            .map(|kitchen| scope.spawn(move || kitchen.iter().collect::<Vec<_>>()));
        for order in 2..10 {
            orders.send(order).unwrap(); // Waits while the queue is full.
        }
        drop(orders); // Ends the cooks' loops.
        cooks
            .into_iter()
            .flat_map(|cook| cook.join().unwrap())
            .collect()
    });
    dishes.sort();
    let once = dishes.iter().copied().eq(0..10);
    let count = dishes.len();
    println!("2 cooks made {count} dishes, each order once: {once}");
    if kitchen.try_recv().is_err() {
        println!("nothing left: empty");
    }

    // Wrong: the lock is held as long as the cook waits.
    let (orders, kitchen) = mpsc::channel::<u32>();
    let kitchen = Mutex::new(kitchen);
    let begun = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            let kitchen = kitchen.lock().unwrap();
            begun.wait();
            kitchen.recv().ok(); // `kitchen.lock().unwrap().recv()` is no better.
        });
        begun.wait();
        let locked = kitchen.try_lock().is_err();
        println!("trap: std's receiver behind a lock: one cook waits, locked {locked}");
        drop(orders);
    });
}
