//! `Queue.join` between threads: wait until every item of the queue has been handled.
//!
//! - **Python:** `queue.Queue.join()`, `queue.Queue.task_done()`
//! - **Rust:** a clone of a `WaitGroup` in each message: dropping it is `task_done`
//! - **Needs:** `cargo add crossbeam-channel`, `cargo add crossbeam-utils`
//!
//! ```console
//! $ cargo run --example threads-queue-join
//! all letters handled, 3 delivered
//! trap: all letters count as handled, but only 2 of 3 were delivered
//! ```
//!
//! **Trap:** a message counts as handled as soon as it is dropped, also by a `continue`,
//! a `?` or a panic. Python's `join` would wait for ever instead. Count what has
//! succeeded.
//!
//! Neighbours: `threads-queue`, `threads-queue-shutdown`, `async-queue-join`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use crossbeam_channel::{Receiver, unbounded};
use crossbeam_utils::sync::WaitGroup;

fn deliver(letters: Receiver<(&str, WaitGroup)>, delivered: &AtomicUsize) {
    for (name, _done) in letters {
        if name == "nobody" {
            continue; // Drops `_done`, as a `?` or a panic would.
        }
        delivered.fetch_add(1, Relaxed);
    }
}

fn main() {
    let delivered = AtomicUsize::new(0);
    let (sender, letters) = unbounded();
    thread::scope(|scope| {
        for _ in 0..2 {
            let letters = letters.clone();
            scope.spawn(|| deliver(letters, &delivered));
        }

        let all_done = WaitGroup::new();
        for name in ["Ada", "Bob", "Cy"] {
            sender.send((name, all_done.clone())).unwrap();
        }
        all_done.wait(); // The threads run on: more letters may follow.
        let count = delivered.swap(0, Relaxed);
        println!("all letters handled, {count} delivered");

        // Wrong: takes "handled" for "delivered".
        let all_done = WaitGroup::new();
        for name in ["Ada", "nobody", "Cy"] {
            sender.send((name, all_done.clone())).unwrap();
        }
        all_done.wait();
        let count = delivered.load(Relaxed);
        println!(
            "trap: all letters count as handled, but only {count} of 3 were delivered"
        );
        drop(sender); // Ends the threads.
    });
}
