//! Tell the event loop something from a plain thread, without waiting for an answer.
//!
//! - **Python:** `loop.call_soon_threadsafe(callback, *args)`
//! - **Rust:** send on a tokio channel: every sender may be used in any thread, and
//!   wakes the task that receives
//! - **Needs:** `cargo add tokio -F macros,rt,sync`
//!
//! ```console
//! $ cargo run --example call-soon-threadsafe
//! 20 degrees
//! 21 degrees
//! 23 degrees
//! trap: std's receiver: timed out waiting on channel, as the sender never ran
//! ```
//!
//! **Trap:** the receiver must be tokio's: `recv` of std's channel blocks the thread on
//! which the sending task might be waiting to run.
//!
//! Neighbours: `run-coroutine-threadsafe`, `create-future`, `blocking-sleep`.

use std::{sync::mpsc as std_mpsc, thread, time::Duration};

use tokio::sync::mpsc;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (sensor, mut readings) = mpsc::channel(1);
    let thread = thread::spawn(move || {
        for degrees in [20, 21, 23] {
            // Blocks while the channel is full; an unbounded one has a plain `send`.
            sensor.blocking_send(degrees).expect("somebody reads");
        }
    });
    while let Some(degrees) = readings.recv().await {
        println!("{degrees} degrees");
    }
    thread.join().expect("the sensor does not panic");

    // Wrong: a task sends, but its thread is held by the receiver.
    let (sensor, readings) = std_mpsc::channel();
    tokio::spawn(async move { sensor.send(20) });
    match readings.recv_timeout(Duration::from_millis(50)) {
        Ok(degrees) => println!("trap: std's receiver: {degrees} degrees"),
        Err(error) => println!("trap: std's receiver: {error}, as the sender never ran"),
    }
}
