//! Let tasks wait until something has happened, once and for all.
//!
//! - **Python:** `asyncio.Event()`, `event.set()`, `event.is_set()`, `await event.wait()`
//! - **Rust:** `tokio::sync::SetOnce`, which can also carry what happened
//! - **Needs:** `cargo add futures-util`,
//!   `cargo add tokio -F macros,rt-multi-thread,sync,time`
//!
//! ```console
//! $ cargo run --example async-event
//! the door is open: false
//! Ada came in at 9
//! Ben came in at 9
//! Eve came in at 9
//! the door is open: true
//! trap: of 3 who waited for a Notify, notify_one let in 1
//! ```
//!
//! **Trap:** `Notify` looks like an event, and is none. `notify_one` lets a single one
//! pass, and whoever comes after `notify_waiters` waits for the next call.
//!
//! Neighbours: `async-event-clear`, `async-condition`, `async-barrier`.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{Notify, SetOnce};
use tokio::time::timeout;

static DOOR: SetOnce<u32> = SetOnce::const_new();

async fn customer(name: &str) -> String {
    let hour = DOOR.wait().await;
    format!("{name} came in at {hour}")
}

#[tokio::main]
async fn main() {
    let customers = ["Ada", "Ben"].map(|name| tokio::spawn(customer(name)));
    println!("the door is open: {}", DOOR.initialized());
    DOOR.set(9).expect("nobody else has the key");
    for customer in customers {
        println!("{}", customer.await.unwrap());
    }
    println!("{}", customer("Eve").await); // Whoever comes late need not wait.
    println!("the door is open: {}", DOOR.initialized());

    // Wrong: a Notify holds one permit, not a state.
    let bell = Notify::new();
    bell.notify_one();
    let customers = (0..3).map(|_| timeout(Duration::from_millis(50), bell.notified()));
    let ended = join_all(customers).await;
    let served = ended.iter().filter(|ended| ended.is_ok()).count();
    println!("trap: of 3 who waited for a Notify, notify_one let in {served}");
}
