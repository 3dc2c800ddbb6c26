//! Async condition variable: wait until shared state fits, then change it.
//!
//! - **Python:** `asyncio.Condition()`, `await condition.wait_for(predicate)`,
//!   `condition.wait()`, `condition.notify_all()`, `condition.notify()`
//! - **Rust:** none in tokio. A `watch` holds the state and notifies all waiting tasks.
//!   To wake one as `notify()` does: a std `Mutex` for the state and
//!   `Notify::notify_one`, with `Notified::enable` before the test
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example async-condition
//! 2 customers took 3 of 6 loaves each, 0 are left
//! trap: 2 customers saw the same 3 loaves and took 3 each, -3 are left
//! ```
//!
//! **Trap:** `wait_for` waits, but keeps no lock for your change: another task can change
//! the state first. Test and change it in one `send_if_modified`. And `changed()` waits
//! for the next change, even if the state fits already.
//!
//! Neighbours: `async-event-clear`, `async-lock`, `async-semaphore`.

use std::sync::Arc;

use tokio::sync::{Barrier, watch};
use tokio::task::JoinSet;

/// Waits until three loaves are there, and takes them.
async fn buy(shelf: watch::Sender<i32>) {
    let mut changes = shelf.subscribe(); // Before the test, so that no change is missed.
    loop {
        // No other task sees the state between the test and the change.
        let taken = shelf.send_if_modified(|loaves| {
            let is_enough = *loaves >= 3;
            if is_enough {
                *loaves -= 3;
            }
            is_enough
        });
        if taken {
            break;
        }
        changes.changed().await.expect("this task has a sender");
    }
}

async fn buy_wrongly(shelf: watch::Sender<i32>, both_have_seen: Arc<Barrier>) {
    let mut state = shelf.subscribe();
    let enough = state.wait_for(|&loaves| loaves >= 3).await;
    // A `Ref` is a read lock: if it is kept, `send_modify` below blocks for ever.
    drop(enough.expect("this task has a sender"));
    both_have_seen.wait().await;
    shelf.send_modify(|loaves| *loaves -= 3); // Wrong: the test is out of date.
}

#[tokio::main]
async fn main() {
    let shelf = watch::Sender::new(0);
    let mut customers = JoinSet::new();
    for _ in 0..2 {
        customers.spawn(buy(shelf.clone()));
    }
    for _ in 0..6 {
        shelf.send_modify(|loaves| *loaves += 1);
    }
    let count = customers.join_all().await.len();
    let left = *shelf.borrow();
    println!("{count} customers took 3 of 6 loaves each, {left} are left");

    shelf.send_replace(3);
    let both_have_seen = Arc::new(Barrier::new(2));
    let mut customers = JoinSet::new();
    for _ in 0..2 {
        customers.spawn(buy_wrongly(shelf.clone(), both_have_seen.clone()));
    }
    let count = customers.join_all().await.len();
    let left = *shelf.borrow();
    println!(
        "trap: {count} customers saw the same 3 loaves and took 3 each, {left} are left"
    );
}
