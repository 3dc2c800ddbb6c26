//! Open things one after another, as many as it takes, and close them in reverse.
//!
//! - **Python:** `contextlib.AsyncExitStack`, `push_async_callback`
//! - **Rust:** a `Vec` of boxed futures, awaited from its end; for plain clean-up,
//!   `Drop`
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example async-exit-stack
//! open the gate
//! open the door
//! say good night
//! close the door
//! close the gate
//! trap: a Vec dropped: the gate
//! trap: a Vec dropped: the door
//! ```
//!
//! **Trap:** variables are dropped in reverse, but the elements of a `Vec` and the
//! fields of a struct from first to last. And a `?` before the loop passes over all of
//! these exits: see `async-with`.
//!
//! Neighbours: `async-with`, `cancel-cleanup`.

use futures_util::{FutureExt, future::BoxFuture};
use tokio::task::yield_now;

async fn close(what: &str) {
    yield_now().await; // It takes its time.
    println!("close the {what}");
}

struct Lock(&'static str);

impl Drop for Lock {
    fn drop(&mut self) {
        println!("trap: a Vec dropped: the {}", self.0);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut exits: Vec<BoxFuture<'_, ()>> = Vec::new();
    for what in ["gate", "door"] {
        println!("open the {what}");
        exits.push(close(what).boxed()); // Futures are lazy: nothing closes yet.
    }
    exits.push(async { println!("say good night") }.boxed());
    while let Some(exit) = exits.pop() {
        exit.await;
    }

    // Wrong: in the order of opening.
    drop(vec![Lock("gate"), Lock("door")]);
}
