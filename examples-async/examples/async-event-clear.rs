//! Open and close a gate that tasks wait at, as often as one likes.
//!
//! - **Python:** `asyncio.Event()` with `event.set()` and `event.clear()`
//! - **Rust:** `tokio::sync::watch` of a `bool`, and `wait_for`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync,time`
//!
//! ```console
//! $ cargo run --example async-event-clear
//! the red car crosses
//! a ship passes
//! the blue car crosses
//! trap: notify_waiters, and a car that comes later still waits after 50 ms
//! ```
//!
//! **Trap:** `Notify::notify_waiters` wakes those who wait already and leaves nothing for
//! whoever is about to: the wake-up is lost. A `watch` keeps the state, so nobody misses
//! it.
//!
//! Neighbours: `async-event`, `async-condition`.

use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::timeout;

async fn cross(car: &str, mut bridge: watch::Receiver<bool>) {
    bridge
        .wait_for(|&down| down)
        .await
        .expect("the bridge is there");
    println!("the {car} car crosses");
}

#[tokio::main]
async fn main() {
    let (bridge, road) = watch::channel(false);
    // `send_replace` and not `send`, which fails when no receiver is left.
    bridge.send_replace(true);
    cross("red", road.clone()).await;

    bridge.send_replace(false);
    let blue = tokio::spawn(cross("blue", road));
    println!("a ship passes");
    bridge.send_replace(true);
    blue.await.unwrap();

    // Wrong: the bridge is down, but only those who waited were told.
    let bridge = Notify::new();
    bridge.notify_waiters();
    let patience = Duration::from_millis(50);
    if timeout(patience, bridge.notified()).await.is_err() {
        println!(
            "trap: notify_waiters, and a car that comes later still waits after 50 ms"
        );
    }
}
