//! Task group: start tasks that belong together, and go on when all have ended.
//!
//! - **Python:** `async with asyncio.TaskGroup() as tg:`, `tg.create_task(...)`
//! - **Rust:** `TaskGroup::run`; if tasks start no others, a `JoinSet` can be enough
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`,
//!   `cargo add --path CLONE/crates/task-group`
//!
//! ```console
//! $ cargo run --example task-group
//! hello
//! world
//! Both tasks have now completed.
//! trap: the JoinSet is dropped, its task still holds the file
//! ```
//!
//! **Trap:** dropping a `JoinSet` aborts its tasks but does not wait until they have
//! ended; `set.shutdown().await` does. `TaskGroup::run` waits, unless its own future is
//! dropped. Its body and tasks must be `'static`, and all tasks return one type.
//! `try_join!` can borrow and mix types.
//!
//! Neighbours: `exception-group`, `task-group-cancel`, `gather`, `async-task-group`.

use std::{
    convert::Infallible, error::Error, future::pending, sync::Arc, time::Duration,
};

use task_group::TaskGroup;
use tokio::{task::JoinSet, time::sleep};

/// `Infallible`: tasks of a group return a `Result`, but this one cannot fail.
async fn say_after(seconds: u64, what: &str) -> Result<(), Infallible> {
    sleep(Duration::from_secs(seconds)).await;
    println!("{what}");
    Ok(())
}

// For this page only: a paused clock, which jumps ahead when all tasks wait.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    TaskGroup::run(|group| async move {
        group.spawn(say_after(1, "hello"));
        group.spawn(say_after(2, "world"));
        Ok(())
    })
    .await?;
    println!("Both tasks have now completed.");

    // Wrong, if the code after the `drop` needs the file for itself.
    let file = Arc::new("a file");
    let file_of_task = Arc::clone(&file);
    let mut set = JoinSet::new();
    set.spawn(async move {
        let _file = file_of_task;
        pending::<()>().await;
    });
    drop(set); // The task ends later: on this runtime, when `main` next waits.
    if Arc::strong_count(&file) > 1 {
        println!("trap: the JoinSet is dropped, its task still holds the file");
    }
    Ok(())
}
