//! Read exactly `n` bytes, even if they come in pieces.
//!
//! - **Python:** `await reader.readexactly(n)`, `IncompleteReadError`
//! - **Rust:** `read_exact` into a buffer of that length
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,time`
//!
//! ```console
//! $ cargo run --example readexactly
//! no message within 10 ms
//! message: soup
//! message: fish
//! the last message is incomplete
//! trap: the timeout has dropped 2 bytes, the next message is: upfi
//! ```
//!
//! **Trap:** `read_exact` is not cancel safe: if a timeout or a `select!` drops it, the
//! bytes that it had read are lost. Keep the future and await it again. Python's
//! `readexactly` leaves them in the buffer of the stream.
//!
//! Neighbours: `readline`, `select-loses-data`, `open-connection`.

use std::io::{self, ErrorKind::UnexpectedEof};
use std::{pin::pin, time::Duration};

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_millis(10);

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut message = [0; 4];
    let (mut sender, mut receiver) = duplex(64); // Two ends of a connection.
    sender.write_all(b"so").await?;
    {
        let mut reading = pin!(receiver.read_exact(&mut message));
        if timeout(LIMIT, &mut reading).await.is_err() {
            println!("no message within 10 ms");
        }
        // The end of "soup", then "fish", then the start of a third message.
        sender.write_all(b"upfishca").await?;
        reading.await?; // The same future continues.
    }
    println!("message: {}", message.escape_ascii());
    receiver.read_exact(&mut message).await?;
    println!("message: {}", message.escape_ascii());
    drop(sender);
    let incomplete = receiver.read_exact(&mut message).await;
    if incomplete.is_err_and(|error| error.kind() == UnexpectedEof) {
        println!("the last message is incomplete");
    }

    let (mut sender, mut receiver) = duplex(64);
    sender.write_all(b"so").await?;
    // Wrong: the timeout drops the future, and with it the two bytes.
    let too_late = timeout(LIMIT, receiver.read_exact(&mut message)).await;
    assert!(too_late.is_err(), "two bytes are missing");
    sender.write_all(b"upfish").await?;
    receiver.read_exact(&mut message).await?;
    let next = message.escape_ascii();
    println!("trap: the timeout has dropped 2 bytes, the next message is: {next}");
    Ok(())
}
