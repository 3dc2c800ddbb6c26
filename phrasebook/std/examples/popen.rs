//! `Popen`: start a program, talk with it while it runs, and end it.
//!
//! - **Python:** `subprocess.Popen([...], stdin=PIPE, stdout=PIPE, text=True)`, `poll`,
//!   `wait`, `kill`, `DEVNULL`; `kill`, `is_alive` and `terminate` of a `Process`
//! - **Rust:** `Command::spawn`; `Child` has `stdin`, `stdout`, `try_wait`, `wait`,
//!   `kill` (none for `terminate`); `Stdio::piped()`, `Stdio::null()`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example popen
//! the program is running
//! hello Ada
//! hello Bob
//! it has ended with success
//! killed: it has ended without success
//! trap: the Child is dropped, the program still runs: hello Cy
//! ```
//!
//! **Trap:** Python's `with` block closes the pipes and waits for the program. The end of
//! a scope in Rust closes the pipes, but neither waits nor kills; on Unix a zombie is
//! left. Call `wait` on every path, also after `kill`.
//!
//! Neighbours: `subprocess-communicate`, `subprocess-timeout`, `pipe`,
//! `subprocess-lines`, `process-group`.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

fn greeter() -> io::Result<Child> {
    Command::new(env::current_exe()?)
        .arg("greeter")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
}

fn main() -> io::Result<()> {
    if env::args().len() > 1 {
        // The greeter: this program, started again.
        for name in io::stdin().lines() {
            println!("hello {}", name?);
        }
        return Ok(());
    }

    let mut child = greeter()?;
    if child.try_wait()?.is_none() {
        println!("the program is running");
    }
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    for name in ["Ada", "Bob"] {
        writeln!(input, "{name}")?;
        println!("{}", output.next().unwrap()?);
    }
    // Or `wait` hangs: `wait` closes only an input that is still in the `Child`.
    drop(input);
    if child.wait()?.success() {
        println!("it has ended with success");
    }

    let mut child = greeter()?;
    child.kill()?; // Immediately: Python's `kill`, not its `terminate`.
    if !child.wait()?.success() {
        println!("killed: it has ended without success");
    }

    // Wrong: takes the end of the `Child` for the end of the program.
    let mut child = greeter()?;
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    drop(child);
    writeln!(input, "Cy")?;
    drop(input);
    let mut greeting = String::new();
    output.read_to_string(&mut greeting)?;
    print!("trap: the Child is dropped, the program still runs: {greeting}");
    Ok(())
}
