//! Iterator shared by threads: each item goes to one of them.
//!
//! - **Python:** `threading.serialize_iterator(iterator)`, and for a generator function
//!   `@threading.synchronized_iterator` (3.15)
//! - **Rust:** `Mutex<impl Iterator>`, locked only for `next`; `iter::from_fn` makes an
//!   iterator of it again
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example serialize-iterator
//! 3 threads took 1 to 1000: sum 500500
//! trap: in the body of while let: the lock is still held
//! ```
//!
//! **Trap:** a guard in the head of a `while let` lives until the end of its body, so the
//! threads work in turn. Call `next` in a statement or a closure of its own, which drops
//! the guard at its end.
//!
//! Neighbours: `threads-queue`, `threads-lock`.

use std::sync::Mutex;
use std::{iter, thread};

fn main() {
    let pages = Mutex::new(1..=1000);
    let read = || {
        let next = || pages.lock().unwrap().next(); // Unlocked when it returns.
        iter::from_fn(next).sum::<u32>()
    };
    let sum: u32 = thread::scope(|scope| {
        let readers: Vec<_> = (0..3).map(|_| scope.spawn(read)).collect();
        readers
            .into_iter()
            .map(|reader| reader.join().unwrap())
            .sum()
    });
    println!("3 threads took 1 to 1000: sum {sum}");

    // Wrong: while one thread is in the body, no other can take its next item.
    let pages = Mutex::new(1..=1);
    while let Some(_page) = pages.lock().unwrap().next() {
        if pages.try_lock().is_err() {
            println!("trap: in the body of while let: the lock is still held");
        }
    }
}
