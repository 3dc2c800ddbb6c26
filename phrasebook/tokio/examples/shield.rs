//! Protect what must not stop half-way from the cancellation of its caller.
//!
//! - **Python:** `await asyncio.shield(task)`
//! - **Rust:** `tokio::spawn`, and await the handle: who awaits is cancelled, not the
//!   task
//! - **Needs:** `cargo add tokio -F rt,time,test-util`
//!
//! ```console
//! $ cargo run --example shield
//! the customer has left
//! charged 1, booked 1
//! trap: not spawned: charged 2, booked 1
//! trap: the runtime ended: charged 3, booked 1
//! ```
//!
//! **Trap:** only a task is shielded: a plain future is dropped with its caller,
//! between any two awaits. And no shield outlives the runtime: await the handle before
//! `main` returns.
//!
//! Neighbours: `create-task`, `timeout`, `asyncio-run`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::{io, time::Duration};

use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

static CHARGED: AtomicUsize = AtomicUsize::new(0);
static BOOKED: AtomicUsize = AtomicUsize::new(0);
const PATIENCE: Duration = Duration::from_secs(1);

fn tell(what: &str) {
    println!(
        "{what}charged {}, booked {}",
        CHARGED.load(Relaxed),
        BOOKED.load(Relaxed)
    );
}

async fn pay() {
    CHARGED.fetch_add(1, Relaxed);
    sleep(Duration::from_secs(5)).await; // The bank is slow.
    BOOKED.fetch_add(1, Relaxed);
}

fn main() -> io::Result<()> {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    runtime.block_on(async {
        let mut payment = tokio::spawn(pay());
        if timeout(PATIENCE, &mut payment).await.is_err() {
            println!("the customer has left");
        }
        payment.await.expect("paying does not panic");
        tell("");

        // Wrong: the future goes with the customer.
        let _ = timeout(PATIENCE, pay()).await;
        sleep(Duration::from_secs(5)).await;
        tell("trap: not spawned: ");

        // Wrong: the last one to leave does not wait for the payment.
        let _ = timeout(PATIENCE, tokio::spawn(pay())).await;
    });
    drop(runtime);
    tell("trap: the runtime ended: ");
    Ok(())
}
