//! Bounded number of tasks: work through a long list with at most `n` tasks in memory.
//!
//! - **Python:** `await semaphore.acquire()` before each `tg.create_task(...)`
//! - **Rust:** `JoinSet::join_next` before each `JoinSet::spawn`, as soon as `n` tasks
//!   run; without tasks: `buffer_unordered(n)` of the crate futures-util
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example bounded-tasks
//! 100 pages fetched, at most 5 tasks in memory
//! trap: a semaphore has 5 permits, but the JoinSet keeps all 100 tasks
//! ```
//!
//! **Trap:** a `JoinSet` keeps each finished task, with its value, until `join_next`
//! takes it; Python's `TaskGroup` forgets it. A semaphore alone bounds only what runs. As
//! in Python, a semaphore *inside* the task comes too late: the task exists already.
//!
//! Neighbours: `async-semaphore`, `async-queue-workers`, `async-map-buffersize`.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::{JoinSet, yield_now};

const LIMIT: usize = 5;

async fn fetch(page: u32) -> String {
    yield_now().await; // A download takes time.
    format!("text of page {page}")
}

#[tokio::main]
async fn main() {
    let mut tasks = JoinSet::new();
    let mut texts = 0;
    let mut most = 0;
    for page in 0..100 {
        if tasks.len() == LIMIT {
            let text = tasks.join_next().await.expect("the set is not empty");
            let _text = text.expect("the task does not panic"); // Here it would be used.
            texts += 1;
        }
        tasks.spawn(fetch(page));
        most = most.max(tasks.len());
    }
    while let Some(text) = tasks.join_next().await {
        let _text = text.expect("the task does not panic");
        texts += 1;
    }
    println!("{texts} pages fetched, at most {most} tasks in memory");

    // Wrong: the loop waits for a permit, but no finished task is joined.
    let semaphore = Arc::new(Semaphore::new(LIMIT));
    let mut tasks = JoinSet::new();
    for page in 0..100 {
        let permit = semaphore.clone().acquire_owned().await;
        let permit = permit.expect("it is never closed");
        tasks.spawn(async move {
            let text = fetch(page).await;
            drop(permit);
            text
        });
    }
    let kept = tasks.len();
    println!(
        "trap: a semaphore has {LIMIT} permits, but the JoinSet keeps all {kept} tasks"
    );
    tasks.join_all().await;
}
