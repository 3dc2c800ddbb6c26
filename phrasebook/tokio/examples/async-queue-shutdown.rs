//! Close a queue: what is in it is still dealt with, then its consumers end.
//!
//! - **Python:** `queue.shutdown()`, `asyncio.QueueShutDown` (3.13)
//! - **Rust:** drop the last sender, or from the other end `Receiver::close()`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync,time`
//!
//! ```console
//! $ cargo run --example async-queue-shutdown
//! too late for tea
//! cooked: soup
//! cooked: fish
//! the kitchen closes
//! trap: a sender was kept, and the kitchen still waits after 50 ms
//! ```
//!
//! **Trap:** the queue ends with its *last* sender. One clone kept somewhere, in a struct
//! or in `main`, and the consumer waits for ever.
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
    let (waiter, mut orders) = mpsc::channel(8);
    waiter.send("soup").await.unwrap();
    waiter.send("fish").await.unwrap();
    orders.close();
    if let Err(SendError(dish)) = waiter.send("tea").await {
        println!("too late for {dish}");
    }
    cook(orders).await;

    // The usual way needs no call at all: senders go, and the loop ends.
    let (waiter, mut orders) = mpsc::channel::<&str>(8);
    let colleague = waiter.clone();
    drop(waiter);
    // Wrong: the colleague is forgotten.
    if timeout(Duration::from_millis(50), orders.recv())
        .await
        .is_err()
    {
        println!("trap: a sender was kept, and the kitchen still waits after 50 ms");
    }
    drop(colleague);
    assert_eq!(orders.recv().await, None);
}
