//! Thread name: tell threads apart in logs and debuggers.
//!
//! - **Python:** `threading.Thread(name)`, `Thread.name`; `threading.stack_size()`,
//!   `threading.ThreadError`
//! - **Rust:** `thread::Builder::name`, `thread::current().name()`; the `Builder` has a
//!   `stack_size` as well, and its `spawn` returns an `io::Error` if it cannot start
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example thread-name
//! the first thread: main
//! asked by itself: postman
//! asked by main: postman
//! trap: a thread of thread::spawn has no name
//! ```
//!
//! In Python: `the first thread: MainThread` for `the first thread: main`.
//!
//! **Trap:** `thread::spawn` gives no name, where Python counts `Thread-1`, `Thread-2`;
//! and a name cannot be changed later. On Linux, `top` and debuggers show only its first
//! 15 bytes: `thread-pool-worker-1` and `-2` look the same there.
//!
//! Neighbours: `current-thread`, `excepthook`.

use std::{io, thread};

fn name() -> Option<String> {
    thread::current().name().map(str::to_owned)
}

fn main() -> io::Result<()> {
    println!("the first thread: {}", name().unwrap());

    let builder = thread::Builder::new().name("postman".to_owned());
    let postman = builder.spawn(name)?;
    let outside = postman.thread().name().unwrap().to_owned();
    let inside = postman.join().expect("the thread does not panic");
    println!("asked by itself: {}", inside.expect("it has a name"));
    println!("asked by main: {outside}");

    // Wrong if a log must say which thread it was: this thread has no name.
    if thread::spawn(name).join().unwrap().is_none() {
        println!("trap: a thread of thread::spawn has no name");
    }
    Ok(())
}
