//! Known wrong: start a task and wait for it in the same turn of a loop.
//!
//! - **Python:** `for page in pages: await asyncio.create_task(fetch(page))`
//! - **Rust:** start all in one loop, and wait for them in a second one
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`
//!
//! ```console
//! $ cargo run --example await-in-spawn-loop
//! ask a, ask b, ask c, got a, got b, got c
//! trap: ask a, got a, ask b, got b, ask c, got c
//! ```
//!
//! **Trap:** it looks concurrent and is not: no more than one task runs at a time, and
//! all of them take as long as one after another. A lazy iterator that spawns and
//! awaits does the same.
//!
//! Neighbours: `gather-tasks`, `bounded-tasks`, `create-task`, `join-in-spawn-loop`.

use std::{mem::take, sync::Mutex, time::Duration};

use tokio::time::sleep;

static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

async fn fetch(page: &str) {
    LOG.lock().unwrap().push(format!("ask {page}"));
    sleep(Duration::from_secs(1)).await;
    LOG.lock().unwrap().push(format!("got {page}"));
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let tasks = ["a", "b", "c"].map(|page| tokio::spawn(fetch(page)));
    for task in tasks {
        task.await.expect("fetching does not panic");
    }
    println!("{}", take(&mut *LOG.lock().unwrap()).join(", "));

    // Wrong: one loop for both.
    for page in ["a", "b", "c"] {
        tokio::spawn(fetch(page))
            .await
            .expect("fetching does not panic");
    }
    println!("trap: {}", take(&mut *LOG.lock().unwrap()).join(", "));
}
