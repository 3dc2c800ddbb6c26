//! Stop a program that one has started, and leave nothing of it behind.
//!
//! - **Python:** `process.kill()`, `await process.wait()`, `process.returncode`
//! - **Rust:** `Child::kill().await`, which waits too; `kill_on_drop(true)` for when the
//!   `Child` is dropped
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,process`
//! - **Platforms:** Unix
//!
//! ```console
//! $ cargo run --example async-subprocess-kill
//! killed by signal 9
//! killed on drop, it says: ""
//! trap: dropped, it says: "still here"
//! ```
//!
//! In Python: nothing for `killed on drop, it says: ""`.
//!
//! **Trap:** dropping a `Child`, by a timeout for instance, does not end the program. Ask
//! for `kill_on_drop(true)`; even then it is reaped some time later: only `wait` is
//! certain.
//!
//! Neighbours: `async-subprocess`, `wait-for`.

#[cfg(unix)]
#[tokio::main]
async fn main() -> std::io::Result<()> {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Stdio;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::process::{Child, Command};

    let mut cat = Command::new("cat");
    cat.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = cat.spawn()?;
    child.kill().await?;
    let status = child.wait().await?; // Kept, and the same however often one asks.
    println!("killed by signal {}", status.signal().unwrap_or_default());

    // What it says to somebody who speaks to it when its `Child` is gone.
    let last_words = async |mut child: Child| -> std::io::Result<String> {
        let mut stdin = child.stdin.take().expect("it is piped");
        let mut stdout = child.stdout.take().expect("it is piped");
        drop(child);
        let _ = stdin.write_all(b"still here").await; // Nobody may be there to listen.
        drop(stdin);
        let mut words = String::new();
        stdout.read_to_string(&mut words).await?;
        Ok(words)
    };
    let child = cat.kill_on_drop(true).spawn()?;
    println!("killed on drop, it says: {:?}", last_words(child).await?);

    // Wrong: the handle is gone, the program is not.
    let child = cat.kill_on_drop(false).spawn()?;
    println!("trap: dropped, it says: {:?}", last_words(child).await?);
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    println!("this page starts cat, which is not here");
}
