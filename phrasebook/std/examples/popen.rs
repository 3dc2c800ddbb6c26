//! Start a program, talk with it while it runs, and end it.
//!
//! - **Python:** `subprocess.Popen([...], stdin=PIPE, stdout=PIPE, text=True)`, `poll`,
//!   `kill`
//! - **Rust:** `Command::spawn`; `Child` has `stdin`, `stdout`, `try_wait`, `kill`,
//!   `wait`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example popen
//! running: true
//! hello Ada
//! hello Bob
//! ended by itself: success: true
//! ended by us: success: false
//! trap: its input was taken out: wait still waits after 50 ms
//! ```
//!
//! **Trap:** `wait` closes the child's input, but not one that was taken out of the
//! `Child`: both sides then wait for each other. Drop it first.
//!
//! Neighbours: `subprocess-communicate`, `subprocess-timeout`, `pipe`.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::{env, thread, time::Duration};

fn greeter() -> io::Result<Child> {
    Command::new(env::current_exe()?)
        .arg("greeter")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
}

fn main() -> io::Result<()> {
    if env::args().len() > 1 {
        for name in io::stdin().lines() {
            println!("hello {}", name?);
        }
        return Ok(());
    }

    let mut child = greeter()?;
    println!("running: {}", child.try_wait()?.is_none());
    let mut ear = child.stdin.take().unwrap();
    let mut mouth = BufReader::new(child.stdout.take().unwrap()).lines();
    for name in ["Ada", "Bob"] {
        writeln!(ear, "{name}")?;
        println!("{}", mouth.next().unwrap()?);
    }
    drop(ear); // It hears the end, and ends.
    println!("ended by itself: success: {}", child.wait()?.success());

    let mut child = greeter()?;
    child.kill()?; // At once: Python's `kill`, not its `terminate`.
    println!("ended by us: success: {}", child.wait()?.success());

    // Wrong: waits for a child that waits for us.
    let mut child = greeter()?;
    let ear = child.stdin.take();
    let (ended, end) = mpsc::channel();
    thread::spawn(move || ended.send(child.wait()));
    if end.recv_timeout(Duration::from_millis(50)).is_err() {
        println!("trap: its input was taken out: wait still waits after 50 ms");
    }
    drop(ear);
    end.recv().unwrap()?;
    Ok(())
}
