//! `threading.excepthook`: one function that is called when a thread fails.
//!
//! - **Python:** `threading.excepthook = f`, with `threading.ExceptHookArgs`; the default
//!   is `threading.__excepthook__`
//! - **Rust:** `panic::set_hook`, for all threads, `main` among them; the default comes
//!   from `panic::take_hook`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example excepthook
//! log: postman failed: no stamp
//! main goes on
//! log: main failed: it rains
//! trap: the hook has logged a panic that the program caught
//! ```
//!
//! In Python: nothing for `log: main failed: it rains`.
//!
//! **Trap:** the hook runs where a panic begins, even if the panic is caught later, as
//! pools catch the panics of their tasks. Python's hook runs only for exceptions that
//! nothing caught. As in Python, the hook replaces the default message: call the default
//! as well.
//!
//! Neighbours: `panic-nobody-sees`, `thread`, `thread-name`.

use std::{io, panic, thread};

fn main() -> io::Result<()> {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let thread = thread::current();
        let name = thread.name().unwrap_or("a thread");
        let reason = info.payload_as_str().unwrap_or("no text");
        println!("log: {name} failed: {reason}");
        default(info); // The usual message, with file and line, on standard error.
    }));

    let builder = thread::Builder::new().name("postman".to_owned());
    let postman = builder.spawn(|| panic!("no stamp"))?;
    postman.join().unwrap_err();
    println!("main goes on");

    // Wrong, if the log must show only real failures: this panic is caught.
    panic::catch_unwind(|| panic!("it rains")).unwrap_err();
    println!("trap: the hook has logged a panic that the program caught");
    Ok(())
}
