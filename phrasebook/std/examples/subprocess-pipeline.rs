//! Connect two programs, as the shell's `list | sort` does.
//!
//! - **Python:** `Popen(..., stdin=first.stdout)`
//! - **Rust:** `Command::stdin(first.stdout.take())`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example subprocess-pipeline
//! sorted: Ada, Bob, Cy
//! trap: sort succeeded: true, list succeeded: false
//! ```
//!
//! **Trap:** the last program's success says nothing of the first. Wait for both and look
//! at both; that leaves no zombie either.
//!
//! Neighbours: `subprocess-run`, `subprocess-communicate`, `pipe`.

use std::env;
use std::io::{self, Read};
use std::process::{Command, ExitCode, ExitStatus, Output, Stdio};

fn list(names: &str) -> ExitCode {
    names.split(' ').for_each(|name| println!("{name}"));
    ExitCode::from(if names.contains('?') { 3 } else { 0 })
}

fn sort() -> io::Result<ExitCode> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let mut names: Vec<_> = text.lines().collect();
    names.sort();
    print!("{}", names.join(", "));
    Ok(ExitCode::SUCCESS)
}

fn pipeline(names: &str) -> io::Result<(ExitStatus, Output)> {
    let me = env::current_exe()?;
    let mut list = Command::new(&me)
        .args(["list", names])
        .stdout(Stdio::piped())
        .spawn()?;
    let names = list.stdout.take().unwrap(); // Moved on: no end of it is left with us.
    let sorted = Command::new(&me).arg("sort").stdin(names).output()?;
    Ok((list.wait()?, sorted))
}

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match &arguments[..] {
        [_list, names] => return Ok(list(names)),
        [_sort] => return sort(),
        _ => {}
    }
    let (listed, sorted) = pipeline("Cy Ada Bob")?;
    if listed.success() && sorted.status.success() {
        println!("sorted: {}", String::from_utf8_lossy(&sorted.stdout));
    }

    // Wrong: asks only the last one, as a shell does without `pipefail`.
    let (listed, sorted) = pipeline("Cy ?")?;
    let (sort, list) = (sorted.status.success(), listed.success());
    println!("trap: sort succeeded: {sort}, list succeeded: {list}");
    Ok(ExitCode::SUCCESS)
}
