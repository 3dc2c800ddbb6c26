//! Unix domain socket: talk to a program on the same machine through a file.
//!
//! - **Python:** `asyncio.start_unix_server(handler, path)`,
//!   `asyncio.open_unix_connection(path)`
//! - **Rust:** `UnixListener` and `UnixStream`, otherwise as with TCP
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,net`
//! - **Platforms:** Unix
//!
//! ```console
//! $ cargo run --example unix-socket
//! the kitchen says: soup is coming
//! trap: the listener is dropped, but its file is still there: address in use
//! ```
//!
//! **Trap:** a listener that is dropped leaves its file behind, and the next `bind`
//! fails. Remove the file when you stop, and before `bind`, since a crash leaves it too.
//! Python's `start_unix_server` removes an old socket before it binds.
//!
//! Neighbours: `open-connection`, `start-server`, `datagram`.

#[cfg(unix)]
#[tokio::main]
async fn main() -> std::io::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{UnixListener, UnixStream};

    let path = std::env::temp_dir().join(format!("kitchen-{}", std::process::id()));
    let listener = UnixListener::bind(&path)?;
    let kitchen = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let mut dish = String::new();
        stream.read_to_string(&mut dish).await?;
        stream
            .write_all(format!("{dish} is coming").as_bytes())
            .await
    });

    let mut client = UnixStream::connect(&path).await?;
    client.write_all(b"soup").await?;
    client.shutdown().await?;
    let mut answer = String::new();
    client.read_to_string(&mut answer).await?;
    println!("the kitchen says: {answer}");
    // The task's own `Result`, then that of its block. The listener is dropped by now.
    kitchen.await??;

    // Wrong: to bind without removing the old file.
    if let Err(error) = UnixListener::bind(&path) {
        println!(
            "trap: the listener is dropped, but its file is still there: {}",
            error.kind()
        );
    }
    std::fs::remove_file(&path)
}

#[cfg(not(unix))]
fn main() {
    println!("tokio has no Unix sockets here");
}
