//! Give a thread a name, for logs and debuggers.
//!
//! - **Python:** `threading.Thread(name="…")`, `Thread.name`
//! - **Rust:** `thread::Builder::name`; `thread::current().name()`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example thread-name
//! the first: main
//! its own words: postman
//! seen from outside: postman
//! trap: without a Builder: None
//! ```
//!
//! In Python: `the first: MainThread` for `the first: main`.
//!
//! **Trap:** `thread::spawn` gives no name, where Python counts `Thread-1`, `Thread-2`;
//! and the name stays what it was at the start.
//!
//! Neighbours: `current-thread`, `excepthook`.

use std::{io, thread};

fn name() -> Option<String> {
    thread::current().name().map(str::to_owned)
}

fn main() -> io::Result<()> {
    println!("the first: {}", name().unwrap());

    let postman = thread::Builder::new().name("postman".to_owned());
    let postman = postman.spawn(name)?; // Unlike `thread::spawn`, it tells if it cannot.
    let outside = postman.thread().name().unwrap().to_owned();
    println!("its own words: {}", postman.join().unwrap().unwrap());
    println!("seen from outside: {outside}");

    // Wrong where somebody will read the log: which of the threads was it?
    println!(
        "trap: without a Builder: {:?}",
        thread::spawn(name).join().unwrap()
    );
    Ok(())
}
