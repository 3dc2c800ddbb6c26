//! Hand things from one task to another, and make the giver wait when too many lie about.
//!
//! - **Python:** `asyncio.Queue(maxsize=2)`, `await queue.put(item)`,
//!   `await queue.get()`, `put_nowait`, `QueueFull`
//! - **Rust:** `tokio::sync::mpsc::channel`: `send`, `recv`, `try_send`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example async-queue
//! no room for tea
//! cooked: soup
//! cooked: fish
//! cooked: cake
//! cooked in all: 3
//! trap: channel(0): mpsc bounded channel requires buffer > 0
//! ```
//!
//! **Trap:** `Queue(0)` is without bounds, `channel(0)` panics: what has no bounds is
//! `unbounded_channel()`. And many may send, but there is one receiver only.
//!
//! Neighbours: `async-queue-workers`, `async-queue-shutdown`, `async-queue-join`.

use std::panic;

use tokio::sync::mpsc::{self, error::TrySendError};

#[tokio::main]
async fn main() {
    let (waiter, mut kitchen) = mpsc::channel(2);
    waiter.send("soup").await.unwrap();
    waiter.send("fish").await.unwrap();
    if let Err(TrySendError::Full(dish)) = waiter.try_send("tea") {
        println!("no room for {dish}"); // The item comes back with the error.
    }

    let cook = tokio::spawn(async move {
        let mut cooked = 0;
        // Ends when the last sender is gone, so no `None` has to be put as the last item.
        while let Some(dish) = kitchen.recv().await {
            println!("cooked: {dish}");
            cooked += 1;
        }
        cooked
    });
    waiter.send("cake").await.unwrap(); // Waits until there is room.
    drop(waiter);
    println!("cooked in all: {}", cook.await.unwrap());

    // Wrong: zero is not "as many as you like".
    panic::set_hook(Box::new(|_| {})); // The panic is told below.
    let panicked = panic::catch_unwind(|| mpsc::channel::<&str>(0)).unwrap_err();
    let words = panicked.downcast_ref::<&str>().unwrap_or(&"panicked");
    println!("trap: channel(0): {words}");
}
