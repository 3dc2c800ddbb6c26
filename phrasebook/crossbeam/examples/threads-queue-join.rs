//! Wait until everything that was put into a queue has been dealt with.
//!
//! - **Python:** `queue.Queue.join()`, `task_done()`
//! - **Rust:** a `WaitGroup` travels with each message: dropping it is `task_done`
//! - **Needs:** `cargo add crossbeam-channel`, `cargo add crossbeam-utils`
//!
//! ```console
//! $ cargo run --example threads-queue-join
//! all dealt with: 3 delivered
//! trap: all dealt with: 2 of 3 delivered
//! ```
//!
//! **Trap:** a message that is lost on the way counts as done, by a panic too: its share
//! is dropped. Python's `join` would hang instead. Count what has succeeded.
//!
//! Neighbours: `threads-queue`, `threads-queue-shutdown`, `async-queue-join`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use crossbeam_channel::{Receiver, unbounded};
use crossbeam_utils::sync::WaitGroup;

static DELIVERED: AtomicUsize = AtomicUsize::new(0);

fn postman(bag: Receiver<(&str, WaitGroup)>) {
    for (name, _done) in bag {
        if name == "nobody" {
            continue; // Drops `_done`, as would a `?` or a panic.
        }
        DELIVERED.fetch_add(1, Relaxed);
    }
}

fn main() {
    let (post, bag) = unbounded();
    for _ in 0..2 {
        let bag = bag.clone();
        thread::spawn(|| postman(bag));
    }

    let all = WaitGroup::new();
    for name in ["Ada", "Bob", "Cy"] {
        post.send((name, all.clone())).unwrap();
    }
    all.wait(); // The postmen live on: the queue may be filled again.
    println!("all dealt with: {} delivered", DELIVERED.swap(0, Relaxed));

    // Wrong: takes "dealt with" for "delivered".
    let all = WaitGroup::new();
    for name in ["Ada", "nobody", "Cy"] {
        post.send((name, all.clone())).unwrap();
    }
    all.wait();
    println!(
        "trap: all dealt with: {} of 3 delivered",
        DELIVERED.load(Relaxed)
    );
}
