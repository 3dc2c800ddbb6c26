//! Go through values that arrive one after another.
//!
//! - **Python:** `async for line in lines:`, `[line async for line in lines]`
//! - **Rust:** `while let Some(line) = lines.next().await`; to a list by
//!   `collect().await`
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example async-for
//! read: hello
//! not text
//! read: bye
//! read all: hello, bye
//! all or none: not text
//! trap: while let Some(Ok(..)): 1 read, 1 left
//! ```
//!
//! **Trap:** `while let Some(Ok(line))` ends at the first error as if that were the
//! end, and nobody hears of it. Match on the `Result` inside the loop, or use
//! `try_next().await?`.
//!
//! Neighbours: `async-generator`, `async-map-buffersize`, `async-as-completed`.

use std::str::{Utf8Error, from_utf8};

use futures_util::{Stream, StreamExt, TryStreamExt, stream};

/// What a socket might give: pieces as they come, one of them broken.
fn letters() -> impl Stream<Item = Result<&'static str, Utf8Error>> + Unpin {
    stream::iter([&b"hello"[..], b"\xff\xfe", b"bye"]).map(from_utf8)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut inbox = letters();
    while let Some(letter) = inbox.next().await {
        match letter {
            Ok(text) => println!("read: {text}"),
            Err(_) => println!("not text"),
        }
    }

    let all: Vec<_> = letters()
        .filter_map(async |letter| letter.ok())
        .collect()
        .await;
    println!("read all: {}", all.join(", "));

    let all: Result<Vec<_>, _> = letters().try_collect().await;
    println!(
        "all or none: {}",
        all.map_or("not text".to_owned(), |all| all.join(", "))
    );

    // Wrong: an error looks like the end of the letters.
    let (mut inbox, mut count) = (letters(), 0);
    while let Some(Ok(_)) = inbox.next().await {
        count += 1;
    }
    println!(
        "trap: while let Some(Ok(..)): {count} read, {} left",
        inbox.count().await
    );
}
