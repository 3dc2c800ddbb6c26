//! Pipe between two processes: one asks, the other answers, until the pipe is closed.
//!
//! - **Python:** `multiprocessing.Pipe()`, `send`, `recv`, `EOFError`
//! - **Rust:** `Stdio::piped()` for the child's standard input and output; a message is a
//!   line. `io::pipe` is for an end that several processes share
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example pipe
//! 6 times 7 is 42
//! 3 times 5 is 15
//! the child has closed its end
//! trap: the child has ended, but its pipe is open: the Command holds an end
//! ```
//!
//! **Trap:** a pipe ends when all its writing ends are closed. A `Command` that was given
//! an end of `io::pipe` holds it after `spawn`, too: drop the `Command`, or the reader
//! waits for ever.
//!
//! Neighbours: `process`, `popen`, `multiprocessing-queue`, `subprocess-pipeline`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::{env, thread, time::Duration};

fn multiply(question: &str) -> Option<u32> {
    let (a, b) = question.split_once(' ')?;
    Some(a.parse::<u32>().ok()? * b.parse::<u32>().ok()?)
}

fn main() -> io::Result<()> {
    if env::args().len() > 1 {
        // The child: this program, started again.
        for question in io::stdin().lines() {
            println!("{}", multiply(&question?).expect("two numbers"));
        }
        return Ok(());
    }

    let mut child = Command::new(env::current_exe()?)
        .arg("child")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut questions = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for (a, b) in [(6, 7), (3, 5)] {
        writeln!(questions, "{a} {b}")?;
        println!("{a} times {b} is {}", answers.next().unwrap()?);
    }
    drop(questions); // The end of the child's input: its loop ends.
    if answers.next().is_none() {
        println!("the child has closed its end");
    }
    assert!(child.wait()?.success(), "the child has failed");

    // Wrong: `command` is kept, and with it a writing end.
    let (mut answers, writer) = io::pipe()?;
    let mut command = Command::new(env::current_exe()?);
    command.arg("child").stdin(Stdio::null()).stdout(writer);
    command.spawn()?.wait()?;
    let (sender, outcome) = mpsc::channel();
    thread::spawn(move || sender.send(answers.read_to_end(&mut Vec::new())));
    if outcome.recv_timeout(Duration::from_millis(50)).is_err() {
        println!(
            "trap: the child has ended, but its pipe is open: the Command holds an end"
        );
    }
    drop(command); // Closes the last writing end: the reader returns.
    outcome.recv().expect("the reader sends its result")?;
    Ok(())
}
