//! Condition variable between threads: wait until another thread has changed a value.
//!
//! - **Python:** `threading.Condition()`, `Condition.wait_for(predicate)`,
//!   `Condition.wait()`, `Condition.notify()`, `Condition.notify_all()`
//! - **Rust:** a `Mutex` for the value and a `Condvar` beside it: `wait_while`,
//!   `wait_timeout_while`, `notify_one`, `notify_all`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-condition
//! served 3 dishes
//! trap: wait_while with wait_for's predicate returns immediately: 0 dishes
//! ```
//!
//! **Trap:** `wait_while` waits as long as its predicate is true, Python's `wait_for`
//! until it is true: negate it. A plain `wait` may wake for no reason: as in Python, it
//! needs a loop.
//!
//! Neighbours: `threads-event-clear`, `threads-lock`, `threads-priority-queue`,
//! `async-condition`.

use std::sync::{Condvar, Mutex};
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

    // Wrong: the predicate of Python's `wait_for`, which says what to wait for.
    *dishes.lock().unwrap() = 0;
    let served = *changed
        .wait_while(dishes.lock().unwrap(), |dishes| *dishes >= 3)
        .unwrap();
    println!(
        "trap: wait_while with wait_for's predicate returns immediately: {served} dishes"
    );
}
