//! Send single messages without a connection, and answer them.
//!
//! - **Python:** `loop.create_datagram_endpoint(protocol_factory, local_addr=...)`,
//!   `DatagramProtocol`
//! - **Rust:** `tokio::net::UdpSocket`, with `send_to` and `recv_from` in place of
//!   callbacks
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,net`
//!
//! ```console
//! $ cargo run --example datagram
//! the clock says: it is nine
//! trap: with a buffer of 5 bytes the clock says: it is
//! ```
//!
//! **Trap:** the buffer has to be large enough for the whole message. What does not fit
//! is thrown away, without an error on Unix.
//!
//! Neighbours: `open-connection`, `unix-socket`.

use std::io;

use tokio::net::UdpSocket;

async fn answer(clock: UdpSocket) -> io::Result<()> {
    let mut buffer = [0; 1500];
    loop {
        let (length, caller) = clock.recv_from(&mut buffer).await?;
        let answer = match &buffer[..length] {
            b"what time is it?" => "it is nine",
            _ => "what?",
        };
        clock.send_to(answer.as_bytes(), caller).await?;
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let clock = UdpSocket::bind("127.0.0.1:0").await?;
    let address = clock.local_addr()?;
    tokio::spawn(answer(clock));

    // Connected: it takes messages from the clock only, and need not name it again.
    let caller = UdpSocket::bind("127.0.0.1:0").await?;
    caller.connect(address).await?;
    let mut buffer = [0; 1500];
    caller.send(b"what time is it?").await?;
    let length = caller.recv(&mut buffer).await?;
    println!("the clock says: {}", buffer[..length].escape_ascii());

    // Wrong: too small. Windows says so with an error, Unix does not.
    let mut buffer = [0; 5];
    caller.send(b"what time is it?").await?;
    let length = caller.recv(&mut buffer).await.unwrap_or(buffer.len());
    let heard = buffer[..length].escape_ascii();
    println!(
        "trap: with a buffer of {} bytes the clock says: {heard}",
        buffer.len()
    );
    Ok(())
}
