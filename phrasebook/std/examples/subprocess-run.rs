//! Run a program, wait for its end, and see what it printed and how it ended.
//!
//! - **Python:** `subprocess.run([...], capture_output=True, check=True)`
//! - **Rust:** `Command::output`; `Command::status` where it may print by itself
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example subprocess-run
//! hello Ada
//! exit code 3: I do not know nobody
//! no such program: true
//! trap: it was Ok, and printed 0 bytes
//! ```
//!
//! **Trap:** `Ok` says that the program was started, not that it succeeded: `?` is no
//! `check=True`. Ask `status.success()`.
//!
//! Neighbours: `subprocess-communicate`, `subprocess-timeout`, `process`.

use std::io::{self, ErrorKind};
use std::process::{Command, ExitCode};
use std::{env, path::Path};

/// The program that is run: this one, with an argument.
fn greet(name: &str) -> ExitCode {
    if name == "nobody" {
        eprintln!("I do not know {name}");
        return ExitCode::from(3);
    }
    println!("hello {name}");
    ExitCode::SUCCESS
}

/// Gives what the program prints, or the reason why it failed.
fn run(program: &Path, argument: &str) -> io::Result<String> {
    let output = Command::new(program).arg(argument).output()?;
    if !output.status.success() {
        let code = output.status.code().unwrap_or(-1); // None: killed by a signal.
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("exit code {code}: {reason}")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn main() -> io::Result<ExitCode> {
    if let Some(name) = env::args().nth(1) {
        return Ok(greet(&name));
    }
    let me = env::current_exe()?;
    print!("{}", run(&me, "Ada")?);
    if let Err(error) = run(&me, "nobody") {
        print!("{error}");
    }
    if let Err(error) = run(Path::new("no/such/program"), "Ada") {
        println!("no such program: {}", error.kind() == ErrorKind::NotFound);
    }

    // Wrong: looks like a check, and lets every exit code pass.
    let greeting = Command::new(&me).arg("nobody").output()?.stdout;
    println!("trap: it was Ok, and printed {} bytes", greeting.len());
    Ok(ExitCode::SUCCESS)
}
