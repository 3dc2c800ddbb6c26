//! Hear a signal from outside, and end in good order.
//!
//! - **Python:** `loop.add_signal_handler(signal.SIGTERM, f)`, `remove_signal_handler`
//! - **Rust:** `signal(SignalKind::terminate())`: a stream of signals; `ctrl_c()` for
//!   one
//! - **Needs:** `cargo add tokio -F macros,process,rt,signal`
//! - **Platforms:** Unix
//!
//! ```console
//! $ cargo run --example signal-handler
//! SIGTERM: closing the shop
//! trap: handler dropped, SIGTERM again: still alive
//! ```
//!
//! **Trap:** the first call takes the default death away for good: dropping the stream
//! does not bring it back. After `ctrl_c().await` a second Ctrl-C ends nothing, unless
//! you await it too.
//!
//! Neighbours: `cancel-cleanup`, `asyncio-run`, `all-tasks`.

#[cfg(unix)]
#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    use tokio::process::Command;
    use tokio::signal::unix::{SignalKind, signal};

    async fn terminate_me() -> std::io::Result<()> {
        Command::new("sh")
            .args(["-c", "kill -TERM $PPID"])
            .status()
            .await?;
        Ok(())
    }

    async fn serve_customers() {
        std::future::pending().await // They keep coming.
    }

    // Before the first signal may come: from here on it does not kill.
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(terminate_me());
    tokio::select! {
        _ = terminate.recv() => println!("SIGTERM: closing the shop"),
        () = serve_customers() => println!("served the last customer"),
    }

    // Wrong: to think that this gives the default back.
    drop(terminate);
    terminate_me().await?;
    println!("trap: handler dropped, SIGTERM again: still alive");
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    println!("Only Unix has SIGTERM; `tokio::signal::ctrl_c` works everywhere.");
}
