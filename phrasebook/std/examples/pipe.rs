//! Two processes talk through pipes: a question, an answer, and so on until one hangs up.
//!
//! - **Python:** `multiprocessing.Pipe()`, `send`, `recv`, `EOFError`
//! - **Rust:** `io::pipe`, one for each direction; the child inherits its ends as
//!   standard input and output, and a message is a line
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example pipe
//! 6 times 7 is 42
//! 3 times 5 is 15
//! the child has hung up
//! trap: the Command is kept: the child has ended, its pipe has not
//! ```
//!
//! **Trap:** a pipe ends when all its writing ends are closed, and a `Command` keeps
//! those that it was given. Drop it after `spawn`, or the reader waits for ever.
//!
//! Neighbours: `process`, `multiprocessing-queue`, `subprocess-pipeline`.

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
        for question in io::stdin().lines() {
            println!("{}", multiply(&question?).unwrap());
        }
        return Ok(());
    }

    let (asked, mut questions) = io::pipe()?;
    let (answers, answered) = io::pipe()?;
    let mut child = Command::new(env::current_exe()?)
        .arg("child")
        .stdin(asked)
        .stdout(answered)
        .spawn()?; // Here ends the Command, and closes our copies of the child's ends.
    let mut answers = BufReader::new(answers).lines();
    for (a, b) in [(6, 7), (3, 5)] {
        writeln!(questions, "{a} {b}")?;
        println!("{a} times {b} is {}", answers.next().unwrap()?);
    }
    drop(questions);
    if answers.next().is_none() {
        println!("the child has hung up");
    }
    child.wait()?;

    // Wrong: the Command is still there, and with it a writing end.
    let (mut answers, answered) = io::pipe()?;
    let mut command = Command::new(env::current_exe()?);
    command.arg("child").stdin(Stdio::null()).stdout(answered);
    command.spawn()?.wait()?;
    let (send, end) = mpsc::channel();
    thread::spawn(move || send.send(answers.read_to_end(&mut Vec::new())));
    if end.recv_timeout(Duration::from_millis(50)).is_err() {
        println!("trap: the Command is kept: the child has ended, its pipe has not");
    }
    drop(command);
    end.recv().unwrap()?;
    Ok(())
}
