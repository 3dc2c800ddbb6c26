//! Shield a task from the cancellation of its caller.
//!
//! - **Python:** `await asyncio.shield(task)`
//! - **Rust:** `tokio::spawn`, and await `&mut handle`: a timeout then drops the
//!   reference, not the task
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example shield
//! the caller has timed out
//! charged 1, booked 1
//! trap: not spawned, dropped half-way: charged 2, booked 1
//! ```
//!
//! **Trap:** only a task is shielded. A plain future is dropped with its caller, at
//! the `.await` that it has reached. As in Python, no task outlives the event loop: await
//! the handle before `main` returns.
//!
//! Neighbours: `create-task`, `timeout`, `asyncio-run`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::{sleep, timeout};

// Only to show what happens.
static CHARGED: AtomicUsize = AtomicUsize::new(0);
static BOOKED: AtomicUsize = AtomicUsize::new(0);

const LIMIT: Duration = Duration::from_secs(1);

async fn pay() {
    CHARGED.fetch_add(1, Relaxed);
    sleep(Duration::from_secs(5)).await; // The bank is slow.
    BOOKED.fetch_add(1, Relaxed);
}

fn counts() -> String {
    let charged = CHARGED.load(Relaxed);
    let booked = BOOKED.load(Relaxed);
    format!("charged {charged}, booked {booked}")
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut payment = tokio::spawn(pay());
    match timeout(LIMIT, &mut payment).await {
        Ok(paid) => paid.expect("the task does not panic"),
        Err(_) => {
            println!("the caller has timed out");
            payment.await.expect("the task does not panic");
        }
    }
    println!("{}", counts());

    // Wrong: the timeout drops the future itself.
    let _ = timeout(LIMIT, pay()).await;
    sleep(Duration::from_secs(10)).await; // Enough to book, if it still ran.
    println!("trap: not spawned, dropped half-way: {}", counts());
}
