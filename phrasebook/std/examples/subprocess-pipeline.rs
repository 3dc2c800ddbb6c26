//! Pipeline: connect two programs, like `list | sort` in a shell.
//!
//! - **Python:** `Popen(..., stdin=first.stdout)`
//! - **Rust:** `Command::stdin(first.stdout.take().unwrap())`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example subprocess-pipeline
//! sorted: Ada, Bob, Cy
//! trap: sort has succeeded, but list has failed: the names are incomplete
//! ```
//!
//! **Trap:** as in Python, the success of the last program says nothing about the first.
//! Wait for both, which also leaves no zombie, and check both.
//!
//! Neighbours: `subprocess-run`, `subprocess-communicate`, `pipe`.

use std::env;
use std::io;
use std::process::{Command, ExitCode, ExitStatus, Output, Stdio};

fn list(names: &str) -> ExitCode {
    for name in names.split(' ') {
        if name == "?" {
            return ExitCode::from(3);
        }
        println!("{name}");
    }
    ExitCode::SUCCESS
}

fn sort() -> io::Result<ExitCode> {
    let text = io::read_to_string(io::stdin())?;
    let mut names: Vec<_> = text.lines().collect();
    names.sort();
    println!("{}", names.join(", "));
    Ok(ExitCode::SUCCESS)
}

fn pipeline(names: &str) -> io::Result<(ExitStatus, Output)> {
    let me = env::current_exe()?;
    let mut list = Command::new(&me)
        .args(["list", names])
        .stdout(Stdio::piped())
        .spawn()?;
    let names = list.stdout.take().unwrap();
    let sort = Command::new(&me)
        .arg("sort")
        .stdin(names) // Moved into the second command, so we keep no end of the pipe.
        .stderr(Stdio::inherit())
        .output()?;
    Ok((list.wait()?, sort))
}

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match &arguments[..] {
        [_list, names] => return Ok(list(names)),
        [_sort] => return sort(),
        _ => {}
    }
    let (list, sort) = pipeline("Cy Ada Bob")?;
    if list.success() && sort.status.success() {
        print!("sorted: {}", String::from_utf8_lossy(&sort.stdout));
    }

    let (list, sort) = pipeline("Cy Ada ? Bob")?;
    // Wrong: checks only the last one, as a shell does without `pipefail`.
    if sort.status.success() && !list.success() {
        println!(
            "trap: sort has succeeded, but list has failed: the names are incomplete"
        );
    }
    Ok(ExitCode::SUCCESS)
}
