//! Stop a program that one has started, and leave nothing of it behind.
//!
//! - **Python:** `process.kill()`, `await process.wait()`, `process.returncode`
//! - **Rust:** `Child::kill().await`, which waits too; `kill_on_drop(true)` for when the
//!   future is dropped
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
    use tokio::process::Command;

    let mut cat = Command::new("cat");
    cat.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = cat.spawn()?;
    child.kill().await?;
    let status = child.wait().await?; // Kept, and the same however often one asks.
    println!("killed by signal {}", status.signal().unwrap_or_default());

    for kill_on_drop in [true, false] {
        let mut child = cat.kill_on_drop(kill_on_drop).spawn()?;
        let mut stdin = child.stdin.take().expect("it is piped");
        let mut stdout = child.stdout.take().expect("it is piped");
        drop(child);
        let mut words = String::new();
        if kill_on_drop {
            stdout.read_to_string(&mut words).await?;
            println!("killed on drop, it says: {words:?}");
        } else {
            // Wrong: the handle is gone, the program is not.
            stdin.write_all(b"still here").await?;
            drop(stdin);
            stdout.read_to_string(&mut words).await?;
            println!("trap: dropped, it says: {words:?}");
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    println!("this page starts cat, which is not here");
}
