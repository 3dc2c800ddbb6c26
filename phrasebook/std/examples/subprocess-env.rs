//! Environment, working directory and text of a program: `env`, `cwd`, `text`, `encoding`.
//!
//! - **Python:** `subprocess.run(env=…)`, `subprocess.run(cwd=…)`, and for its output
//!   `subprocess.run(text=True)`, `subprocess.run(encoding=…)`, `errors="replace"`
//! - **Rust:** `Command::env`, `env_clear`, `env_remove`; `Command::current_dir`. Output is
//!   bytes: `String::from_utf8`, or `from_utf8_lossy` for `errors="replace"`; for other
//!   encodings the crate encoding_rs
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example subprocess-env
//! folder /, greeting hello, no PATH
//! not UTF-8: the text is valid up to byte 3
//! replaced: 4 characters, the last is U+FFFD
//! trap: env adds a variable, the others stay: folder /, greeting hello, a PATH
//! ```
//!
//! **Trap:** `env=` of Python replaces the whole environment; `Command::env` adds to what
//! the child inherits. For Python's meaning call `env_clear` first. With `current_dir`
//! give the program's absolute path: where a relative one starts depends on the system.
//!
//! Neighbours: `subprocess-run`, `subprocess-shell`, `subprocess-lines`.

use std::env;
use std::io::{self, Write};
use std::process::Command;

/// The program that is run: this one, with an argument.
fn program(task: &str) -> io::Result<()> {
    if task == "latin-1" {
        return io::stdout().write_all(b"caf\xe9");
    }
    let folder = env::current_dir()?;
    let greeting = env::var("GREETING").unwrap_or_default();
    let path = env::var_os("PATH").map_or("no PATH", |_| "a PATH");
    print!("folder {}, greeting {greeting}, {path}", folder.display());
    Ok(())
}

/// The output as bytes.
fn output(command: &mut Command) -> io::Result<Vec<u8>> {
    let output = command.output()?;
    assert!(output.status.success(), "the program has failed");
    Ok(output.stdout)
}

fn main() -> io::Result<()> {
    if let Some(task) = env::args().nth(1) {
        return program(&task);
    }
    let me = env::current_exe()?; // An absolute path.

    let mut describe = Command::new(&me);
    describe.arg("describe").current_dir("/");
    describe.env_clear().env("GREETING", "hello");
    let text = String::from_utf8(output(&mut describe)?).map_err(io::Error::other)?;
    println!("{text}");

    let bytes = output(Command::new(&me).arg("latin-1"))?;
    if let Err(error) = str::from_utf8(&bytes) {
        let valid = error.valid_up_to();
        println!("not UTF-8: the text is valid up to byte {valid}");
    }
    let text = String::from_utf8_lossy(&bytes);
    if text.ends_with(char::REPLACEMENT_CHARACTER) {
        let count = text.chars().count();
        println!("replaced: {count} characters, the last is U+FFFD");
    }

    // Wrong, if the child must not see the other variables.
    let mut describe = Command::new(&me);
    describe.arg("describe").current_dir("/");
    describe.env("GREETING", "hello");
    let bytes = output(&mut describe)?;
    let text = String::from_utf8_lossy(&bytes);
    println!("trap: env adds a variable, the others stay: {text}");
    Ok(())
}
