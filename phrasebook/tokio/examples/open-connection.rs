//! TCP client: connect, send lines, and read the answers line by line.
//!
//! - **Python:** `reader, writer = await asyncio.open_connection(host, port)`, which
//!   gives a `StreamReader` and a `StreamWriter`
//! - **Rust:** `TcpStream::connect`, split into a `BufReader` and a writer
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,net`
//!
//! ```console
//! $ cargo run --example open-connection
//! hello Ada
//! hello Ben
//! the server has answered 2 lines
//! trap: the second BufReader reads "", because the first one has buffered "Ben"
//! ```
//!
//! **Trap:** a `BufReader` reads ahead. Keep one for the whole connection: a new one for
//! each line loses what the one before had buffered. And asyncio sets `TCP_NODELAY` by
//! itself, tokio does not: without `set_nodelay(true)` a small write may wait some 40 ms.
//!
//! Neighbours: `readline`, `readexactly`, `stream-drain`, `start-server`, `async-tls`.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

async fn serve_one(listener: TcpListener) -> io::Result<usize> {
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.into_split();
    let mut names = BufReader::new(reader).lines();
    let mut answered = 0;
    while let Some(name) = names.next_line().await? {
        writer
            .write_all(format!("hello {name}\n").as_bytes())
            .await?;
        answered += 1;
    }
    Ok(answered)
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(serve_one(listener));

    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?; // Small writes are sent immediately.
    let (reader, mut writer) = stream.into_split();
    let mut answers = BufReader::new(reader).lines();
    for name in ["Ada", "Ben"] {
        writer.write_all(format!("{name}\n").as_bytes()).await?;
        println!("{}", answers.next_line().await?.expect("an answer to each"));
    }
    drop(writer); // The server reads to the end and stops.
    let answered = server.await??; // The task's own `Result`, then that of `serve_one`.
    println!("the server has answered {answered} lines");

    // Wrong: a `BufReader` for each line. (Bytes in memory stand for the connection.)
    let mut connection: &[u8] = b"Ada\nBen\n";
    let mut line = String::new();
    let mut first = BufReader::new(&mut connection);
    first.read_line(&mut line).await?;
    let buffered = String::from_utf8_lossy(first.buffer())
        .trim_end()
        .to_owned();
    line.clear();
    BufReader::new(&mut connection).read_line(&mut line).await?;
    println!(
        "trap: the second BufReader reads {line:?}, \
         because the first one has buffered {buffered:?}"
    );
    Ok(())
}
