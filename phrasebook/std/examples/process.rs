//! `Process`: run a function of this program in a process of its own.
//!
//! - **Python:** `multiprocessing.Process(target=f, args=(x,))`, `start`, `join`,
//!   `exitcode`
//! - **Rust:** no function is sent: the program starts itself again, and `main` sees from
//!   its arguments which part it has to run
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example process
//! hello Ada
//! exit code 0
//! hello nobody
//! exit code 3
//! trap: the parent has ended, its child still runs: hello Bob
//! ```
//!
//! **Trap:** at its exit Python waits for every `Process`, or ends it if it is a daemon.
//! Rust does neither: the child runs on. Call `wait`, or `kill` and `wait`. On Unix a
//! child that has ended stays a zombie until the parent waits for it or ends.
//!
//! Neighbours: `pipe`, `subprocess-run`, `multiprocessing-queue`.

use std::env;
use std::io::{self, Read, Write};
use std::process::{Command, ExitCode, Stdio};

fn greet(name: &str) -> ExitCode {
    println!("hello {name}");
    ExitCode::from(if name == "nobody" { 3 } else { 0 })
}

fn main() -> io::Result<ExitCode> {
    let me = env::current_exe()?;
    if let [_, task, name] = &env::args().collect::<Vec<_>>()[..] {
        if task == "forget" {
            // Wrong: never calls `wait` on its child, which inherits both pipes.
            let child = Command::new(&me).args(["greet-later", name]).spawn()?;
            drop(child);
            return Ok(ExitCode::SUCCESS);
        }
        if task == "greet-later" {
            io::stdin().read_line(&mut String::new())?;
        }
        return Ok(greet(name));
    }

    for name in ["Ada", "nobody"] {
        let mut child = Command::new(&me).args(["greet", name]).spawn()?;
        let status = child.wait()?;
        match status.code() {
            Some(code) => println!("exit code {code}"),
            None => println!("{status}"), // Killed by a signal.
        }
    }

    let mut parent = Command::new(&me)
        .args(["forget", "Bob"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = parent.stdin.take().unwrap();
    let mut output = parent.stdout.take().unwrap();
    parent.wait()?;
    writeln!(input)?; // Only now the child of that parent goes on.
    let mut greeting = String::new();
    output.read_to_string(&mut greeting)?;
    print!("trap: the parent has ended, its child still runs: {greeting}");
    Ok(ExitCode::SUCCESS)
}
