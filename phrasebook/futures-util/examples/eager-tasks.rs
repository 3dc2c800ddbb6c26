//! Eager task: run async code immediately, and start a task only if it has to wait.
//!
//! - **Python:** `loop.set_task_factory(asyncio.eager_task_factory)`,
//!   `asyncio.create_eager_task_factory` (3.12), `create_task(f(), eager_start=True)`
//!   (3.14)
//! - **Rust:** no such option: `tokio::spawn` never runs the task inside the call; poll
//!   once with `now_or_never`, and spawn the future if it is not ready
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example eager-tasks
//! stored.example: ready without a task: a stored page
//! new.example: fetched by a task: a new page
//! trap: now_or_never by value: 1 request sent, its answer lost
//! ```
//!
//! **Trap:** `now_or_never` consumes the future. If the future is not ready, it is
//! dropped in the middle of its work. Pass `&mut future`, and spawn it afterwards.
//!
//! Neighbours: `create-task`, `lazy-futures`, `sleep-zero`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures_util::FutureExt;
use tokio::task::yield_now;

/// For this page only: counts the requests.
static REQUESTS: AtomicUsize = AtomicUsize::new(0);

async fn page(site: &str) -> &'static str {
    if site == "stored.example" {
        return "a stored page";
    }
    REQUESTS.fetch_add(1, Relaxed);
    yield_now().await; // The answer takes time.
    "a new page"
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for site in ["stored.example", "new.example"] {
        // A pinned box can be polled by `&mut`, and be moved into a task afterwards.
        let mut future = Box::pin(page(site));
        match (&mut future).now_or_never() {
            Some(page) => println!("{site}: ready without a task: {page}"),
            None => {
                let page = tokio::spawn(future).await.expect("the task does not panic");
                println!("{site}: fetched by a task: {page}");
            }
        }
    }

    // Wrong: the future is moved into the call, and dropped there.
    REQUESTS.store(0, Relaxed);
    if page("new.example").now_or_never().is_none() {
        let requests = REQUESTS.load(Relaxed);
        println!("trap: now_or_never by value: {requests} request sent, its answer lost");
    }
}
