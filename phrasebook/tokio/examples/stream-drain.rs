//! Write, flush and half-close a stream: send EOF, and still read the answer.
//!
//! - **Python:** `writer.write(data)`, `await writer.drain()`, `writer.write_eof()`
//! - **Rust:** `write_all`, which itself waits while the other side is slow; `flush` for
//!   a `BufWriter`; `shutdown` for EOF
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,net`
//!
//! ```console
//! $ cargo run --example stream-drain
//! the mailbox says: 9 bytes, thank you
//! trap: a BufWriter was dropped without flush, the mailbox says: 0 bytes, thank you
//! ```
//!
//! **Trap:** a `BufWriter` that is dropped does not flush, since `Drop` cannot await. End
//! with `shutdown`, or with `flush` if the connection stays open.
//!
//! Neighbours: `open-connection`, `start-server`.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};
use tokio::net::{TcpListener, TcpStream};

async fn mailbox(listener: TcpListener) -> io::Result<()> {
    for _ in 0..2 {
        let (mut stream, _) = listener.accept().await?;
        let mut letter = Vec::new();
        stream.read_to_end(&mut letter).await?;
        let answer = format!("{} bytes, thank you", letter.len());
        stream.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let mailbox = tokio::spawn(mailbox(listener));

    let (mut reader, writer) = TcpStream::connect(address).await?.into_split();
    let mut writer = BufWriter::new(writer);
    writer.write_all(b"Dear ").await?;
    writer.write_all(b"Ada!").await?;
    writer.shutdown().await?; // Flushes first, and closes this direction only.
    let mut answer = String::new();
    reader.read_to_string(&mut answer).await?;
    println!("the mailbox says: {answer}");

    let (mut reader, writer) = TcpStream::connect(address).await?.into_split();
    let mut writer = BufWriter::new(writer);
    writer.write_all(b"Dear Ada!").await?;
    drop(writer); // Wrong: closed, with the letter still in the buffer.
    answer.clear();
    reader.read_to_string(&mut answer).await?;
    println!("trap: a BufWriter was dropped without flush, the mailbox says: {answer}");
    // `?` is for a panic of the task; `main` returns the `Result` of `mailbox`.
    mailbox.await?
}
