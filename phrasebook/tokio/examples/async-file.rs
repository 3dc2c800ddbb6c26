//! Async file: read and write files without blocking the runtime.
//!
//! - **Python:** `await asyncio.to_thread(path.read_text)`, `open` in `asyncio.to_thread`;
//!   the package aiofiles
//! - **Rust:** `tokio::fs`: `read_to_string`, `write`, `File`. Each call is a job for the
//!   threads of `spawn_blocking`: many small ones cost more than one large one
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,fs,io-util`
//!
//! ```console
//! $ cargo run --example async-file
//! read: 2 lines
//! line by line: tea, cake
//! written and flushed: 3 lines
//! trap: write_all gives no error, though the file cannot be written
//! trap: flush gives it; if the file is dropped before, it is lost
//! ```
//!
//! **Trap:** `write_all` returns before the bytes are in the file. Call `flush` before you
//! drop a `File`: else another program may read it too early, and the error of the last
//! write is lost. In Python the end of a `with` block closes the file and raises the error.
//!
//! Neighbours: `to-thread`, `async-stdin`, `stream-drain`.

use std::{env, io, process};

use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

#[tokio::main]
async fn main() -> io::Result<()> {
    let path = env::temp_dir().join(format!("async-file-{}.txt", process::id()));
    fs::write(&path, "tea\ncake\n").await?;
    let text = fs::read_to_string(&path).await?;
    println!("read: {} lines", text.lines().count());

    let mut lines = BufReader::new(File::open(&path).await?).lines();
    let mut dishes = Vec::new();
    while let Some(line) = lines.next_line().await? {
        dishes.push(line);
    }
    println!("line by line: {}", dishes.join(", "));

    let mut file = OpenOptions::new().append(true).open(&path).await?;
    file.write_all(b"soup\n").await?;
    file.flush().await?; // The bytes have been written, or here is the error.
    drop(file);
    let text = fs::read_to_string(&path).await?;
    println!("written and flushed: {} lines", text.lines().count());

    // Wrong: takes this `Ok` for success. The file is open for reading only, so that the
    // write fails later, as it would on a full disk.
    let mut file = File::open(&path).await?;
    if file.write_all(b"salad\n").await.is_ok() {
        println!("trap: write_all gives no error, though the file cannot be written");
    }
    if file.flush().await.is_err() {
        println!("trap: flush gives it; if the file is dropped before, it is lost");
    }
    fs::remove_file(&path).await
}
