//! Kill an async subprocess, together with the processes that it has started.
//!
//! - **Python:** `process.kill()`, `process.terminate()`, `await process.wait()`,
//!   `process.returncode`; `start_new_session=True` and `os.killpg` for its children
//! - **Rust:** `Child::kill().await`, which also waits; `kill_on_drop(true)`;
//!   `process_group(0)` for its children; signals are sent by the crate rustix
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,process,time`,
//!   `cargo add rustix -F process`
//! - **Platforms:** Unix
//!
//! ```console
//! $ cargo run --example async-subprocess-kill
//! kill: ended by signal 9
//! terminate: ended by signal 15
//! timeout and kill: the program does not answer
//! kill of the group: the program's child does not answer
//! trap: after a timeout the program still answers
//! trap: after a kill the program's child still answers
//! ```
//!
//! **Trap:** as in Python, a timeout ends the waiting, not the program: set
//! `kill_on_drop(true)`. And `kill` ends one process, not its children: start a process
//! group, and kill the group. What is killed on drop is reaped some time later: only
//! `wait` is certain.
//!
//! Neighbours: `async-subprocess`, `wait-for`, `process-group`.

#[cfg(unix)]
#[tokio::main]
async fn main() -> std::io::Result<()> {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Stdio;
    use std::time::Duration;

    use rustix::process::{Pid, Signal, kill_process, kill_process_group};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::process::{Child, ChildStdin, ChildStdout, Command};
    use tokio::time::timeout;

    const LIMIT: Duration = Duration::from_millis(50);

    let pid = |child: &Child| {
        let id = child.id().expect("it has not been waited for");
        Pid::from_raw(id.cast_signed()).expect("it is not 0")
    };
    let pipes = |child: &mut Child| {
        let stdin = child.stdin.take().expect("stdin is a pipe");
        let stdout = child.stdout.take().expect("stdout is a pipe");
        (stdin, stdout)
    };
    // `cat` sends back what it gets.
    let answers = async |(stdin, stdout): &mut (ChildStdin, ChildStdout)| {
        let _ = stdin.write_all(b"hello").await; // It fails if nothing can read it.
        stdout.read_exact(&mut [0; 5]).await.is_ok()
    };
    let mut cat = Command::new("cat");
    cat.stdin(Stdio::piped()).stdout(Stdio::piped());
    // It starts `cat` as its child. Without `exit`, `sh` could become `cat` itself.
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat; exit"]);
    shell.stdin(Stdio::piped()).stdout(Stdio::piped());

    let mut child = cat.spawn()?;
    child.kill().await?;
    let status = child.wait().await?; // `kill` has waited: the status is kept.
    println!("kill: ended by signal {}", status.signal().unwrap_or(0));

    let mut child = cat.spawn()?;
    kill_process(pid(&child), Signal::TERM)?;
    let status = child.wait().await?;
    println!(
        "terminate: ended by signal {}",
        status.signal().unwrap_or(0)
    );

    let mut child = cat.kill_on_drop(true).spawn()?;
    let mut program = pipes(&mut child);
    let _ = timeout(LIMIT, child.wait_with_output()).await; // It drops the `Child`.
    if !answers(&mut program).await {
        println!("timeout and kill: the program does not answer");
    }

    let mut child = shell.process_group(0).spawn()?;
    let mut program = pipes(&mut child);
    assert!(answers(&mut program).await, "the shell has started `cat`");
    kill_process_group(pid(&child), Signal::KILL)?;
    child.wait().await?;
    if !answers(&mut program).await {
        println!("kill of the group: the program's child does not answer");
    }

    // Wrong: the `Child` is dropped, the program is not killed.
    let mut child = cat.kill_on_drop(false).spawn()?;
    let mut program = pipes(&mut child);
    let _ = timeout(LIMIT, child.wait_with_output()).await;
    if answers(&mut program).await {
        println!("trap: after a timeout the program still answers");
    }

    // Wrong: only the shell is killed.
    let mut child = shell.spawn()?;
    let mut program = pipes(&mut child);
    assert!(answers(&mut program).await, "the shell has started `cat`");
    child.kill().await?;
    if answers(&mut program).await {
        println!("trap: after a kill the program's child still answers");
    }
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    println!("this page sends signals, which only Unix has");
}
