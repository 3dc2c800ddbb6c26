//! Open and close a gate that tasks wait at, as often as one likes.
//!
//! - **Python:** `asyncio.Event()` with `event.set()` and `event.clear()`
//! - **Rust:** `tokio::sync::watch` of a `bool`, and `wait_for`
//! - **Needs:** `cargo add tokio -F macros,rt,sync,time`
//!
//! ```console
//! $ cargo run --example async-event-clear
//! the red car crosses
//! a ship passes
//! the blue car crosses
//! trap: down for a moment: the waiting car crosses: false
//! trap: notify_waiters: a car that comes later crosses: false
//! ```
//!
//! **Trap:** Python's `set` lets in all who wait, even if `clear` follows at once. A
//! `watch` holds only the last state, and a task looks at it when its turn has come.
//! `Notify::notify_waiters` does wake all, and leaves nothing for whoever comes later.
//!
//! Neighbours: `async-event`, `async-condition`.

use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::yield_now;
use tokio::time::timeout;

async fn cross(car: &str, mut bridge: watch::Receiver<bool>) {
    bridge
        .wait_for(|&down| down)
        .await
        .expect("the bridge is there");
    println!("the {car} car crosses");
}

// One thread, as in asyncio, so that the cars go the same way each time.
#[tokio::main(flavor = "current_thread")]
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

    // Wrong: up again before the car has looked.
    let patience = Duration::from_millis(50);
    let (bridge, road) = watch::channel(false);
    let green = tokio::spawn(timeout(patience, cross("green", road)));
    yield_now().await; // It waits.
    bridge.send_replace(true);
    bridge.send_replace(false);
    let crosses = green.await.unwrap().is_ok();
    println!("trap: down for a moment: the waiting car crosses: {crosses}");

    // Wrong: the bridge is down, but only those who waited were told.
    let bridge = Notify::new();
    bridge.notify_waiters();
    let crosses = timeout(patience, bridge.notified()).await.is_ok();
    println!("trap: notify_waiters: a car that comes later crosses: {crosses}");
}
