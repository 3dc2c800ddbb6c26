//! Subprocess output line by line, while the program runs.
//!
//! - **Python:** `async for line in process.stdout`, `await process.stdout.readline()`
//! - **Rust:** `child.stdout.take()`, `BufReader::new(stdout).lines()`, `next_line().await`;
//!   then `child.wait().await`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,process`
//! - **Platforms:** Unix, for `sh`
//!
//! ```console
//! $ cargo run --example async-subprocess-lines
//! step 1, answered while it runs
//! step 2, answered while it runs
//! step 3, answered while it runs
//! exit code 3
//! bytes that are not UTF-8: 3 lines
//! trap: while let Ok: 1 of 3 lines, the loop ended at an error
//! ```
//!
//! **Trap:** Python's lines are bytes. `lines()` makes a `String` of each, and gives an error
//! for one that is not UTF-8: `while let Ok(Some(line))` takes that for the end. If other
//! bytes may come, use `split(b'\n')`. Neither limits the length of a line; Python
//! does, to 64 KiB.
//!
//! Neighbours: `async-subprocess`, `async-subprocess-kill`, `readline`, `async-stdin`.

use std::{io, process::Stdio};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

fn shell(script: &str) -> io::Result<Child> {
    let mut command = Command::new("sh");
    command.args(["-c", script]).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut child = shell("for n in 1 2 3; do echo step $n; read answer; done; exit 3")?;
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let stdout = child.stdout.take().expect("stdout is a pipe");
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await? {
        stdin.write_all(b"go on\n").await?; // Before it, the next line does not come.
        println!("{line}, answered while it runs");
    }
    let status = child.wait().await?;
    println!("exit code {}", status.code().expect("it is not killed"));

    let script = r"printf 'tea\ncaf\351\ncake\n'"; // 351: an é, but not of UTF-8.
    let mut child = shell(script)?;
    let stdout = child.stdout.take().expect("stdout is a pipe");
    let mut lines = BufReader::new(stdout).split(b'\n');
    let mut count = 0;
    while let Some(line) = lines.next_segment().await? {
        let _text = String::from_utf8_lossy(&line);
        count += 1;
    }
    child.wait().await?;
    println!("bytes that are not UTF-8: {count} lines");

    // Wrong: an error looks like the end.
    let mut child = shell(script)?;
    let stdout = child.stdout.take().expect("stdout is a pipe");
    let mut lines = BufReader::new(stdout).lines();
    let mut count = 0;
    while let Ok(Some(_line)) = lines.next_line().await {
        count += 1;
    }
    child.wait().await?;
    println!("trap: while let Ok: {count} of 3 lines, the loop ended at an error");
    Ok(())
}
