//! Run a program, wait for it, and check its exit code and its output.
//!
//! - **Python:** `subprocess.run([...], capture_output=True, check=True)`,
//!   `check_output`, `CompletedProcess`, `CalledProcessError`; `call`, `check_call`
//! - **Rust:** `Command::output`; `Command::status` for `call`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example subprocess-run
//! hello Ada
//! exit code 3: I do not know Eve
//! there is no such program
//! trap: `?` saw no error, the exit code is 3
//! trap: its message on stderr was captured, nothing shows it
//! ```
//!
//! **Trap:** `Ok` says that the program was started, not that it succeeded: `?` is no
//! `check=True`. Ask `status.success()`. Unlike `check_output`, `output` also captures
//! stderr and gives an empty stdin, unless you set `.stderr(Stdio::inherit())` and
//! `.stdin(Stdio::inherit())`.
//!
//! Neighbours: `subprocess-communicate`, `subprocess-timeout`, `process`,
//! `subprocess-shell`, `subprocess-env`, `subprocess-lines`.

use std::io::{self, ErrorKind};
use std::process::{Command, ExitCode};
use std::{env, path::Path};

/// The program that is run: this one, with an argument.
fn greet(name: &str) -> ExitCode {
    if name == "Eve" {
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
        let reason = String::from_utf8_lossy(&output.stderr);
        let error = match output.status.code() {
            Some(code) => format!("exit code {code}: {reason}"),
            None => format!("{}: {reason}", output.status), // Killed by a signal.
        };
        return Err(io::Error::other(error));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn main() -> io::Result<ExitCode> {
    if let Some(name) = env::args().nth(1) {
        return Ok(greet(&name));
    }
    let me = env::current_exe()?;
    print!("{}", run(&me, "Ada")?);
    if let Err(error) = run(&me, "Eve") {
        print!("{error}");
    }
    if let Err(error) = run(Path::new("no/such/program"), "Ada")
        && error.kind() == ErrorKind::NotFound
    {
        println!("there is no such program");
    }

    // Wrong: `?` looks like a check, and lets every exit code pass.
    let output = Command::new(&me).arg("Eve").output()?;
    if let Some(code) = output.status.code() {
        println!("trap: `?` saw no error, the exit code is {code}");
    }
    if !output.stderr.is_empty() {
        println!("trap: its message on stderr was captured, nothing shows it");
    }
    Ok(ExitCode::SUCCESS)
}
