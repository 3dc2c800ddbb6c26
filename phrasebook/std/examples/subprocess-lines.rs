//! Lines of a running program: read its output while it runs, stderr in the same pipe.
//!
//! - **Python:** `Popen(stdout=PIPE, stderr=STDOUT, text=True)`, `for line in child.stdout`
//! - **Rust:** `io::pipe`: one end to read, the other one, cloned, for `Command::stdout`
//!   and `Command::stderr`; then `BufRead::lines`. For stdout alone `Stdio::piped()`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example subprocess-lines
//! while it runs: file 1 copied
//! while it runs: warning: file 2 is large
//! after our answer: file 2 copied
//! it has ended with success
//! trap: the program has ended, the loop over its lines still waits after 50 ms
//! ```
//!
//! **Trap:** the lines end when all writing ends are closed, and a `Command` keeps its ends
//! after `spawn`: drop it before you read, or build it in one statement. As in Python,
//! many programs write late into a pipe: they flush only when a buffer is full
//! (`python -u` flushes each write).
//!
//! Neighbours: `popen`, `pipe`, `subprocess-communicate`, `subprocess-run`.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

/// The program that is run: this one, with an argument.
fn copy_files() -> io::Result<()> {
    println!("file 1 copied"); // `println!` flushes at each end of a line.
    eprintln!("warning: file 2 is large");
    io::stdin().read_line(&mut String::new())?;
    println!("file 2 copied");
    Ok(())
}

fn main() -> io::Result<()> {
    if env::args().len() > 1 {
        return copy_files();
    }
    let me = env::current_exe()?;

    let (reader, writer) = io::pipe()?;
    let mut child = Command::new(&me)
        .arg("copy files")
        .stdin(Stdio::piped())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()?; // At the end of this statement the `Command` is dropped.
    let mut lines = BufReader::new(reader).lines();
    for line in lines.by_ref().take(2) {
        println!("while it runs: {}", line?);
    }
    let mut input = child.stdin.take().expect("stdin is a pipe");
    writeln!(input, "yes")?;
    for line in lines {
        println!("after our answer: {}", line?);
    }
    if child.wait()?.success() {
        println!("it has ended with success");
    }

    // Wrong: `command` lives, and has the writing ends.
    let (reader, writer) = io::pipe()?;
    let mut command = Command::new(&me);
    command.arg("copy files").stdin(Stdio::null());
    command.stdout(writer.try_clone()?).stderr(writer);
    command.spawn()?.wait()?;
    let (sender, end) = mpsc::channel();
    thread::spawn(move || sender.send(BufReader::new(reader).lines().count()));
    if end.recv_timeout(Duration::from_millis(50)).is_err() {
        println!(
            "trap: the program has ended, \
             the loop over its lines still waits after 50 ms"
        );
    }
    drop(command);
    assert_eq!(end.recv(), Ok(3), "now the lines end");
    Ok(())
}
