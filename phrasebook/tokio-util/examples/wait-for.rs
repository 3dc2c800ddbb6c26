//! Timeout with clean-up: cancel a task at its limit, and wait until it has ended.
//!
//! - **Python:** `asyncio.wait_for(f(), timeout)`
//! - **Rust:** `timeout(limit, &mut handle)`; then cancel by token, and await the
//!   handle
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`, `cargo add tokio-util`
//!
//! ```console
//! $ cargo run --example wait-for
//! clean-up: table released
//! too late, 0 tables reserved
//! trap: timeout alone: clean-up never ran, 1 table reserved
//! ```
//!
//! **Trap:** `wait_for` returns only when the cancelled task has ended, after all
//! awaits of its clean-up. `timeout` drops its future at the `.await` where it stands:
//! clean-up after that `.await` never runs.
//!
//! Neighbours: `timeout`, `cancel-cleanup`, `task-cancel`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

const LIMIT: Duration = Duration::from_secs(10);
static RESERVED: AtomicUsize = AtomicUsize::new(0); // Only to show what happens.

async fn pay() -> &'static str {
    sleep(Duration::from_hours(1)).await;
    "paid"
}

async fn reserve(cancelled: CancellationToken) -> &'static str {
    RESERVED.fetch_add(1, Relaxed);
    // `None` after a cancellation: it drops `pay()`, and this function goes on.
    let paid = cancelled.run_until_cancelled(pay()).await;
    if paid.is_none() {
        sleep(Duration::from_secs(1)).await; // Clean-up that has to wait.
        RESERVED.fetch_sub(1, Relaxed);
        println!("clean-up: table released");
    }
    paid.unwrap_or("too late")
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let cancel = CancellationToken::new();
    let mut table = tokio::spawn(reserve(cancel.clone()));
    let ended = match timeout(LIMIT, &mut table).await {
        Ok(ended) => ended,
        Err(_) => {
            cancel.cancel();
            table.await // Its result counts even if it comes after the limit.
        }
    };
    let result = ended.expect("the task does not panic");
    println!("{result}, {} tables reserved", RESERVED.load(Relaxed));

    // Wrong if the clean-up has to await.
    let table = reserve(CancellationToken::new());
    if timeout(LIMIT, table).await.is_err() {
        println!(
            "trap: timeout alone: clean-up never ran, {} table reserved",
            RESERVED.load(Relaxed)
        );
    }
}
