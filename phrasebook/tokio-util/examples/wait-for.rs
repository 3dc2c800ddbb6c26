//! Wait for a task up to a limit, then cancel it and wait until it has cleaned up.
//!
//! - **Python:** `asyncio.wait_for(f(), timeout)`
//! - **Rust:** `timeout(limit, &mut handle)`; then cancel by token, and await the
//!   handle
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`, `cargo add tokio-util`
//!
//! ```console
//! $ cargo run --example wait-for
//! table 4: reserved
//! table 4: given back
//! too late, 0 tables taken
//! trap: table 5: reserved
//! trap: timeout alone: too late, 1 table taken
//! ```
//!
//! **Trap:** `wait_for` returns only when what it cancelled has really ended, awaits of
//! its clean-up included. `timeout` drops it at its `.await`: such clean-up never runs.
//!
//! Neighbours: `timeout`, `cancel-cleanup`, `task-cancel`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

const LIMIT: Duration = Duration::from_secs(10);
static TAKEN: AtomicUsize = AtomicUsize::new(0);

async fn pay() -> &'static str {
    sleep(Duration::from_hours(1)).await;
    "paid"
}

async fn reserve(table: &str, cancelled: CancellationToken) -> &'static str {
    TAKEN.fetch_add(1, Relaxed);
    println!("{table}: reserved");
    // None if the token came first: paying is then dropped, this function goes on.
    let paid = cancelled.run_until_cancelled(pay()).await;
    if paid.is_none() {
        sleep(Duration::from_secs(1)).await; // The restaurant is told.
        TAKEN.fetch_sub(1, Relaxed);
        println!("{table}: given back");
    }
    paid.unwrap_or("too late")
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let cancel = CancellationToken::new();
    let mut table = tokio::spawn(reserve("table 4", cancel.clone()));
    let ended = match timeout(LIMIT, &mut table).await {
        Ok(ended) => ended,
        Err(_) => {
            cancel.cancel();
            table.await // What the task says last counts, as in Python.
        }
    };
    println!("{}, {} tables taken", ended.unwrap(), TAKEN.load(Relaxed));

    // Wrong, where clean-up has to await.
    let table = reserve("trap: table 5", CancellationToken::new());
    let ended = timeout(LIMIT, table).await.unwrap_or("too late");
    println!(
        "trap: timeout alone: {ended}, {} table taken",
        TAKEN.load(Relaxed)
    );
}
