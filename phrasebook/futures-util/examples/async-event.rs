//! Async event: tasks wait until something has happened, once and for all.
//!
//! - **Python:** `asyncio.Event()`, `event.set()`, `event.is_set()`, `await event.wait()`
//! - **Rust:** `tokio::sync::SetOnce`, which can also carry a value
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt-multi-thread,sync,time`
//!
//! ```console
//! $ cargo run --example async-event
//! the door is closed
//! Ada came in at 9
//! Ben came in at 9
//! Eve came in at 9
//! the door is open
//! trap: 3 futures wait for a Notify, notify_one wakes 1
//! ```
//!
//! **Trap:** a `Notify` looks like an event, but has no state. `notify_one` wakes one
//! task. `notify_waiters` wakes all that wait now; a task that comes later waits for the
//! next call.
//!
//! Neighbours: `async-event-clear`, `async-condition`, `async-barrier`.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{Notify, SetOnce};
use tokio::time::timeout;

async fn customer(name: &str, door: Arc<SetOnce<u32>>) -> String {
    let hour = door.wait().await;
    format!("{name} came in at {hour}")
}

fn state(door: &SetOnce<u32>) -> &str {
    if door.initialized() { "open" } else { "closed" }
}

#[tokio::main]
async fn main() {
    let door = Arc::new(SetOnce::new());
    let customers = ["Ada", "Ben"].map(|name| tokio::spawn(customer(name, door.clone())));
    println!("the door is {}", state(&door));
    door.set(9).expect("it is set only once");
    for task in customers {
        println!("{}", task.await.expect("the task does not panic"));
    }
    println!("{}", customer("Eve", door.clone()).await); // It is set: no waiting.
    println!("the door is {}", state(&door));

    // Wrong: a Notify holds one permit, not a state. The first that waits takes it.
    let bell = Notify::new();
    bell.notify_one();
    let waiting = (0..3).map(|_| timeout(Duration::from_millis(50), bell.notified()));
    let results = join_all(waiting).await;
    let woken = results.iter().filter(|result| result.is_ok()).count();
    println!("trap: 3 futures wait for a Notify, notify_one wakes {woken}");
}
