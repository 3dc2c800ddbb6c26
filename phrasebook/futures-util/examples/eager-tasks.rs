//! Make a task only of what really has to wait: what is ready at once needs none.
//!
//! - **Python:** `asyncio.eager_task_factory` (3.12), `create_task(eager_start=True)`
//!   (3.14)
//! - **Rust:** no such option; poll once with `now_or_never`, and spawn what is left
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example eager-tasks
//! stored.example: ready at once: a stored page
//! new.example: fetched by a task: a new page
//! trap: spawn: a stored page is not ready at once
//! trap: now_or_never by value: the new page is lost after 1 request
//! ```
//!
//! **Trap:** `tokio::spawn` never runs a task inside the call, however short it is. And
//! `now_or_never` consumes what it polls: lend it `&mut`, or what had begun is dropped.
//!
//! Neighbours: `create-task`, `lazy-futures`, `sleep-zero`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures_util::FutureExt;
use tokio::task::yield_now;

static REQUESTS: AtomicUsize = AtomicUsize::new(0);

async fn page(site: &str) -> &'static str {
    if site == "stored.example" {
        return "a stored page";
    }
    REQUESTS.fetch_add(1, Relaxed);
    yield_now().await; // The site takes its time.
    "a new page"
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for site in ["stored.example", "new.example"] {
        let mut visit = Box::pin(page(site));
        match (&mut visit).now_or_never() {
            Some(page) => println!("{site}: ready at once: {page}"),
            None => {
                let page = tokio::spawn(visit).await.expect("pages do not panic");
                println!("{site}: fetched by a task: {page}");
            }
        }
    }

    // Wrong: a task that had nothing to wait for, and still has to be waited for.
    let stored = tokio::spawn(page("stored.example"));
    if !stored.is_finished() {
        println!(
            "trap: spawn: {} is not ready at once",
            stored.await.unwrap()
        );
    }
    REQUESTS.store(0, Relaxed);
    if page("new.example").now_or_never().is_none() {
        let requests = REQUESTS.load(Relaxed);
        println!(
            "trap: now_or_never by value: the new page is lost after {requests} request"
        );
    }
}
