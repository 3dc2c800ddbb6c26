//! Cancel the tasks that are no longer needed, and go on when they have really ended.
//!
//! - **Python:** `task.cancel()` for each of `pending`; then
//!   `await asyncio.gather(*pending, return_exceptions=True)`
//! - **Rust:** `JoinSet::shutdown().await`
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example cancel-pending
//! found by crew 1
//! all home: 0 crews out
//! trap: the set dropped: 2 crews out
//! ```
//!
//! **Trap:** to drop a `JoinSet` aborts its tasks too, but waits for none: their
//! destructors may run later, even while what they need is being taken down.
//!
//! Neighbours: `async-wait-first-completed`, `task-cancel`, `task-group`, `all-tasks`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::{task::JoinSet, time::sleep};

static OUT: AtomicUsize = AtomicUsize::new(0);

struct Crew(u64);

impl Crew {
    fn leave(number: u64) -> Self {
        OUT.fetch_add(1, Relaxed);
        Self(number)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        OUT.fetch_sub(1, Relaxed);
    }
}

async fn search(number: u64) -> u64 {
    let crew = Crew::leave(number);
    sleep(Duration::from_hours(crew.0)).await;
    crew.0
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut crews: JoinSet<_> = (1..=3).map(search).collect();
    if let Some(Ok(number)) = crews.join_next().await {
        println!("found by crew {number}");
    }
    crews.shutdown().await;
    println!("all home: {} crews out", OUT.load(Relaxed));

    // Wrong, if what follows relies on their clean-up.
    let mut crews: JoinSet<_> = (1..=3).map(search).collect();
    crews.join_next().await;
    drop(crews);
    println!("trap: the set dropped: {} crews out", OUT.load(Relaxed));
}
