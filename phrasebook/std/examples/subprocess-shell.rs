//! Shell command: run a line with pipes, `*` and `$HOME`, as with `shell=True`.
//!
//! - **Python:** `subprocess.run(line, shell=True)`, `subprocess.getoutput`,
//!   `subprocess.getstatusoutput`, `shlex.quote`, `shlex.split`
//! - **Rust:** `Command::new("sh").args(["-c", line])`; on Windows `cmd` and `/C`, with
//!   `raw_arg`. To quote or split: the crates shell-words or shlex
//! - **Needs:** nothing but std
//! - **Platforms:** Unix, for `sh`
//!
//! ```console
//! $ cargo run --example subprocess-shell
//! the first of the sorted dishes: pie
//! exit code 3, output: no soup today
//! as an argument: hello Ada; echo goodbye
//! trap: in the line, a part of the name is run as a command: hello Ada, goodbye
//! ```
//!
//! **Trap:** as in Python, the shell runs whatever stands in the line, also what a user
//! typed. Pass values as arguments (`"$1"`), or use no shell. Also as in Python, the exit
//! code of a pipe is that of its last program: if an earlier one fails, you do not see it.
//!
//! Neighbours: `subprocess-run`, `subprocess-pipeline`, `subprocess-env`,
//! `async-subprocess`.

use std::io;
use std::process::Command;

/// `subprocess.getstatusoutput`. No code: it was killed by a signal.
fn status_and_output(line: &str) -> io::Result<(Option<i32>, String)> {
    let line = format!("exec 2>&1\n{line}"); // Both outputs, in their order.
    let output = Command::new("sh").args(["-c", &line]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok((output.status.code(), text.to_owned()))
}

fn main() -> io::Result<()> {
    let (_, first) = status_and_output("printf 'soup\npie\nstew\n' | sort | head -n 1")?;
    println!("the first of the sorted dishes: {first}");

    let (code, text) = status_and_output("echo no soup today >&2; exit 3")?;
    println!("exit code {}, output: {text}", code.unwrap_or(-1));

    let name = "Ada; echo goodbye"; // A user has typed this.
    let output = Command::new("sh")
        .args(["-c", "echo hello \"$1\"", "sh", name]) // "sh" is `$0`, a name for errors.
        .output()?;
    print!(
        "as an argument: {}",
        String::from_utf8_lossy(&output.stdout)
    );

    // Wrong: the name becomes a part of the program.
    let (_, text) = status_and_output(&format!("echo hello {name}"))?;
    println!(
        "trap: in the line, a part of the name is run as a command: {}",
        text.replace('\n', ", ")
    );
    Ok(())
}
