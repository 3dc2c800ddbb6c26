//! `async for`: go through the values of a stream as they arrive.
//!
//! - **Python:** `async for x in xs:`, `[x async for x in xs]` (async comprehension),
//!   `anext(xs)`; methods `__aiter__`, `__anext__`
//! - **Rust:** `while let Some(x) = xs.next().await`; `collect().await` for a `Vec`;
//!   `Stream::poll_next` corresponds to `__anext__`
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example async-for
//! message: hello
//! message: not text
//! message: bye
//! all that are text: hello, bye
//! all or an error: not text
//! trap: while let Some(Ok(..)): stopped at the error, messages lost: 1
//! ```
//!
//! **Trap:** `while let Some(Ok(x))` ends at the first error as if that were the end of
//! the stream, and the error is lost. Match on the `Result` inside the loop, or write
//! `while let Some(x) = xs.try_next().await?`.
//!
//! Neighbours: `async-generator`, `async-map-buffersize`, `async-as-completed`.

use std::str::{Utf8Error, from_utf8};

use futures_util::{Stream, StreamExt, TryStreamExt, stream};

/// What a socket might give: messages as they come, one of them broken. (`Unpin`: `next`
/// needs it, or `pin!` around the stream.)
fn messages() -> impl Stream<Item = Result<&'static str, Utf8Error>> + Unpin {
    stream::iter([&b"hello"[..], b"\xff\xfe", b"bye"]).map(from_utf8)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut inbox = messages();
    while let Some(message) = inbox.next().await {
        match message {
            Ok(text) => println!("message: {text}"),
            Err(_) => println!("message: not text"),
        }
    }

    let texts = messages().filter_map(async |message| message.ok());
    let texts: Vec<&str> = texts.collect().await;
    println!("all that are text: {}", texts.join(", "));

    let texts: Result<Vec<&str>, Utf8Error> = messages().try_collect().await;
    match texts {
        Ok(texts) => println!("all or an error: {}", texts.join(", ")),
        Err(_) => println!("all or an error: not text"),
    }

    // Wrong: an error looks like the end of the stream.
    let mut inbox = messages();
    while let Some(Ok(_)) = inbox.next().await {}
    let lost = inbox.count().await;
    println!("trap: while let Some(Ok(..)): stopped at the error, messages lost: {lost}");
}
