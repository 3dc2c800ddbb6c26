//! Async stdin: read lines from the keyboard or a pipe while other tasks run.
//!
//! - **Python:** `loop.connect_read_pipe(protocol_factory, sys.stdin)`;
//!   `await asyncio.to_thread(input)`
//! - **Rust:** `tokio::io::stdin` if you read to its end; a thread of std and a channel if
//!   the program may end before
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-std,io-util,process,sync,time`
//!
//! ```console
//! $ cargo run --example async-stdin
//! typed: tea
//! typed: cake
//! with a thread of std: too late, and the program ends
//! trap: too late, and the program waits for Enter
//! ```
//!
//! In Python: `with connect_read_pipe: too late, and the program ends` for
//! `with a thread of std: too late, and the program ends`.
//!
//! **Trap:** as in Python with `asyncio.to_thread(input)`, the line is read by a blocking
//! call that nothing can cancel. At its end the runtime waits for it, until Enter. It does
//! not wait for a thread of `std::thread::spawn`. Python's `connect_read_pipe` needs no
//! thread.
//!
//! Neighbours: `async-file`, `to-thread`, `async-subprocess-lines`.

use std::{env, process::Stdio, thread, time::Duration};

use tokio::io::{self, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::{sync::oneshot, time::timeout};

const LIMIT: Duration = Duration::from_millis(100);

async fn echo() -> io::Result<()> {
    let mut lines = BufReader::new(io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        println!("typed: {line}");
    }
    Ok(())
}

async fn ask_in_thread() -> io::Result<()> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        let line = std::io::stdin().lines().next();
        let _ = sender.send(line); // After the timeout there is no receiver.
    });
    if timeout(LIMIT, receiver).await.is_err() {
        println!("too late");
    }
    Ok(())
}

async fn ask_wrongly() -> io::Result<()> {
    let mut lines = BufReader::new(io::stdin()).lines();
    if timeout(LIMIT, lines.next_line()).await.is_err() {
        println!("too late"); // Wrong: a thread of the runtime reads on.
    }
    Ok(())
}

/// Starts this program again, with a pipe for a keyboard, and waits until it is too late.
async fn start(task: &str) -> io::Result<(Child, ChildStdin)> {
    let mut command = Command::new(env::current_exe()?);
    command
        .arg(task)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let keyboard = child.stdin.take().expect("stdin is a pipe");
    let stdout = child.stdout.as_mut().expect("stdout is a pipe");
    stdout.read_exact(&mut [0; "too late".len()]).await?;
    Ok((child, keyboard))
}

async fn test_all() -> io::Result<()> {
    let mut command = Command::new(env::current_exe()?);
    let mut child = command.arg("echo").stdin(Stdio::piped()).spawn()?;
    let mut keyboard = child.stdin.take().expect("stdin is a pipe");
    keyboard.write_all(b"tea\ncake\n").await?;
    drop(keyboard); // The end of the input, as Ctrl-D.
    child.wait().await?;

    let (mut child, _keyboard) = start("thread").await?;
    child.wait().await?;
    println!("with a thread of std: too late, and the program ends");

    let (mut child, mut keyboard) = start("tokio").await?;
    if timeout(LIMIT, child.wait()).await.is_err() {
        println!("trap: too late, and the program waits for Enter");
    }
    keyboard.write_all(b"\n").await?;
    child.wait().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    match env::args().nth(1).as_deref() {
        Some("echo") => echo().await,
        Some("thread") => ask_in_thread().await,
        Some(_) => ask_wrongly().await,
        None => test_all().await,
    }
}
