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
            return ExitCode::from(3); // Stands for any failure in the middle.
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
    let listing = list.stdout.take().unwrap();
    let sort = Command::new(&me)
        .arg("sort")
        .stdin(listing) // Moved into the second command, so we keep no end of the pipe.
        .stderr(Stdio::inherit())
        .output()?;
    Ok((list.wait()?, sort))
}

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    // The two programs: this one, started again.
    match &arguments[..] {
        [_list, names] => return Ok(list(names)),
        [_sort] => return sort(),
        _ => {}
    }
    let (listed, sorted) = pipeline("Cy Ada Bob")?;
    if listed.success() && sorted.status.success() {
        print!("sorted: {}", String::from_utf8_lossy(&sorted.stdout));
    }

    let (listed, sorted) = pipeline("Cy Ada ? Bob")?;
    // Wrong: checks only the last one, as a shell does without `pipefail`.
    if sorted.status.success() && !listed.success() {
        println!(
            "trap: sort has succeeded, but list has failed: the names are incomplete"
        );
    }
    Ok(ExitCode::SUCCESS)
}
