//! Promise a value now, and let somebody else fill it in later.
//!
//! - **Python:** `loop.create_future()`, `future.set_result(value)`, `await future`
//! - **Rust:** `oneshot::channel()`: one end to fill in, one to await
//! - **Needs:** `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example create-future
//! the answer: yes
//! nobody waits: no was not delivered
//! trap: sender dropped: channel closed
//! ```
//!
//! **Trap:** a future whose owner is gone stays pending for ever in Python. Here the
//! wait ends with an error when the sender is dropped, so `unwrap` on it may panic.
//!
//! Neighbours: `call-soon-threadsafe`, `run-in-executor`, `create-task`.

use tokio::sync::oneshot;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (reply, answer) = oneshot::channel();
    tokio::spawn(async { reply.send("yes") });
    println!("the answer: {}", answer.await.unwrap_or("none"));

    let (reply, answer) = oneshot::channel();
    drop(answer); // Cancelled: the other end can see it, by `is_closed` or when it sends.
    if let Err(value) = reply.send("no") {
        println!("nobody waits: {value} was not delivered");
    }

    // Wrong: the task ends early, by an error or a panic, and its promise with it.
    let (reply, answer) = oneshot::channel::<&str>();
    tokio::spawn(async { drop(reply) });
    match answer.await {
        Ok(value) => println!("trap: sender dropped: {value}"),
        Err(error) => println!("trap: sender dropped: {error}"),
    }
}
