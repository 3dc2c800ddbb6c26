//! Common mistake: a thread panics, and the program goes on as if nothing had happened.
//!
//! - **Python:** `ThreadPoolExecutor.submit(f)`, then `Future.result()` or
//!   `Future.exception()`
//! - **Rust:** keep each `JoinHandle`, and look at what `join` returns
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example panic-nobody-sees
//! Ada: sent
//! Bob: no stamp
//! Cy: sent
//! trap: the channel ends without an error: 2 of 3 sent, Bob is missing
//! ```
//!
//! **Trap:** a panic ends only its thread, and the exit code stays 0. A loop over a
//! channel ends normally: the failed thread's sender is dropped like the others. In
//! Python the loop would hang, for a queue does not notice that its writers are gone.
//!
//! Neighbours: `excepthook`, `thread`, `threads-submit`.

use std::sync::mpsc;
use std::thread;

fn deliver(name: &'static str) -> &'static str {
    if name == "Bob" {
        panic!("no stamp"); // The message goes to standard error.
    }
    name
}

fn main() {
    let names = ["Ada", "Bob", "Cy"];
    let threads = names.map(|name| thread::spawn(move || deliver(name)));
    for (name, thread) in names.iter().zip(threads) {
        match thread.join() {
            Ok(_) => println!("{name}: sent"),
            Err(panic) => {
                let reason = panic.downcast_ref::<&str>().unwrap_or(&"panicked");
                println!("{name}: {reason}");
            }
        }
    }

    // Wrong: the handles are dropped, and the channel carries only the successes.
    let (sender, receiver) = mpsc::channel();
    for name in names {
        let sender = sender.clone();
        thread::spawn(move || sender.send(deliver(name)));
    }
    drop(sender);
    let sent: Vec<_> = receiver.iter().collect();
    let missing: Vec<_> = names
        .into_iter()
        .filter(|name| !sent.contains(name))
        .collect();
    println!(
        "trap: the channel ends without an error: {} of {} sent, {} is missing",
        sent.len(),
        names.len(),
        missing.join(", ")
    );
}
