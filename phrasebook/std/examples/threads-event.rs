//! Event between threads, set once: all wait until it has happened.
//!
//! - **Python:** `threading.Event()`, `Event.set()`, `Event.wait()`, `Event.is_set()`; a
//!   `Future` filled by hand: `Future.set_result`, `Future.set_exception`
//! - **Rust:** `OnceLock`: `set`, `wait`, `get`; it carries a value, as a `Future` does
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-event
//! before: nothing
//! Ada eats soup
//! Bob eats soup
//! trap: the second set is refused: still soup
//! ```
//!
//! **Trap:** a `OnceLock` is set once. A second `set` changes nothing and returns an
//! `Err`, which `let _ =` hides. There is no `clear`, and `wait` has no timeout.
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

    // Wrong: a second `set` changes nothing. To set it again, see `threads-event-clear`.
    if dinner.set("stew").is_err() {
        println!("trap: the second set is refused: still {}", dinner.wait());
    }
}
