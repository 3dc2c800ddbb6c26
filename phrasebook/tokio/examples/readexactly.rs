//! Read a message of a known length, also when it comes in pieces.
//!
//! - **Python:** `await reader.readexactly(n)`, `IncompleteReadError`
//! - **Rust:** `read_exact` into a buffer of that length
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,time`
//!
//! ```console
//! $ cargo run --example readexactly
//! no order within 10 ms
//! order: soup
//! order: fish
//! the last order broke off
//! trap: no order within 10 ms, and the next one is upfi
//! ```
//!
//! **Trap:** `read_exact` is not cancel safe: a timeout around it, or a `select!`, throws
//! away the bytes that had come. Keep the future and await it again; `readexactly` keeps
//! the bytes.
//!
//! Neighbours: `readline`, `select-loses-data`, `open-connection`.

use std::io::{self, ErrorKind::UnexpectedEof};
use std::{pin::pin, time::Duration};

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_millis(10);

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut order = [0; 4];
    let (mut waiter, mut kitchen) = duplex(64); // Two ends of a connection.
    waiter.write_all(b"so").await?;
    {
        let mut reading = pin!(kitchen.read_exact(&mut order));
        if timeout(PATIENCE, &mut reading).await.is_err() {
            println!("no order within 10 ms");
        }
        waiter.write_all(b"upfishca").await?;
        reading.await?; // The same future: it goes on where it stood.
    }
    println!("order: {}", order.escape_ascii());
    kitchen.read_exact(&mut order).await?;
    println!("order: {}", order.escape_ascii());
    drop(waiter);
    let broken = kitchen.read_exact(&mut order).await;
    if broken.is_err_and(|error| error.kind() == UnexpectedEof) {
        println!("the last order broke off");
    }

    let (mut waiter, mut kitchen) = duplex(64);
    waiter.write_all(b"so").await?;
    // Wrong: the future goes, and the two bytes with it.
    let late = timeout(PATIENCE, kitchen.read_exact(&mut order))
        .await
        .is_err();
    waiter.write_all(b"upfish").await?;
    kitchen.read_exact(&mut order).await?;
    if late {
        println!(
            "trap: no order within 10 ms, and the next one is {}",
            order.escape_ascii()
        );
    }
    Ok(())
}
