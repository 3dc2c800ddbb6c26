//! Serve many connections at once, and stop without cutting an answer short.
//!
//! - **Python:** `asyncio.start_server(handler, host, port)`, `server.close()`,
//!   `server.close_clients()`, `await server.wait_closed()`
//! - **Rust:** a loop around `accept` that spawns; a `CancellationToken` says stop, a
//!   `TaskTracker` waits for the connections
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,net,time`,
//!   `cargo add tokio-util -F rt`
//!
//! ```console
//! $ cargo run --example start-server
//! Ada hears HELLO
//! the server has ended, though Ada has not hung up
//! trap: Eve is silent, and the server still waits for her
//! ```
//!
//! **Trap:** a connection that nobody tells to stop is waited for as long as its client
//! likes. And `accept` fails for reasons that pass: a `?` there would end the server.
//!
//! Neighbours: `open-connection`, `stream-drain`, `async-queue-join`.

use std::{io, time::Duration};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::{sync::CancellationToken as Token, task::TaskTracker};

async fn answer(mut caller: TcpStream, stop: Token) -> io::Result<()> {
    let mut buf = [0; 1024];
    // Stopped between two answers, never within one. 0 bytes: the caller has hung up.
    while let Some(Ok(n @ 1..)) = stop.run_until_cancelled(caller.read(&mut buf)).await {
        buf.make_ascii_uppercase();
        caller.write_all(&buf[..n]).await?;
    }
    Ok(())
}

async fn serve(door: TcpListener, stop: Token, hang_up: Token) {
    let connections = TaskTracker::new();
    while let Some(caller) = stop.run_until_cancelled(door.accept()).await {
        let Ok((caller, _)) = caller else {
            sleep(Duration::from_millis(50)).await; // Too many open files, say.
            continue;
        };
        connections.spawn(answer(caller, hang_up.clone()));
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
    let door = TcpListener::bind("127.0.0.1:0").await?;
    let mut ada = TcpStream::connect(door.local_addr()?).await?;
    let stop = Token::new();
    let server = tokio::spawn(serve(door, stop.clone(), stop.clone()));
    println!("Ada hears {}", greet(&mut ada).await?);
    stop.cancel();
    server.await?;
    println!("the server has ended, though Ada has not hung up");

    let door = TcpListener::bind("127.0.0.1:0").await?;
    let mut eve = TcpStream::connect(door.local_addr()?).await?;
    let stop = Token::new();
    // Wrong: the door hears that it is over, and who serves Eve does not.
    let server = tokio::spawn(serve(door, stop.clone(), Token::new()));
    greet(&mut eve).await?;
    stop.cancel();
    if timeout(Duration::from_millis(50), server).await.is_err() {
        println!("trap: Eve is silent, and the server still waits for her");
    }
    Ok(())
}
