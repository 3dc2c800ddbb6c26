//! `async with`: open something, use it, and close it with an await, even after an error.
//!
//! - **Python:** `async with connect() as connection:`; `contextlib.asynccontextmanager`,
//!   or `__aenter__` and `__aexit__`
//! - **Rust:** a function that takes the body as an async closure, and closes after it
//! - **Needs:** `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example async-with
//! sent, connections open: 0
//! boo refused, connections open: 0
//! trap: ? before close().await: boo refused, connections open: 1
//! ```
//!
//! **Trap:** there is no async destructor. Every `?` above a `close().await` skips it.
//! A panic, `abort` or `timeout` skips it even in the function that takes the closure:
//! in these cases only `Drop` runs.
//!
//! Neighbours: `async-exit-stack`, `cancel-cleanup`, `async-generator`, `async-method`,
//! `context-manager`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::task::yield_now;

/// A static only so that `main` can look at it afterwards.
static OPEN: AtomicUsize = AtomicUsize::new(0);

struct Connection;

impl Connection {
    async fn open() -> Self {
        OPEN.fetch_add(1, Relaxed);
        Self
    }

    async fn send(&mut self, word: &str) -> Result<(), String> {
        yield_now().await; // The network takes its time.
        if word == "boo" {
            Err(format!("{word} refused"))
        } else {
            Ok(())
        }
    }

    async fn close(self) {
        yield_now().await; // The other side answers.
        OPEN.fetch_sub(1, Relaxed);
    }
}

/// A `?` in `body` leaves only the closure: `close` still runs.
async fn with_connection<T>(body: impl AsyncFnOnce(&mut Connection) -> T) -> T {
    let mut connection = Connection::open().await;
    let result = body(&mut connection).await;
    connection.close().await;
    result
}

async fn send_and_close(word: &str) -> Result<(), String> {
    let mut connection = Connection::open().await;
    connection.send(word).await?; // Wrong: an error leaves it open.
    connection.close().await;
    Ok(())
}

fn report(sent: Result<(), String>) -> String {
    let outcome = sent.err().unwrap_or("sent".to_owned());
    format!("{outcome}, connections open: {}", OPEN.load(Relaxed))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for word in ["hello", "boo"] {
        let sent = with_connection(async |connection| connection.send(word).await).await;
        println!("{}", report(sent));
    }

    let sent = send_and_close("boo").await;
    println!("trap: ? before close().await: {}", report(sent));
}
