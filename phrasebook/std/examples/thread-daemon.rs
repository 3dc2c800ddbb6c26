//! Let the program end while a thread is still at work, or see to it that it does not.
//!
//! - **Python:** `threading.Thread(target=f, daemon=True)`
//! - **Rust:** every thread is a daemon: the end of `main` ends it, unless `main` joins
//!   it
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example thread-daemon
//! joined: started, saved
//! daemon: started
//! ```
//!
//! **Trap:** Python waits for threads that nobody joined; Rust does not. Forget `join`,
//! and what the thread had still to write is gone, without a word and with exit code 0.
//!
//! Neighbours: `thread`, `thread-join-timeout`.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::{env, thread};

/// The program that is watched: this one, started again.
fn editor(joined: bool) {
    println!("started");
    let autosave = thread::spawn(|| {
        io::stdin().read_line(&mut String::new()).unwrap(); // There is something to save.
        println!("saved");
    });
    if joined {
        autosave.join().unwrap();
    }
}

fn main() -> io::Result<()> {
    if let Some(how) = env::args().nth(1) {
        editor(how == "joined");
        return Ok(());
    }
    for how in ["joined", "daemon"] {
        let mut child = Command::new(env::current_exe()?)
            .arg(how)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut keyboard = child.stdin.take().unwrap(); // Kept, so that autosave waits.
        if how == "joined" {
            writeln!(keyboard)?;
        }
        let mut lines = String::new();
        child.stdout.take().unwrap().read_to_string(&mut lines)?;
        child.wait()?;
        println!("{how}: {}", lines.trim().replace('\n', ", "));
    }
    Ok(())
}
