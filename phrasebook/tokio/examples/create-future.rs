//! Future that other code completes: one end sets the value, the other awaits it.
//!
//! - **Python:** `asyncio.get_running_loop().create_future()`, `await future`;
//!   `Future.set_result`: a second call raises `InvalidStateError`
//! - **Rust:** `oneshot::channel()`: a sender that sends once, a receiver to await. No
//!   loop is needed; for the running loop there is `Handle::current()`
//! - **Needs:** `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example create-future
//! the answer: yes
//! cancelled before it was set: "no" was not delivered
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
    drop(answer); // In place of `cancel`. The sender can ask `is_closed`.
    if let Err(value) = sender.send("no") {
        println!("cancelled before it was set: {value:?} was not delivered");
    }

    // Wrong: the task drops its sender unused, as it does after an error or a panic.
    let (sender, answer) = oneshot::channel::<&str>();
    tokio::spawn(async { drop(sender) });
    match answer.await {
        Ok(value) => println!("trap: sender dropped: {value}"),
        Err(error) => println!("trap: sender dropped: {error}"),
    }
    Ok(())
}
