//! Cancel a task group: end all its tasks early, without an error.
//!
//! - **Python:** `asyncio.TaskGroup.cancel()` (3.15)
//! - **Rust:** `group.cancel()`; for a plain `JoinSet`: `shutdown().await`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread`,
//!   `cargo add --path CLONE/crates/task-group`
//!
//! ```console
//! $ cargo run --example task-group-cancel
//! found on mirror 2
//! trap: a task spawned after abort_all ran: mirror 2
//! ```
//!
//! **Trap:** `JoinSet::abort_all` aborts only the tasks that are in the set when you call
//! it: a task that is spawned later runs. It also returns before they have ended. A
//! cancelled group takes no more tasks: `group.spawn` returns `None`.
//!
//! Neighbours: `task-group`, `exception-group`, `task-cancel`.

use std::convert::Infallible;
use std::error::Error;
use std::future::pending;

use task_group::TaskGroup;
use tokio::task::JoinSet;

/// `Infallible`: tasks of a group return a `Result`, but this one cannot fail.
async fn download(mirror: u32) -> Result<u32, Infallible> {
    if mirror != 2 {
        pending::<()>().await; // The others do not answer.
    }
    Ok(mirror)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let search = TaskGroup::run(|group| async move {
        for mirror in 1..=3 {
            let group_of_task = group.clone();
            group.spawn(async move {
                let found = download(mirror).await;
                // `cancel` takes effect where a task next waits: this one still returns.
                group_of_task.cancel();
                found
            });
        }
        Ok(())
    });
    // The values of the tasks that were not cancelled.
    for mirror in search.await? {
        println!("found on mirror {mirror}");
    }

    // Wrong, if no task is to start after this.
    let mut set: JoinSet<_> = [1, 3].into_iter().map(download).collect();
    set.abort_all();
    set.spawn(download(2));
    while let Some(ended) = set.join_next().await {
        match ended {
            Ok(Ok(mirror)) => {
                println!("trap: a task spawned after abort_all ran: mirror {mirror}");
            }
            Err(error) => assert!(error.is_cancelled(), "no task panics"),
        }
    }
    Ok(())
}
