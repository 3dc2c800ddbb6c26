//! Timeout for a program: kill it if it has not ended in time.
//!
//! - **Python:** `subprocess.run(timeout=…)`, `Popen.wait(timeout)`, `TimeoutExpired`
//! - **Rust:** none in std: ask `try_wait` again and again until a deadline, then `kill`
//!   and `wait`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example subprocess-timeout
//! quick: success
//! slow: killed after 20 ms
//! trap: timeout after 20 ms, but the thread has the Child: the program was not killed
//! ```
//!
//! **Trap:** `wait_with_output` takes the `Child` away. If it runs in a thread, and
//! `recv_timeout` times out, nothing is left to `kill`: the program runs on. Keep the
//! `Child`, and read its pipes in threads.
//!
//! Neighbours: `subprocess-run`, `popen`, `thread-join-timeout`.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, io, thread};

/// Python's `Popen.wait(timeout)`. If output is piped, read it meanwhile: a full pipe
/// blocks the child.
fn wait(child: &mut Child, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + timeout;
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= deadline {
            return Ok(status);
        }
        // Python up to 3.14 does the same on Unix, with 1 to 50 ms.
        thread::sleep(Duration::from_millis(1));
    }
}

/// Python's `subprocess.run(timeout)`. It does not kill the children of the child either.
fn run(mut child: Child, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    let status = wait(&mut child, timeout)?;
    if status.is_none() {
        child.kill()?;
        child.wait()?; // Or a zombie is left.
    }
    Ok(status)
}

fn main() -> io::Result<()> {
    if let Some(task) = env::args().nth(1) {
        // The program that is run: this one, with an argument.
        if task == "slow" {
            io::stdin().read_line(&mut String::new())?; // No line ever comes.
        }
        return Ok(());
    }
    let me = env::current_exe()?;
    let start = |task| Command::new(&me).arg(task).stdin(Stdio::piped()).spawn();

    let status = run(start("quick")?, Duration::from_secs(10))?;
    if status.is_some_and(|status| status.success()) {
        println!("quick: success");
    }
    let timeout = Duration::from_millis(20);
    if run(start("slow")?, timeout)?.is_none() {
        println!("slow: killed after {} ms", timeout.as_millis());
    }

    // Wrong: after the timeout the `Child` is in the thread, out of reach.
    let mut child = start("slow")?;
    let input = child.stdin.take();
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let is_late = ended.recv_timeout(timeout).is_err();
    drop(input); // This program ends with its input; another one would run on.
    let output = ended.recv().expect("the thread sends its result")?;
    if is_late && output.status.success() {
        println!(
            "trap: timeout after {} ms, but the thread has the Child: \
             the program was not killed",
            timeout.as_millis()
        );
    }
    Ok(())
}
