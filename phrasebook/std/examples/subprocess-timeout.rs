//! Run a program, but give it only so long.
//!
//! - **Python:** `subprocess.run(timeout=…)`, `Popen.wait(timeout)`, `poll`, `kill`
//! - **Rust:** none: ask `try_wait` again and again until a deadline, then `kill` and
//!   `wait`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example subprocess-timeout
//! quick: success
//! slow: killed after 20 ms
//! trap: given up after 20 ms, and still running
//! ```
//!
//! **Trap:** to give up waiting ends nobody. After `kill` comes `wait`, or a zombie is
//! left. The child's own children live on in any case.
//!
//! Neighbours: `subprocess-run`, `popen`, `thread-join-timeout`.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, io, thread};

fn wait(child: &mut Child, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + timeout;
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= deadline {
            return Ok(status);
        }
        thread::sleep(Duration::from_millis(1)); // Python looks every 1 to 50 ms.
    }
}

/// Python's `run`: who is late is killed.
fn run(mut child: Child, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    let status = wait(&mut child, timeout)?;
    if status.is_none() {
        child.kill()?;
        child.wait()?;
    }
    Ok(status)
}

fn main() -> io::Result<()> {
    if let Some(what) = env::args().nth(1) {
        if what == "slow" {
            io::stdin().read_line(&mut String::new())?; // Nobody ever answers.
        }
        return Ok(());
    }
    let me = env::current_exe()?;
    let start = |what| Command::new(&me).arg(what).stdin(Stdio::piped()).spawn();

    if run(start("quick")?, Duration::from_secs(10))?.is_some_and(|s| s.success()) {
        println!("quick: success");
    }
    let moment = Duration::from_millis(20);
    if run(start("slow")?, moment)?.is_none() {
        println!("slow: killed after {} ms", moment.as_millis());
    }

    // Wrong: returns in time and leaves it running.
    let mut child = start("slow")?;
    if wait(&mut child, moment)?.is_none() && child.try_wait()?.is_none() {
        println!(
            "trap: given up after {} ms, and still running",
            moment.as_millis()
        );
    }
    child.wait()?; // Hangs up, and so it ends.
    Ok(())
}
