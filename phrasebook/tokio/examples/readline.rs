//! Read lines with a timeout, and lose no part of a line.
//!
//! - **Python:** `await reader.readline()`, `async for line in reader:`,
//!   `await reader.readuntil(separator)`
//! - **Rust:** `AsyncBufReadExt::lines`, then `next_line().await` for each line, without
//!   its newline; for another separator `read_until`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,time`
//!
//! ```console
//! $ cargo run --example readline
//! no line within 10 ms
//! line: hello, Ada
//! trap: a timeout around read_line has dropped half of the line: Ada
//! ```
//!
//! **Trap:** `next_line` is cancel safe, `read_line` is not: a timeout or a `select!`
//! drops what it had read. And `lines()` accepts a line of any length, asyncio at most 64
//! KiB: for input that you do not trust, use tokio-util's
//! `LinesCodec::new_with_max_length`.
//!
//! Neighbours: `readexactly`, `select-loses-data`, `open-connection`.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex};
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_millis(10);

#[tokio::main]
async fn main() -> io::Result<()> {
    let (mut sender, receiver) = duplex(64); // Two ends of a connection.
    let mut lines = BufReader::new(receiver).lines();
    sender.write_all(b"hello, ").await?;
    if timeout(LIMIT, lines.next_line()).await.is_err() {
        println!("no line within 10 ms");
    }
    sender.write_all(b"Ada\n").await?;
    // `None` would be the end of the input.
    println!("line: {}", lines.next_line().await?.unwrap_or_default());

    let (mut sender, receiver) = duplex(64);
    let mut receiver = BufReader::new(receiver);
    sender.write_all(b"hello, ").await?;
    // Wrong: the timeout drops the future, and with it half of the line.
    let mut line = String::new();
    let too_late = timeout(LIMIT, receiver.read_line(&mut line)).await;
    assert!(too_late.is_err(), "the newline is missing");
    sender.write_all(b"Ada\n").await?;
    let mut line = String::new();
    receiver.read_line(&mut line).await?;
    let rest = line.trim_end();
    println!("trap: a timeout around read_line has dropped half of the line: {rest}");
    Ok(())
}
