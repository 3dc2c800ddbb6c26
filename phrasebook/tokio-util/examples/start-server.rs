//! TCP server with graceful shutdown: no answer is cut short.
//!
//! - **Python:** `asyncio.start_server(handler, host, port)`, `server.serve_forever()`,
//!   `server.close()`, `server.close_clients()`, `await server.wait_closed()`
//! - **Rust:** a loop around `accept` that spawns a task for each connection; a
//!   `CancellationToken` says stop, a `TaskTracker` waits for the connections
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,net,time`,
//!   `cargo add tokio-util -F rt`
//!
//! ```console
//! $ cargo run --example start-server
//! Ada reads HELLO
//! the server has ended, though Ada is still connected
//! trap: Eve's connection was not told to stop, the server still waits for it
//! ```
//!
//! **Trap:** as in Python, a connection that is not told to stop holds up the shutdown
//! until its client closes it. Only in Rust, a `?` after `accept` ends the server, though
//! `accept` may fail for a moment (too many open files). And a connection's `Err` is lost
//! unless its task reports it; asyncio logs it.
//!
//! Neighbours: `open-connection`, `stream-drain`, `async-queue-join`.

use std::{io, time::Duration};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

async fn answer(mut client: TcpStream, stop: CancellationToken) -> io::Result<()> {
    let mut buf = [0; 1024];
    // It stops between two answers, never within one.
    while let Some(read) = stop.run_until_cancelled(client.read(&mut buf)).await {
        let length = read?;
        if length == 0 {
            break; // The client has closed the connection.
        }
        let words = &mut buf[..length];
        words.make_ascii_uppercase();
        client.write_all(words).await?;
    }
    Ok(())
}

async fn serve(
    listener: TcpListener,
    stop: CancellationToken,
    stop_connections: CancellationToken,
) {
    let connections = TaskTracker::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let (client, address) = match accepted {
            Ok(connection) => connection,
            Err(error) => {
                // Not `?`: with too many open files, `accept` fails only for a while.
                eprintln!("cannot accept a connection: {error}");
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let stop_connection = stop_connections.clone();
        connections.spawn(async move {
            if let Err(error) = answer(client, stop_connection).await {
                eprintln!("the connection to {address} failed: {error}");
            }
        });
    }
    connections.close();
    connections.wait().await;
}

async fn greet(server: &mut TcpStream) -> io::Result<String> {
    server.write_all(b"hello").await?;
    let mut answer = [0; 5];
    server.read_exact(&mut answer).await?;
    Ok(answer.escape_ascii().to_string())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut ada = TcpStream::connect(listener.local_addr()?).await?;
    let stop = CancellationToken::new();
    // One token stops both the loop around `accept` and the connections.
    let server = tokio::spawn(serve(listener, stop.clone(), stop.clone()));
    println!("Ada reads {}", greet(&mut ada).await?);
    stop.cancel();
    server.await?;
    println!("the server has ended, though Ada is still connected");

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut eve = TcpStream::connect(listener.local_addr()?).await?;
    let stop = CancellationToken::new();
    // Wrong: the token of the connections is never cancelled.
    let never = CancellationToken::new();
    let server = tokio::spawn(serve(listener, stop.clone(), never));
    greet(&mut eve).await?;
    stop.cancel();
    if timeout(Duration::from_millis(50), server).await.is_err() {
        println!(
            "trap: Eve's connection was not told to stop, the server still waits for it"
        );
    }
    Ok(())
}
