//! Let threads wait until something has happened, once and for all.
//!
//! - **Python:** `threading.Event()`, `set()`, `wait()`, `is_set()`
//! - **Rust:** `OnceLock`: `set`, `wait`, `get`; what happened may carry a value
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-event
//! before: nothing
//! Ada eats soup
//! Bob eats soup
//! trap: set again: refused, still soup
//! ```
//!
//! **Trap:** it happens once: a second `set` gives an `Err` that is easily overlooked.
//! There is no `clear`, and `wait` has no timeout.
//!
//! Neighbours: `threads-event-clear`, `threads-condition`, `async-event`.

use std::sync::OnceLock;
use std::thread;

fn main() {
    let dinner = OnceLock::new();
    println!("before: {}", dinner.get().unwrap_or(&"nothing"));

    thread::scope(|scope| {
        let guests = ["Ada", "Bob"].map(|guest| {
            let dinner = &dinner;
            scope.spawn(move || format!("{guest} eats {}", dinner.wait()))
        });
        dinner.set("soup").unwrap();
        for guest in guests {
            println!("{}", guest.join().unwrap());
        }
    });

    // Wrong: an event that is to happen again needs `threads-event-clear`.
    let again = dinner.set("stew");
    let answer = if again.is_err() { "refused" } else { "taken" };
    println!("trap: set again: {answer}, still {}", dinner.wait());
}
