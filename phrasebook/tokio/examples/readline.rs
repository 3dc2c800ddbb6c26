//! Read a line, give up waiting for it, and still get the whole line later.
//!
//! - **Python:** `await reader.readline()`, `async for line in reader:`
//! - **Rust:** `AsyncBufReadExt::lines`, and `next_line` on what it gives
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,time`
//!
//! ```console
//! $ cargo run --example readline
//! no line within 10 ms
//! line: hello, Ada
//! trap: no line within 10 ms
//! trap: line: Ada
//! ```
//!
//! **Trap:** `next_line` is cancel safe, `read_line` is not: when a timeout or a
//! `select!` drops it, what it had read of the line is gone. (`read_until` keeps it in
//! its buffer.)
//!
//! Neighbours: `readexactly`, `select-loses-data`, `open-connection`.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_millis(10);

#[tokio::main]
async fn main() -> io::Result<()> {
    let (mut friend, us) = duplex(64); // Two ends of a connection.
    let mut lines = BufReader::new(us).lines();
    friend.write_all(b"hello, ").await?;
    if timeout(PATIENCE, lines.next_line()).await.is_err() {
        println!("no line within 10 ms");
    }
    friend.write_all(b"Ada\n").await?;
    println!("line: {}", lines.next_line().await?.unwrap_or_default());

    let (mut friend, us) = duplex(64);
    let (mut us, mut line) = (BufReader::new(us), String::new());
    friend.write_all(b"hello, ").await?;
    // Wrong: half a line is read, and dropped with the future.
    if timeout(PATIENCE, us.read_line(&mut line)).await.is_err() {
        println!("trap: no line within 10 ms");
    }
    friend.write_all(b"Ada\n").await?;
    us.read_line(&mut line).await?;
    println!("trap: line: {}", line.trim_end());
    Ok(())
}
