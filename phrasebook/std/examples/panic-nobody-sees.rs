//! Known-wrong: threads whose failure nobody asks for, beside those that are asked.
//!
//! - **Python:** `ThreadPoolExecutor.submit(f)` and `Future.result()`
//! - **Rust:** keep each `JoinHandle`, and look at what `join` gives
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example panic-nobody-sees
//! Ada: sent
//! Bob: no stamp
//! Cy: sent
//! trap: all done: Ada, Cy
//! ```
//!
//! **Trap:** a panic ends its thread and nobody else. A loop over a channel ends well all
//! the same, since the sender of the thread that failed is dropped like any other.
//!
//! Neighbours: `excepthook`, `thread`, `threads-submit`.

use std::sync::mpsc;
use std::thread;

fn send(name: &'static str) -> &'static str {
    if name == "Bob" {
        panic!("no stamp"); // Is said on standard error; the exit code stays 0.
    }
    name
}

fn main() {
    let names = ["Ada", "Bob", "Cy"];
    let threads = names.map(|name| thread::spawn(move || send(name)));
    for (name, thread) in names.iter().zip(threads) {
        match thread.join() {
            Ok(_) => println!("{name}: sent"),
            Err(panic) => {
                let reason = panic.downcast_ref::<&str>().unwrap_or(&"panicked");
                println!("{name}: {reason}");
            }
        }
    }

    // Wrong: the handles are dropped, and the channel knows only of those who got there.
    let (sent, done) = mpsc::channel();
    for name in names {
        let sent = sent.clone();
        thread::spawn(move || sent.send(send(name)));
    }
    drop(sent);
    let mut done: Vec<_> = done.iter().collect();
    done.sort();
    println!("trap: all done: {}", done.join(", "));
}
