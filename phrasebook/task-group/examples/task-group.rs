//! Start tasks that belong together, and go on when all of them are done.
//!
//! - **Python:** `async with asyncio.TaskGroup() as tg:`, `tg.create_task(...)`
//! - **Rust:** `TaskGroup::run`; where tasks add no others, a plain `JoinSet` may do
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`,
//!   `cargo add --path CLONE/crates/task-group`
//!
//! ```console
//! $ cargo run --example task-group
//! hello
//! world
//! Both tasks have now completed.
//! trap: its JoinSet is gone, and the task is still there: true
//! ```
//!
//! **Trap:** dropping a `JoinSet` aborts its tasks but does not wait until they are gone;
//! `set.shutdown().await` does. A task group waits whatever happens.
//!
//! Neighbours: `exception-group`, `task-group-cancel`, `gather`, `async-task-group`.

use std::{convert::Infallible, future::pending, sync::Arc, time::Duration};

use task_group::TaskGroup;
use tokio::{task::JoinSet, time::sleep};

async fn say_after(seconds: u64, what: &str) -> Result<(), Infallible> {
    sleep(Duration::from_secs(seconds)).await;
    println!("{what}");
    Ok(())
}

// The clock is paused: when all wait it jumps to the next timer. A plain `#[tokio::main]`
// takes two seconds, and as many threads as there are cores.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    TaskGroup::run(|group| async move {
        group.spawn(say_after(1, "hello"));
        group.spawn(say_after(2, "world"));
        Ok(())
    })
    .await?;
    println!("Both tasks have now completed.");

    // Wrong, if the task may hold nothing any more when the next line begins.
    let lent = Arc::new("a file");
    let theirs = Arc::clone(&lent);
    let mut set = JoinSet::new();
    set.spawn(async move {
        pending::<()>().await;
        drop(theirs);
    });
    drop(set);
    let is_there = Arc::strong_count(&lent) > 1;
    println!("trap: its JoinSet is gone, and the task is still there: {is_there}");
    Ok(())
}
