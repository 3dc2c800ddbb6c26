//! Send everything, say that no more will come, and still hear the answer.
//!
//! - **Python:** `writer.write(data)`, `await writer.drain()`, `writer.write_eof()`
//! - **Rust:** `write_all`, which waits itself while the other side is slow; `shutdown`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,net`
//!
//! ```console
//! $ cargo run --example stream-drain
//! the mailbox says: 9 bytes, thank you
//! trap: the mailbox says: 0 bytes, thank you
//! ```
//!
//! **Trap:** a `BufWriter` that is dropped does not flush: there is no await in `Drop`.
//! End with `shutdown`, or with `flush` where the connection goes on.
//!
//! Neighbours: `open-connection`, `start-server`.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};
use tokio::net::{TcpListener, TcpStream};

async fn mailbox(listener: TcpListener) -> io::Result<()> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        let mut letter = Vec::new();
        stream.read_to_end(&mut letter).await?;
        let answer = format!("{} bytes, thank you", letter.len());
        stream.write_all(answer.as_bytes()).await?;
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(mailbox(listener));

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
    println!("trap: the mailbox says: {answer}");
    Ok(())
}
