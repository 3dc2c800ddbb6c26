//! Signal handler: stop in good order on SIGTERM or Ctrl-C (SIGINT).
//!
//! - **Python:** `loop.add_signal_handler(signal.SIGTERM, f)`,
//!   `loop.remove_signal_handler`; on Ctrl-C `asyncio.run` cancels `main`, then raises
//!   `KeyboardInterrupt`
//! - **Rust:** `signal(SignalKind::terminate())`, a stream of signals; `ctrl_c()`
//! - **Needs:** `cargo add tokio -F macros,process,rt,signal`
//! - **Platforms:** Unix
//!
//! ```console
//! $ cargo run --example signal-handler
//! connection closed
//! stopped by SIGTERM
//! trap: stream dropped, SIGTERM again: the program still runs
//! ```
//!
//! **Trap:** without a handler Ctrl-C ends the program immediately, and no destructor
//! runs. Where `finally` did the work, wait for the signal and leave `main` normally.
//! After the first call of `signal` or `ctrl_c` that signal no longer ends the program,
//! even if you drop the stream: a second Ctrl-C does nothing unless you await it, too.
//!
//! Neighbours: `cancel-cleanup`, `asyncio-run`, `all-tasks`, `keyboard-interrupt`.

#[cfg(unix)]
#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    use tokio::process::Command;
    use tokio::signal::ctrl_c;
    use tokio::signal::unix::{SignalKind, signal};

    struct Connection;

    impl Drop for Connection {
        fn drop(&mut self) {
            println!("connection closed");
        }
    }

    async fn terminate_me() -> std::io::Result<()> {
        Command::new("sh")
            .args(["-c", "kill -TERM $PPID"])
            .status()
            .await?;
        Ok(())
    }

    async fn serve() -> std::io::Result<()> {
        let _connection = Connection;
        terminate_me().await?; // Another program stops this one.
        std::future::pending().await
    }

    // Call it before the first SIGTERM may come, which would end the program.
    let mut terminate = signal(SignalKind::terminate())?;
    // `select!` drops the other futures, here `serve`, before it runs a branch.
    tokio::select! {
        _ = terminate.recv() => println!("stopped by SIGTERM"),
        pressed = ctrl_c() => {
            pressed?;
            println!("stopped by Ctrl-C");
        }
        ended = serve() => ended?,
    }

    // Wrong: to think that after `drop` SIGTERM ends the program again.
    drop(terminate);
    terminate_me().await?;
    println!("trap: stream dropped, SIGTERM again: the program still runs");
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    println!("Only Unix has SIGTERM; `tokio::signal::ctrl_c` works everywhere.");
}
