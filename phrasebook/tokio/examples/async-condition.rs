//! Wait until shared state is as one needs it, however often it changes before.
//!
//! - **Python:** `asyncio.Condition()`, `await condition.wait_for(predicate)`,
//!   `condition.notify_all()`
//! - **Rust:** none in tokio; a `watch` holds the state, and `wait_for` waits for it
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync,time`
//!
//! ```console
//! $ cargo run --example async-condition
//! baked: 1
//! baked: 2
//! baked: 3
//! the shop opens with 3 loaves
//! 0 loaves are left
//! trap: changed() waits for a fourth loaf, though 3 are there
//! ```
//!
//! **Trap:** `changed()` waits for news and does not ask whether what is there will do:
//! it is `condition.wait()` without the `while` around it. `wait_for` looks first, but
//! locks nothing for what follows: where several take, count with a `Semaphore`.
//!
//! Neighbours: `async-event-clear`, `async-lock`, `async-semaphore`.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::timeout;

async fn bake(shelf: watch::Sender<u32>) {
    for loaf in 1..=3 {
        yield_now().await; // The oven takes its time.
        println!("baked: {loaf}");
        shelf.send_modify(|loaves| *loaves += 1); // It changes, and everyone is notified.
    }
}

#[tokio::main]
async fn main() {
    let (shelf, mut shop) = watch::channel(0);
    let baker = tokio::spawn(bake(shelf.clone()));

    // A copy, not the reference that `wait_for` gives: that one keeps the shelf locked.
    let loaves = *shop.wait_for(|&loaves| loaves >= 3).await.unwrap();
    println!("the shop opens with {loaves} loaves");
    baker.await.unwrap();
    shelf.send_modify(|loaves| *loaves -= 3);
    println!("{} loaves are left", *shelf.borrow());

    // Wrong: what was there when the receiver came is no change.
    shelf.send_replace(3);
    let mut late = shelf.subscribe();
    if timeout(Duration::from_millis(50), late.changed())
        .await
        .is_err()
    {
        println!(
            "trap: changed() waits for a fourth loaf, though {} are there",
            *late.borrow()
        );
    }
}
