//! Future that other code completes: one end sets the value, the other awaits it.
//!
//! - **Python:** `asyncio.get_running_loop().create_future()`, `await future`;
//!   `Future.set_result`: a second call raises `InvalidStateError`
//! - **Rust:** `oneshot::channel()`: a sender that sends once, a receiver to await. No
//!   loop is needed; the running one would be `Handle::current()`
//! - **Needs:** `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example create-future
//! the answer: yes
//! cancelled before: the value no was not delivered
//! trap: sender dropped: channel closed
//! ```
//!
//! **Trap:** a future that no code completes any more stays pending for ever in Python.
//! Here the wait ends with an error when the sender is dropped, so `unwrap` on it may
//! panic. There is one receiver; for several take `tokio::sync::SetOnce`.
//!
//! Neighbours: `call-soon-threadsafe`, `run-in-executor`, `create-task`, `async-event`.

use tokio::sync::oneshot::{self, error::RecvError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RecvError> {
    let (sender, answer) = oneshot::channel();
    tokio::spawn(async { sender.send("yes") });
    println!("the answer: {}", answer.await?);

    let (sender, answer) = oneshot::channel();
    drop(answer); // The sender can see it, by `is_closed` or when it sends.
    if let Err(value) = sender.send("no") {
        println!("cancelled before: the value {value} was not delivered");
    }

    // Wrong: the task ends early, by an error or a panic, and drops its sender.
    let (sender, answer) = oneshot::channel::<&str>();
    tokio::spawn(async { drop(sender) });
    match answer.await {
        Ok(value) => println!("trap: sender dropped: {value}"),
        Err(error) => println!("trap: sender dropped: {error}"),
    }
    Ok(())
}
