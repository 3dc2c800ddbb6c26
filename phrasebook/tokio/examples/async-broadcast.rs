//! Broadcast: one message to every consumer (publish and subscribe).
//!
//! - **Python:** an `asyncio.Queue` for each consumer, and `put` into all of them
//! - **Rust:** `broadcast::channel(n)`, with `n` rounded up to a power of 2, and
//!   `Sender::subscribe` for each consumer. If only the newest value counts: `watch`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example async-broadcast
//! radio: kick-off, goal, whistle
//! screen: kick-off, goal, whistle
//! late: (1 lost), goal, whistle
//! trap: while let Ok ended at the lost message, 0 of the other 2 received
//! ```
//!
//! In Python: `late: kick-off, goal, whistle` for `late: (1 lost), goal, whistle`.
//!
//! **Trap:** `send` never waits. A receiver that is more than `n` messages behind loses the
//! oldest ones: its next `recv` gives `Err(Lagged(lost))`, and the one after it goes on.
//! `while let Ok(..)` stops there. And `send` is an error if there is no receiver.
//!
//! Neighbours: `async-queue`, `async-queue-workers`, `async-event-clear`.

use tokio::sync::broadcast::{Receiver, channel, error::RecvError};
use tokio::task::JoinError;

const NEWS: [&str; 3] = ["kick-off", "goal", "whistle"];

async fn listen(mut receiver: Receiver<&'static str>) -> String {
    let mut heard = Vec::new();
    loop {
        match receiver.recv().await {
            Ok(message) => heard.push(message.to_owned()),
            Err(RecvError::Lagged(lost)) => heard.push(format!("({lost} lost)")),
            Err(RecvError::Closed) => break, // All senders are dropped.
        }
    }
    heard.join(", ")
}

#[tokio::main]
async fn main() -> Result<(), JoinError> {
    // A receiver gets what is sent after it was made: subscribe before you spawn.
    let (sender, receiver) = channel(16);
    let radio = tokio::spawn(listen(receiver));
    let screen = tokio::spawn(listen(sender.subscribe()));
    for message in NEWS {
        sender.send(message).expect("both tasks have a receiver");
    }
    drop(sender); // It ends the loops of the tasks.
    println!("radio: {}", radio.await?);
    println!("screen: {}", screen.await?);

    let (sender, receiver) = channel(2); // Room for 2 messages.
    let mut careless = sender.subscribe();
    for message in NEWS {
        sender.send(message).expect("there are two receivers");
    }
    drop(sender);
    println!("late: {}", listen(receiver).await);

    // Wrong: `Lagged` is not the end.
    let mut heard = 0;
    while let Ok(_message) = careless.recv().await {
        heard += 1;
    }
    println!(
        "trap: while let Ok ended at the lost message, {heard} of the other 2 received"
    );
    Ok(())
}
