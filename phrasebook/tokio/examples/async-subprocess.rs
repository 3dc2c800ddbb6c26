//! Run another program, give it input, and collect its output and exit code.
//!
//! - **Python:** `asyncio.create_subprocess_exec(...)`, `create_subprocess_shell`,
//!   `await process.communicate(data)`
//! - **Rust:** `tokio::process::Command`: `output()`; with input, write it while
//!   `wait_with_output` reads
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,process,time`
//! - **Platforms:** Unix
//!
//! ```console
//! $ cargo run --example async-subprocess
//! exit code 3, because: no such dish
//! 1000000 bytes went in, 1000000 came out
//! trap: cat and we wait for each other, with 1000000 bytes to go in
//! ```
//!
//! **Trap:** there is no `communicate(data)`. Whoever writes first and then reads is
//! stuck when both pipes are full: the program waits for a reader, and so do we.
//!
//! Neighbours: `async-subprocess-kill`, `stream-drain`.

#[cfg(unix)]
#[tokio::main]
async fn main() -> std::io::Result<()> {
    use std::process::Stdio;
    use std::time::Duration;
    use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

    let script = "echo no such dish >&2; exit 3";
    let output = Command::new("sh").args(["-c", script]).output().await?;
    let words = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().expect("it was not killed");
    println!("exit code {code}, because: {}", words.trim_end());

    let bytes = vec![b'x'; 1_000_000];
    let mut cat = Command::new("cat");
    cat.stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let mut child = cat.spawn()?;
    let mut stdin = child.stdin.take().expect("it is piped");
    let write = async {
        stdin.write_all(&bytes).await?;
        drop(stdin); // The end of the input, or cat would wait for more.
        Ok(())
    };
    let ((), output) = tokio::try_join!(write, child.wait_with_output())?;
    println!(
        "{} bytes went in, {} came out",
        bytes.len(),
        output.stdout.len()
    );

    let mut child = cat.spawn()?;
    let mut stdin = child.stdin.take().expect("it is piped");
    // Wrong: nobody reads meanwhile.
    let write = timeout(Duration::from_millis(100), stdin.write_all(&bytes));
    if write.await.is_err() {
        let length = bytes.len();
        println!("trap: cat and we wait for each other, with {length} bytes to go in");
    }
    child.kill().await
}

#[cfg(not(unix))]
fn main() {
    println!("this page starts sh and cat, which are not here");
}
