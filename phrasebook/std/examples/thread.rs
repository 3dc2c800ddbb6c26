//! Thread: run a function in a thread, wait for it, and get what it returns.
//!
//! - **Python:** `threading.Thread(target=f, args=(x,))`, `Thread.start()`,
//!   `Thread.join()`; or a subclass with `Thread.run()`
//! - **Rust:** `thread::spawn`, or `scope.spawn` in a `thread::scope` if the threads
//!   borrow; both start a thread immediately, and `join` gives the value of the closure
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example thread
//! spawned: 5 words
//! scoped: 4 words
//! scoped: 2 words
//! a thread failed: no stamp
//! trap: a thread panicked, and only its scope joined it: the text "no stamp" is lost
//! ```
//!
//! **Trap:** `join` gives a panic as a `Box<dyn Any + Send>`, with a `&str` or a `String`
//! inside: look for both. If a scope has to join a thread that panicked, the scope panics
//! with a text of its own, and the thread's text is lost.
//!
//! Neighbours: `thread-daemon`, `thread-join-timeout`, `panic-nobody-sees`,
//! `threads-shared-dict`.

use std::any::Any;
use std::{panic, thread};

fn words(letter: &str) -> usize {
    letter.split_whitespace().count()
}

/// `panic!("a text")` leaves a `&str`, `panic!("with a {value}")` a `String`.
fn text(panic: &(dyn Any + Send)) -> &str {
    match panic.downcast_ref::<&str>() {
        Some(text) => text,
        None => panic
            .downcast_ref::<String>()
            .map_or("no text", |text| text),
    }
}

fn main() {
    // A spawned thread may outlive its caller, so it owns what it works on.
    let letter = String::from("Dear Ada, the engine runs.");
    let thread = thread::spawn(move || words(&letter));
    println!("spawned: {} words", thread.join().unwrap());

    // A scope ends when its threads have ended, so they may borrow.
    let inbox = [
        String::from("See you at noon."),
        String::from("No, thanks."),
    ];
    thread::scope(|scope| {
        let threads: Vec<_> = inbox
            .iter()
            .map(|letter| scope.spawn(|| words(letter)))
            .collect();
        for thread in threads {
            println!("scoped: {} words", thread.join().unwrap());
        }
        let failed = scope.spawn(|| panic!("no stamp")).join().unwrap_err();
        println!("a thread failed: {}", text(&*failed));
    });

    // Wrong if the reason matters: nothing inside the scope joins the thread.
    let failed = panic::catch_unwind(|| {
        thread::scope(|scope| {
            scope.spawn(|| panic!("no stamp"));
        });
    });
    if text(&*failed.unwrap_err()) != "no stamp" {
        println!(
            "trap: a thread panicked, and only its scope joined it: \
             the text \"no stamp\" is lost"
        );
    }
}
