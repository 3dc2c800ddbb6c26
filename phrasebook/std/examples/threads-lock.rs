//! Let several threads change one value, one at a time.
//!
//! - **Python:** `threading.Lock()`, `with lock:`
//! - **Rust:** `Mutex<T>`: the lock owns the value, and the guard gives it back when
//!   dropped
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-lock
//! 4 threads counted 4000 letters
//! somebody else has the lock: true
//! trap: after a panic under the lock: poisoned, 4001 letters inside
//! ```
//!
//! **Trap:** a thread that panics while it holds a lock poisons it: `lock` gives an `Err`
//! from then on, and the `unwrap` that everybody writes spreads the panic.
//!
//! Neighbours: `rlock`, `threads-condition`, `serialize-iterator`, `processes-lock`,
//! `async-lock`.

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
    let taken = letters.try_lock().is_err();
    println!("somebody else has the lock: {taken}");
    drop(guard); // Python's end of the `with` block.

    // Wrong: fails while it holds the lock. Nobody can know how far it got.
    let sort = || {
        let mut letters = letters.lock().unwrap();
        *letters += 1;
        panic!("no address");
    };
    thread::scope(|scope| scope.spawn(sort).join()).unwrap_err();
    if let Err(poisoned) = letters.lock() {
        let count = *poisoned.into_inner(); // Whoever knows that it is sound goes on.
        println!("trap: after a panic under the lock: poisoned, {count} letters inside");
    }
}
