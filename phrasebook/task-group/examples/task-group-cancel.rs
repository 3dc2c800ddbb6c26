//! End a group of tasks early, without an error: one of them has found what was wanted.
//!
//! - **Python:** `TaskGroup.cancel()`, new in 3.15
//! - **Rust:** `group.cancel()`; a plain `JoinSet` has `shutdown().await`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread`,
//!   `cargo add --path CLONE/crates/task-group`
//!
//! ```console
//! $ cargo run --example task-group-cancel
//! found on mirror 2
//! trap: after abort_all there are still 3 tasks
//! ```
//!
//! **Trap:** `abort_all` only asks. The tasks of a `JoinSet` are gone when they have been
//! joined, and one that is spawned after the request runs on.
//!
//! Neighbours: `task-group`, `exception-group`, `task-cancel`.

use std::convert::Infallible;
use std::future::pending;

use task_group::TaskGroup;
use tokio::task::JoinSet;

async fn download(mirror: u32) -> Result<u32, Infallible> {
    if mirror != 2 {
        pending::<()>().await; // The others do not answer.
    }
    Ok(mirror)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let found = TaskGroup::run(|group| async move {
        for mirror in 1..=3 {
            let mine = group.clone();
            group.spawn(async move {
                let found = download(mirror).await;
                mine.cancel();
                found
            });
        }
        Ok(())
    });
    // The values of those that ended by themselves.
    for mirror in found.await? {
        println!("found on mirror {mirror}");
    }

    // Wrong, if nobody may be left when the next line begins.
    let mut set: JoinSet<_> = [1, 3, 4].into_iter().map(download).collect();
    set.abort_all();
    println!("trap: after abort_all there are still {} tasks", set.len());
    Ok(())
}
