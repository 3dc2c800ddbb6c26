//! Run functions in threads of their own, wait for them, and get what they return.
//!
//! - **Python:** `threading.Thread(target=f, args=(x,))`, `start()`, `join()`
//! - **Rust:** `thread::spawn`, or `thread::scope` where the threads borrow; both start
//!   at once, and `join` gives the function's value
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example thread
//! spawned: 5 words
//! scoped: 4 words
//! scoped: 1 words
//! a thread failed: no stamp
//! trap: the scope's own words: a scoped thread panicked
//! ```
//!
//! **Trap:** `join` gives a panic as a `Box<dyn Any>` whose text must be asked for. A
//! scope that is left to join by itself panics in turn, and has lost the text.
//!
//! Neighbours: `thread-daemon`, `thread-join-timeout`, `panic-nobody-sees`.

use std::any::Any;
use std::{panic, thread};

fn words(letter: &str) -> usize {
    letter.split_whitespace().count()
}

fn text(panic: &dyn Any) -> &str {
    // A formatted text would be a `String`: real programs look for both.
    panic.downcast_ref::<&str>().unwrap_or(&"no text")
}

fn main() {
    // A spawned thread may outlive its caller, so it owns what it works on.
    let letter = String::from("Dear Ada, the engine runs.");
    let thread = thread::spawn(move || words(&letter));
    println!("spawned: {} words", thread.join().unwrap());

    // A scope ends when its threads have ended, so they may borrow.
    let inbox = [String::from("See you at noon."), String::from("No.")];
    thread::scope(|scope| {
        let threads = inbox.each_ref().map(|letter| scope.spawn(|| words(letter)));
        for thread in threads {
            println!("scoped: {} words", thread.join().unwrap());
        }
        let failed = scope.spawn(|| panic!("no stamp")).join().unwrap_err();
        println!("a thread failed: {}", text(&*failed));
    });

    // Wrong where the reason counts: nobody joins the thread inside the scope.
    let failed = panic::catch_unwind(|| {
        thread::scope(|scope| {
            scope.spawn(|| panic!("no stamp"));
        });
    });
    let failed = failed.unwrap_err();
    println!("trap: the scope's own words: {}", text(&*failed));
}
