//! Async subprocess: give a program input, and collect its output and exit code.
//!
//! - **Python:** `asyncio.create_subprocess_exec(...)`, `create_subprocess_shell`,
//!   `await process.communicate(data)`
//! - **Rust:** `tokio::process::Command`: without input `output()`; with input, write it
//!   while `wait_with_output` reads
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,process,time`
//! - **Platforms:** Unix, for `sh` and `cat`
//!
//! ```console
//! $ cargo run --example async-subprocess
//! exit code 3, because: no such dish
//! 1000000 bytes went in, 1000000 came out
//! trap: the program does not read its input: broken pipe, its exit code is lost
//! trap: written before anything is read: deadlock, both pipes are full
//! ```
//!
//! **Trap:** there is no `communicate(data)`. If you write first and read afterwards,
//! both sides wait for ever as soon as both pipes are full. And a program that ends
//! before it has read its input causes `BrokenPipe`. Ignore that, as `communicate` does,
//! or you lose the exit code and stderr.
//!
//! Neighbours: `async-subprocess-kill`, `stream-drain`, `subprocess-communicate`,
//! `async-subprocess-lines`.

use std::io::{self, ErrorKind::BrokenPipe};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// Python's `communicate`: writes the input and reads both outputs at the same time.
async fn communicate(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let write = async {
        let written = stdin.write_all(input).await;
        drop(stdin); // The end of the input, or `cat` would wait for more.
        match written {
            // The program need not read all of its input.
            Err(error) if error.kind() == BrokenPipe => Ok(()),
            result => result,
        }
    };
    let ((), output) = tokio::try_join!(write, child.wait_with_output())?;
    Ok(output)
}

fn with_pipes(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let input = vec![b'x'; 1_000_000];
    let mut failing = with_pipes("sh", &["-c", "echo no such dish >&2; exit 3"]);
    let output = communicate(&mut failing, &input).await?;
    let reason = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().expect("it is not killed by a signal");
    println!("exit code {code}, because: {}", reason.trim_end());

    let mut cat = with_pipes("cat", &[]);
    let output = communicate(&mut cat, &input).await?;
    let length = output.stdout.len();
    println!("{} bytes went in, {length} came out", input.len());

    // Wrong: `BrokenPipe` ends `try_join!`, before the exit code and stderr are known.
    let mut child = failing.spawn()?;
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let write = stdin.write_all(&input);
    if let Err(error) = tokio::try_join!(write, child.wait_with_output()) {
        let kind = error.kind();
        println!(
            "trap: the program does not read its input: {kind}, its exit code is lost"
        );
    }

    // Wrong: nothing reads what `cat` writes.
    let mut child = cat.spawn()?;
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let write = stdin.write_all(&input);
    if timeout(Duration::from_millis(100), write).await.is_err() {
        println!("trap: written before anything is read: deadlock, both pipes are full");
    }
    child.kill().await
}
