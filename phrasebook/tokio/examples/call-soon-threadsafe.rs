//! Callback from another thread: run it on the event loop, without waiting for an answer.
//!
//! - **Python:** `loop.call_soon_threadsafe(callback, *args)`; on the loop's own thread
//!   `loop.call_soon(callback, *args)`
//! - **Rust:** `handle.spawn(async move { callback(args) })`; in async code
//!   `tokio::spawn`; to hand over values, a tokio channel, which every thread may use
//! - **Needs:** `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example call-soon-threadsafe
//! sensor started
//! 20 degrees
//! 21 degrees
//! 23 degrees
//! trap: blocking_send inside async code: the task panicked
//! ```
//!
//! **Trap:** a thread sends with `blocking_send`, async code with `send(..).await`:
//! `blocking_send` inside async code panics. Spawned callbacks have no fixed order;
//! Python's run in the order of the calls. Where order matters, send on one channel.
//!
//! Neighbours: `run-coroutine-threadsafe`, `create-future`, `blocking-sleep`.

use std::{panic, thread};

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // A callback: the thread does not wait for it.
    let handle = Handle::current();
    let (started, has_started) = oneshot::channel();
    thread::spawn(move || {
        handle.spawn(async move {
            println!("sensor started");
            started.send(())
        });
    });
    has_started.await.expect("the callback sends");

    // Values, in order.
    let (sensor, mut readings) = mpsc::channel(1);
    thread::spawn(move || {
        for degrees in [20, 21, 23] {
            // Blocks while the channel is full; an unbounded one has a plain `send`.
            sensor.blocking_send(degrees).expect("main receives");
        }
    });
    while let Some(degrees) = readings.recv().await {
        println!("{degrees} degrees");
    }

    // Wrong: a task calls `blocking_send`, which is for threads.
    panic::set_hook(Box::new(|_| ())); // The panic is reported below instead.
    let (sensor, _readings) = mpsc::channel(1);
    let task = tokio::spawn(async move { sensor.blocking_send(20) });
    let outcome = match task.await {
        Ok(_) => "sent",
        Err(_) => "the task panicked",
    };
    println!("trap: blocking_send inside async code: {outcome}");
}
