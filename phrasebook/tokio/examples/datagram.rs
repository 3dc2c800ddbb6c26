//! UDP socket: send a datagram and wait for the answer.
//!
//! - **Python:** `loop.create_datagram_endpoint(protocol_factory, local_addr=...)`,
//!   `DatagramProtocol`
//! - **Rust:** `tokio::net::UdpSocket`, with `send_to` and `recv_from` instead of
//!   callbacks
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,net,time`
//!
//! ```console
//! $ cargo run --example datagram
//! the clock says: it is nine
//! trap: with a buffer of 5 bytes the clock says: it is
//! ```
//!
//! **Trap:** the buffer has to hold the whole datagram, at most 65 507 bytes. What does
//! not fit is thrown away, on Unix without an error.
//!
//! Neighbours: `open-connection`, `unix-socket`, `timeout`.

use std::io;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;

async fn answer(clock: UdpSocket) -> io::Result<()> {
    let mut buffer = vec![0; 65_507];
    loop {
        let (length, caller) = clock.recv_from(&mut buffer).await?;
        let answer = match &buffer[..length] {
            b"what time is it?" => "it is nine",
            _ => "what?",
        };
        clock.send_to(answer.as_bytes(), caller).await?;
    }
}

/// Sends a question, and says how many bytes of the answer are in the buffer.
async fn ask(clock: &UdpSocket, buffer: &mut [u8]) -> io::Result<usize> {
    clock.send(b"what time is it?").await?;
    // A datagram can get lost: never wait without a timeout. `?` is for the timeout.
    timeout(Duration::from_secs(5), clock.recv(buffer)).await?
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let clock = UdpSocket::bind("127.0.0.1:0").await?;
    let address = clock.local_addr()?;
    tokio::spawn(answer(clock)); // It ends with the runtime.

    // Connected: it receives from this address only, and `send` needs no address.
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.connect(address).await?;
    let mut buffer = vec![0; 65_507];
    let length = ask(&socket, &mut buffer).await?;
    println!("the clock says: {}", buffer[..length].escape_ascii());

    // Wrong: too small. On Windows `recv` gives an error, and the 5 bytes all the same.
    let mut buffer = [0; 5];
    let length = ask(&socket, &mut buffer).await.unwrap_or(buffer.len());
    let answer = buffer[..length].escape_ascii();
    println!("trap: with a buffer of 5 bytes the clock says: {answer}");
    Ok(())
}
