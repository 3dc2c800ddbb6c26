//! Say in one place what happens when a thread fails.
//!
//! - **Python:** `threading.excepthook = f`
//! - **Rust:** `panic::set_hook`, for all threads, `main` among them
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example excepthook
//! log: postman failed: no stamp
//! main goes on
//! trap: log: main failed: it rains (and somebody caught it)
//! ```
//!
//! **Trap:** the hook runs where the panic begins, before anything unwinds, so it hears
//! of panics too that somebody catches. Python's hook hears only of what nobody caught.
//!
//! Neighbours: `panic-nobody-sees`, `thread`, `thread-name`.

use std::sync::mpsc;
use std::{panic, thread};

fn main() {
    let (log, lines) = mpsc::channel();
    panic::set_hook(Box::new(move |info| {
        let thread = thread::current();
        let name = thread.name().unwrap_or("a thread");
        let reason = info.payload_as_str().unwrap_or("no text");
        log.send(format!("log: {name} failed: {reason}")).ok();
    }));

    let postman = thread::Builder::new().name("postman".to_owned());
    let postman = postman.spawn(|| panic!("no stamp")).unwrap();
    postman.join().unwrap_err();
    println!("{}", lines.recv().unwrap());
    println!("main goes on");

    // Wrong, if the hook is to count failures: this one is none, it is dealt with.
    panic::catch_unwind(|| panic!("it rains")).unwrap_err();
    println!("trap: {} (and somebody caught it)", lines.recv().unwrap());
}
