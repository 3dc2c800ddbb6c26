//! Async event with `clear`: a gate for tasks that opens and closes again.
//!
//! - **Python:** `asyncio.Event()` with `event.set()` and `event.clear()`
//! - **Rust:** `tokio::sync::watch` of a `bool`, and `wait_for`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync,time`
//!
//! ```console
//! $ cargo run --example async-event-clear
//! the red car crosses
//! the blue car waits
//! a ship passes
//! the blue car crosses
//! trap: opened and closed again immediately: the waiting task still waits
//! trap: notify_waiters was called: a task that comes later still waits
//! ```
//!
//! **Trap:** Python's `set` lets all waiting tasks through, even if `clear` follows
//! immediately. A `watch` holds only the last state: a waiting task never sees a short
//! `true`. `Notify::notify_waiters` wakes all that wait now, and keeps no state.
//!
//! Neighbours: `async-event`, `async-condition`.

use std::pin::pin;
use std::time::Duration;

use tokio::sync::{Notify, oneshot, watch};
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_millis(50);

async fn cross(car: &str, mut road: watch::Receiver<bool>) {
    let open = road.wait_for(|&is_open| is_open).await;
    open.expect("the sender is not dropped");
    println!("the {car} car crosses");
}

#[tokio::main]
async fn main() {
    let (bridge, road) = watch::channel(false);
    // `send_replace` and not `send`, which fails when no receiver is left.
    bridge.send_replace(true);
    cross("red", road.clone()).await;

    bridge.send_replace(false);
    let (arrive, arrived) = oneshot::channel();
    let blue = tokio::spawn(async move {
        println!("the blue car waits");
        arrive.send(()).expect("main listens");
        cross("blue", road).await;
    });
    arrived.await.expect("the task says that it is there");
    println!("a ship passes");
    bridge.send_replace(true);
    blue.await.expect("the task does not panic");

    // Wrong: closed again before the waiting task has looked.
    let (bridge, mut road) = watch::channel(false);
    let mut waiting = pin!(road.wait_for(|&is_open| is_open));
    let too_early = timeout(LIMIT, &mut waiting).await;
    assert!(too_early.is_err(), "the bridge is closed");
    bridge.send_replace(true);
    bridge.send_replace(false);
    if timeout(LIMIT, waiting).await.is_err() {
        println!(
            "trap: opened and closed again immediately: the waiting task still waits"
        );
    }

    // Wrong: a Notify keeps no state.
    let bridge = Notify::new();
    bridge.notify_waiters();
    if timeout(LIMIT, bridge.notified()).await.is_err() {
        println!("trap: notify_waiters was called: a task that comes later still waits");
    }
}
