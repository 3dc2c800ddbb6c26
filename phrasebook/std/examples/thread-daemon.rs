//! Daemon thread: the program ends without waiting for it.
//!
//! - **Python:** `threading.Thread(daemon=True)`, `Thread.daemon`
//! - **Rust:** every thread of `thread::spawn` is a daemon: the end of `main` ends it,
//!   unless `main` joins it; `thread::scope` joins its threads itself
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example thread-daemon
//! joined: started, saved
//! daemon: started
//! ```
//!
//! **Trap:** at its end Python waits for all threads but daemons; Rust waits for none.
//! Without `join`, what the thread had still to write is lost: no message, exit code 0.
//!
//! Neighbours: `thread`, `thread-join-timeout`, `keyboard-interrupt`.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::{env, thread};

/// The program under test: this one, started again.
fn editor(joined: bool) {
    println!("started");
    let autosave = thread::spawn(|| {
        io::stdin().read_line(&mut String::new()).unwrap(); // Waits until there is work.
        println!("saved");
    });
    if joined {
        autosave.join().unwrap();
    }
    // `main` returns after this. Without `join` that ends the waiting thread.
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
        let mut keyboard = child.stdin.take().unwrap(); // Open, so that autosave waits.
        if how == "joined" {
            writeln!(keyboard)?;
        }
        let mut lines = String::new();
        child.stdout.take().unwrap().read_to_string(&mut lines)?;
        let status = child.wait()?;
        assert!(status.success(), "{how}: {status}"); // Even if nothing is saved.
        println!("{how}: {}", lines.trim().replace('\n', ", "));
    }
    Ok(())
}
