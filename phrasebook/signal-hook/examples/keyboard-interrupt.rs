//! Ctrl-C (SIGINT) and SIGTERM in a program with threads: stop them, join them, clean up.
//!
//! - **Python:** `KeyboardInterrupt`, `signal.signal(signal.SIGTERM, f)`,
//!   `signal.raise_signal`, `signal.sigwait`, `signal.set_wakeup_fd`
//! - **Rust:** none in std. signal-hook: `Signals::forever` is an iterator that waits;
//!   `flag::register` sets an atomic; `low_level::raise`; `low_level::pipe` for a
//!   descriptor that each signal makes readable. `signal.alarm`: none, a thread in
//!   `recv_timeout`
//! - **Needs:** `cargo add signal-hook`
//! - **Platforms:** Unix
//!
//! ```console
//! $ cargo run --example keyboard-interrupt
//! interrupted
//! both threads have ended
//! connection closed
//! trap: without a handler Ctrl-C ended the program, the connection was not closed
//! ```
//!
//! **Trap:** there is no `KeyboardInterrupt`. Without a handler Ctrl-C ends the program
//! immediately, and no `Drop` runs where Python runs `finally`. With a handler nothing is
//! interrupted: a thread that waits or computes goes on until you stop it. As in Python,
//! Ctrl-C in a terminal also reaches the children, unless they have their own process group.
//!
//! Neighbours: `signal-handler`, `process-group`, `thread-daemon`, `context-manager`.

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::time::Duration;
    use std::{env, io, thread};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::raise;

    struct Connection;

    impl Drop for Connection {
        fn drop(&mut self) {
            println!("connection closed");
        }
    }

    fn serve() -> io::Result<()> {
        let _connection = Connection;
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // If the flag is set already: a second Ctrl-C ends the program.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop))?;
            flag::register(signal, Arc::clone(&stop))?;
        }
        // Before the threads start, and before the first signal may come.
        let mut signals = Signals::new([SIGINT, SIGTERM])?;

        // A thread that computes looks at the flag.
        let counter = thread::spawn(move || {
            let mut count: u64 = 0;
            while !stop.load(Relaxed) {
                count += 1;
            }
            count
        });
        // A thread that waits is woken by the end of a channel.
        let (keep_on, stopped) = mpsc::channel::<()>();
        let hour = Duration::from_secs(3600);
        let backup = thread::spawn(move || {
            while stopped.recv_timeout(hour) == Err(RecvTimeoutError::Timeout) {
                println!("one more backup");
            }
        });

        raise(SIGINT)?; // As if you pressed Ctrl-C.
        if signals.forever().next().is_some() {
            println!("interrupted");
        }
        drop(keep_on);
        let _count = counter.join().expect("the counter does not panic");
        backup.join().expect("the backup does not panic");
        println!("both threads have ended");
        Ok(())
    }

    if env::args().len() > 1 {
        // Wrong: expects `drop` to run.
        let _connection = Connection;
        return raise(SIGINT);
    }
    serve()?;

    let mut unprepared = Command::new(env::current_exe()?);
    let output = unprepared.arg("without a handler").output()?;
    if output.status.signal() == Some(SIGINT) && output.stdout.is_empty() {
        println!(
            "trap: without a handler Ctrl-C ended the program, \
             the connection was not closed"
        );
    }
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    println!("On Windows, signal-hook has `flag` only; or take the crate ctrlc.");
}
