//! Bounded async queue: the sender waits while it is full.
//!
//! - **Python:** `asyncio.Queue(maxsize=2)`, `await queue.put(item)`,
//!   `await queue.get()`, `put_nowait`, `get_nowait`, `QueueFull`, `QueueEmpty`
//! - **Rust:** `tokio::sync::mpsc::channel`: `send`, `recv`, `try_send`, `try_recv`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example async-queue
//! the queue is full: no room for tea
//! cooked: soup
//! cooked: fish
//! cooked: cake
//! cooked in all: 3
//! trap: channel(0) panics: mpsc bounded channel requires buffer > 0
//! ```
//!
//! **Trap:** `Queue(0)` has no limit, but `channel(0)` panics. Without a limit there is
//! `unbounded_channel()`. And a channel has many senders, but only one receiver.
//!
//! Neighbours: `async-queue-workers`, `async-queue-shutdown`, `async-queue-join`,
//! `async-broadcast`.

use std::panic;

use tokio::sync::mpsc::{self, error::TrySendError};

#[tokio::main]
async fn main() {
    let (sender, mut receiver) = mpsc::channel(2);
    sender.send("soup").await.expect("the receiver is there");
    sender.send("fish").await.expect("the receiver is there");
    if let Err(TrySendError::Full(dish)) = sender.try_send("tea") {
        println!("the queue is full: no room for {dish}"); // The error gives it back.
    }

    let cook = tokio::spawn(async move {
        let mut cooked = 0;
        // Ends when the last sender is dropped: you need not send `None` at the end.
        while let Some(dish) = receiver.recv().await {
            println!("cooked: {dish}");
            cooked += 1;
        }
        cooked
    });
    sender.send("cake").await.expect("the receiver is there"); // Waits for room.
    drop(sender);
    let cooked = cook.await.expect("the task does not panic");
    println!("cooked in all: {cooked}");

    // Wrong: zero does not mean "no limit".
    panic::set_hook(Box::new(|_| {})); // The message is printed below instead.
    let panicked = panic::catch_unwind(|| mpsc::channel::<&str>(0)).unwrap_err();
    let message = panicked.downcast_ref::<&str>().unwrap_or(&"no message");
    println!("trap: channel(0) panics: {message}");
}
