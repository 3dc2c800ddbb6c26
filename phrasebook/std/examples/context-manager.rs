//! Context manager, `with`: clean up at the end of a block, also after an error.
//!
//! - **Python:** `with`, `contextlib.contextmanager`, `contextlib.closing`,
//!   `contextlib.ExitStack`, `contextlib.suppress`, `try`/`finally`, `atexit.register`
//! - **Rust:** a guard: a type with `Drop`; the last guard of a block is dropped first.
//!   scopeguard makes guards of closures. `suppress`: look at the error's `kind()`.
//!   `atexit`: none, a guard in `main`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example context-manager
//! door open
//! window open
//! window closed
//! door closed
//! room not painted: no paint
//! stack: callback 2
//! stack: callback 1
//! a file that is not there was not removed
//! trap: process::exit: the door was opened, but not closed
//! ```
//!
//! **Trap:** `sys.exit` is an exception, at which `finally` runs; `process::exit` runs no
//! `Drop`. Return an `ExitCode` from `main` instead. `let _ = open(..)` drops the guard
//! immediately: bind it to a name, such as `_door`. A `drop` cannot return an error.
//!
//! Neighbours: `async-with`, `async-exit-stack`, `executor-with`, `keyboard-interrupt`.

use std::io::{self, ErrorKind};
use std::process::{self, Command};
use std::{env, fs};

struct Opened(&'static str);

/// `__enter__`.
fn open(what: &'static str) -> Opened {
    println!("{what} open");
    Opened(what)
}

/// `__exit__`, which runs after a `return`, a `?` and a panic, too.
impl Drop for Opened {
    fn drop(&mut self) {
        println!("{} closed", self.0);
    }
}

fn paint_room() -> Result<(), String> {
    let _door = open("door");
    let _window = open("window");
    Err("no paint".to_owned())
}

/// `contextlib.ExitStack`: a `Vec` alone would drop its first item first.
#[derive(Default)]
struct ExitStack(Vec<Box<dyn FnOnce()>>);

impl ExitStack {
    fn callback(&mut self, f: impl FnOnce() + 'static) {
        self.0.push(Box::new(f));
    }
}

impl Drop for ExitStack {
    fn drop(&mut self) {
        while let Some(callback) = self.0.pop() {
            callback();
        }
    }
}

fn main() -> io::Result<()> {
    if env::args().len() > 1 {
        // Wrong: `exit` skips the `Drop` of every guard.
        let _door = open("door");
        process::exit(3);
    }

    if let Err(error) = paint_room() {
        println!("room not painted: {error}");
    }

    let mut stack = ExitStack::default();
    for number in 1..=2 {
        stack.callback(move || println!("stack: callback {number}"));
    }
    drop(stack); // Or at the end of the block.

    // `with contextlib.suppress(FileNotFoundError):`
    match fs::remove_file("no/such/file") {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!("a file that is not there was not removed");
        }
        result => result?,
    }

    // This program again, with an argument: `process::exit` ends the whole process.
    let output = Command::new(env::current_exe()?).arg("exit").output()?;
    if output.stdout == b"door open\n" {
        println!("trap: process::exit: the door was opened, but not closed");
    }
    Ok(())
}
