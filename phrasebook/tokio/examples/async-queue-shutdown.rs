//! Async queue shutdown: the consumers drain the queue, then end.
//!
//! - **Python:** `queue.shutdown()`, `asyncio.QueueShutDown` (3.13)
//! - **Rust:** drop the last sender, or call `Receiver::close()`; for
//!   `shutdown(immediate=True)` drop the receiver
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync,time`
//!
//! ```console
//! $ cargo run --example async-queue-shutdown
//! too late for tea
//! cooked: soup
//! cooked: fish
//! the kitchen closes
//! trap: one sender is left, so recv() still waits after 50 ms
//! ```
//!
//! **Trap:** the queue ends with its *last* sender. If one clone is left somewhere, in a
//! struct or in `main`, the consumer waits for ever.
//!
//! Neighbours: `async-queue`, `async-queue-join`.

use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, error::SendError};
use tokio::time::timeout;

async fn cook(mut orders: Receiver<&str>) {
    while let Some(dish) = orders.recv().await {
        println!("cooked: {dish}");
    }
    println!("the kitchen closes");
}

#[tokio::main]
async fn main() {
    let (sender, mut orders) = mpsc::channel(8);
    sender.send("soup").await.expect("the queue is open");
    sender.send("fish").await.expect("the queue is open");
    orders.close();
    if let Err(SendError(dish)) = sender.send("tea").await {
        println!("too late for {dish}");
    }
    cook(orders).await;

    // The usual way needs no `close`: drop all senders, and then `recv` gives `None`.
    let (sender, mut orders) = mpsc::channel::<&str>(8);
    let forgotten = sender.clone();
    drop(sender);
    // Wrong: the clone is not dropped.
    let limit = Duration::from_millis(50);
    if timeout(limit, orders.recv()).await.is_err() {
        println!("trap: one sender is left, so recv() still waits after 50 ms");
    }
    drop(forgotten);
    assert_eq!(orders.recv().await, None, "no sender is left");
}
