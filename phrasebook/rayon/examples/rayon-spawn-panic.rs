//! Start a job on a thread of a pool without waiting for it, and survive its failure.
//!
//! - **Python:** `ThreadPoolExecutor().submit(f)`, whose `Future` keeps the exception
//! - **Rust:** `rayon::spawn`, with `catch_unwind` in the job and a channel out of it
//! - **Needs:** `cargo add rayon`
//!
//! ```console
//! $ cargo run --example rayon-spawn-panic
//! bread: baked
//! cake: burnt
//! trap: without catch_unwind the program lived on: false
//! ```
//!
//! **Trap:** a job of `rayon::spawn` has nobody to give a panic to, so it aborts the
//! whole program. `rayon::scope`, `join` and `install` hand it to their caller instead. A
//! `panic_handler` of the pool keeps the program alive, but not the result.
//!
//! Neighbours: `threads-submit`, `threads-initializer`, `threads-map-first-error`.

use std::panic::catch_unwind;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, io, thread};

fn bake(dish: &str) -> &'static str {
    match dish {
        "cake" => panic!("burnt"),
        _ => "baked",
    }
}

fn main() -> io::Result<()> {
    // This program again, as a child that may die.
    if env::args().len() > 1 {
        // Wrong: nobody waits for the cake, and still it ends everything.
        rayon::spawn(|| println!("{}", bake("cake")));
        thread::sleep(Duration::from_secs(10)); // It does not come so far.
        return Ok(());
    }

    for dish in ["bread", "cake"] {
        let (sender, result) = mpsc::channel();
        rayon::spawn(move || {
            let _ = sender.send(catch_unwind(|| bake(dish)));
        });
        match result.recv() {
            Ok(Ok(state)) => println!("{dish}: {state}"),
            Ok(Err(panic)) => {
                println!("{dish}: {}", panic.downcast_ref().unwrap_or(&"?"))
            }
            Err(_) => println!("{dish}: no answer"),
        }
    }

    let mut child = Command::new(env::current_exe()?);
    let status = child.arg("child").stderr(Stdio::null()).status()?;
    println!(
        "trap: without catch_unwind the program lived on: {}",
        status.success()
    );
    Ok(())
}
