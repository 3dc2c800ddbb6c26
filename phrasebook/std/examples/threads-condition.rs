//! Wait until another thread has brought something about.
//!
//! - **Python:** `threading.Condition()`, `wait_for(predicate)`, `notify_all()`
//! - **Rust:** `Condvar::wait_while`, beside the `Mutex` that guards what is waited for
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-condition
//! served 3 dishes
//! trap: woken without a predicate: 0 dishes
//! ```
//!
//! **Trap:** `wait_while` wants the opposite of Python's predicate: it waits as long as
//! that is true. A bare `wait` may wake for no reason, or for somebody else's.
//!
//! Neighbours: `threads-event-clear`, `threads-lock`, `threads-priority-queue`,
//! `async-condition`.

use std::sync::{Barrier, Condvar, Mutex};
use std::thread;

fn main() {
    let dishes = Mutex::new(0);
    let changed = Condvar::new();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let dishes = dishes.lock().unwrap();
            *changed.wait_while(dishes, |dishes| *dishes < 3).unwrap()
        });
        for _ in 0..3 {
            *dishes.lock().unwrap() += 1;
            changed.notify_all();
        }
        println!("served {} dishes", waiter.join().unwrap());
    });

    // Wrong: takes any wake-up for the one it waits for.
    *dishes.lock().unwrap() = 0;
    let ready = Barrier::new(2);
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let dishes = dishes.lock().unwrap();
            ready.wait();
            *changed.wait(dishes).unwrap()
        });
        ready.wait();
        drop(dishes.lock()); // To be had only once the waiter waits.
        changed.notify_all(); // The oven is hot: of no use to a waiter.
        let dishes = waiter.join().unwrap();
        println!("trap: woken without a predicate: {dishes} dishes");
    });
}
