//! Let several threads take their work from one iterator, each item once.
//!
//! - **Python:** `threading.serialize_iterator(iterator)` (3.15)
//! - **Rust:** `Mutex<impl Iterator>`, locked for `next` alone; `iter::from_fn` makes an
//!   iterator of it again
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example serialize-iterator
//! 3 threads took 1 to 1000: sum 500500
//! trap: inside while let: locked true
//! ```
//!
//! **Trap:** a guard in the head of a `while let` lives until its body ends, so the
//! threads work in turn. Let `next` end its statement, or its closure, first.
//!
//! Neighbours: `threads-queue`, `threads-lock`.

use std::sync::Mutex;
use std::{iter, thread};

fn main() {
    let pages = Mutex::new(1..=1000);
    let sum: u32 = thread::scope(|scope| {
        let next = || pages.lock().unwrap().next(); // Unlocked when it returns.
        let read = move || iter::from_fn(next).sum::<u32>();
        let readers = [(); 3].map(|()| scope.spawn(read));
        readers.map(|reader| reader.join().unwrap()).iter().sum()
    });
    println!("3 threads took 1 to 1000: sum {sum}");

    // Wrong: while one thread is in the body, no other can take its next item.
    let pages = Mutex::new(1..=1);
    while let Some(_page) = pages.lock().unwrap().next() {
        let locked = pages.try_lock().is_err();
        println!("trap: inside while let: locked {locked}");
    }
}
