//! Background job with `rayon::spawn`: start it, and get its result or its panic later.
//!
//! - **Python:** `ThreadPoolExecutor().submit(f)`; its `Future` keeps the exception
//! - **Rust:** `rayon::spawn`, with `catch_unwind` in the job and a channel for its
//!   result
//! - **Needs:** `cargo add rayon`
//!
//! ```console
//! $ cargo run --example rayon-spawn-panic
//! bread: baked
//! cake: burnt
//! trap: without catch_unwind the panic of a job ends the whole program
//! ```
//!
//! **Trap:** nothing waits for a job of `rayon::spawn`, so its panic aborts the whole
//! program. `rayon::scope`, `join` and `install` pass a panic on to their caller instead.
//! With a `panic_handler` in the pool the program goes on, but the result is missing.
//!
//! Neighbours: `threads-submit`, `threads-initializer`, `threads-map-first-error`.

use std::any::Any;
use std::error::Error;
use std::panic::catch_unwind;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

fn bake(dish: &str) -> &'static str {
    match dish {
        "cake" => panic!("burnt"),
        _ => "baked",
    }
}

/// What `panic!` was given: a literal is a `&str`, a formatted message a `String`.
fn message(panic: &(dyn Any + Send)) -> &str {
    if let Some(literal) = panic.downcast_ref::<&str>() {
        literal
    } else if let Some(formatted) = panic.downcast_ref::<String>() {
        formatted
    } else {
        "a panic without a message"
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // Only in the child, which the end of `main` starts.
    if env::args().nth(1).as_deref() == Some("child") {
        // Wrong: nothing catches the panic of this job.
        rayon::spawn(|| println!("{}", bake("cake")));
        thread::sleep(Duration::from_secs(10)); // The abort comes long before.
        return Ok(());
    }

    let mut receivers = Vec::new();
    for dish in ["bread", "cake"] {
        let (sender, receiver) = mpsc::channel();
        rayon::spawn(move || {
            let _ = sender.send(catch_unwind(|| bake(dish)));
        });
        receivers.push((dish, receiver));
    }
    for (dish, receiver) in receivers {
        match receiver.recv()? {
            Ok(state) => println!("{dish}: {state}"),
            Err(panic) => println!("{dish}: {}", message(&*panic)),
        }
    }

    // This program again, as a child that may die.
    let mut child = Command::new(env::current_exe()?);
    let status = child.arg("child").stderr(Stdio::null()).status()?;
    if !status.success() {
        println!("trap: without catch_unwind the panic of a job ends the whole program");
    }
    Ok(())
}
