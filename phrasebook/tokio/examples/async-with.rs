//! Open something, use it, and close it with an await whatever happens in between.
//!
//! - **Python:** `async with connect() as connection:`, `__aenter__`, `__aexit__`
//! - **Rust:** a function that takes the body as an async closure, and closes after it
//! - **Needs:** `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example async-with
//! said, lines open: 0
//! boo refused, lines open: 0
//! trap: close at the end: boo refused, lines open: 1
//! ```
//!
//! **Trap:** there is no async destructor. Every `?` above a `close().await` passes over
//! it. A cancellation does so even in the function that takes the closure.
//!
//! Neighbours: `async-exit-stack`, `cancel-cleanup`, `async-generator`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::task::yield_now;

static OPEN: AtomicUsize = AtomicUsize::new(0);

struct Line;

impl Line {
    async fn open() -> Self {
        OPEN.fetch_add(1, Relaxed);
        Self
    }

    async fn say(&mut self, word: &str) -> Result<(), String> {
        yield_now().await; // The network takes its time.
        if word == "boo" {
            Err(format!("{word} refused"))
        } else {
            Ok(())
        }
    }

    async fn close(self) {
        yield_now().await; // The other side is told.
        OPEN.fetch_sub(1, Relaxed);
    }
}

/// A body that fails returns to this function, not past it.
async fn with_line<T>(body: impl AsyncFnOnce(&mut Line) -> T) -> T {
    let mut line = Line::open().await;
    let result = body(&mut line).await;
    line.close().await;
    result
}

async fn say_and_close(word: &str) -> Result<(), String> {
    let mut line = Line::open().await;
    line.say(word).await?; // Wrong: an error leaves it open.
    line.close().await;
    Ok(())
}

fn tell(said: Result<(), String>) {
    let outcome = said.err().unwrap_or("said".to_owned());
    println!("{outcome}, lines open: {}", OPEN.load(Relaxed));
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    tell(with_line(async |line| line.say("hello").await).await);
    tell(with_line(async |line| line.say("boo").await).await);

    print!("trap: close at the end: ");
    tell(say_and_close("boo").await);
}
