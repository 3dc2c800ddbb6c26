//! Lock between threads: they change one value, one thread at a time.
//!
//! - **Python:** `threading.Lock()`, `with lock:`, `Lock.acquire(blocking=False)`,
//!   `Lock.acquire(timeout)`, `Lock.locked()`
//! - **Rust:** `Mutex<T>` owns the value; `lock` gives a guard, and dropping it unlocks.
//!   `try_lock` does not wait. A timeout: none in std; `try_lock_for` of parking_lot
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-lock
//! 4 threads counted 4000 letters
//! the lock is held: a second try is refused
//! trap: a thread panicked under the lock: poisoned, 4001 letters inside
//! ```
//!
//! **Trap:** a thread that panics while it holds a lock poisons it. From then on `lock`
//! returns an `Err`, and the usual `unwrap` panics in every thread that locks. Python
//! unlocks, and the next thread goes on with what is there.
//!
//! Neighbours: `rlock`, `threads-condition`, `serialize-iterator`, `processes-lock`,
//! `async-lock`, `threads-shared-dict`.

use std::sync::Mutex;
use std::thread;

fn main() {
    let letters = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    *letters.lock().unwrap() += 1; // Locked for this one statement.
                }
            });
        }
    });
    println!("4 threads counted {} letters", letters.lock().unwrap());

    let guard = letters.lock().unwrap();
    assert!(letters.try_lock().is_err(), "the guard holds the lock");
    println!("the lock is held: a second try is refused");
    drop(guard); // As at the end of Python's `with` block.

    // Wrong: panics while it holds the lock. The value may be half changed.
    let count_and_panic = || {
        let mut letters = letters.lock().unwrap();
        *letters += 1;
        panic!("no address");
    };
    thread::scope(|scope| scope.spawn(count_and_panic).join()).unwrap_err();
    if let Err(poisoned) = letters.lock() {
        let count = poisoned.into_inner(); // Only if you know that the value is sound.
        println!(
            "trap: a thread panicked under the lock: poisoned, {count} letters inside"
        );
    }
}
