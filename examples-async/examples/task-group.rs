//! Start tasks that belong together, and go on when all of them are done.
//!
//! - **Python:** `async with asyncio.TaskGroup() as tg:`, `tg.create_task(...)`
//! - **Rust:** `TaskGroup::run`; where tasks add no others, a plain `JoinSet` may do
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,time`,
//!   `cargo add --path CLONE/examples-async`
//!
//! ```console
//! $ cargo run --example task-group
//! hello
//! world
//! Both tasks have now completed.
//! trap: its JoinSet is gone, and the task runs on: true
//! ```
//!
//! **Trap:** dropping a `JoinSet` aborts its tasks but does not wait until they are gone;
//! `set.shutdown().await` does. A task group waits whatever happens.
//!
//! Neighbours: `exception-group`, `task-group-cancel`, `gather`, `async-task-group`.

use std::convert::Infallible;
use std::sync::mpsc;
use std::time::Duration;

use examples_async::task_group::TaskGroup;
use tokio::{task::JoinSet, time::sleep};

async fn say_after(seconds: f64, what: &str) -> Result<(), Infallible> {
    sleep(Duration::from_secs_f64(seconds)).await;
    println!("{what}");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    TaskGroup::run(|group| async move {
        group.spawn(say_after(0.1, "hello"));
        group.spawn(say_after(0.2, "world"));
        Ok(())
    })
    .await?;
    println!("Both tasks have now completed.");

    // Wrong: dropped, while a thread of the runtime is in the middle of the task.
    let (started, has_started) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let mut set = JoinSet::new();
    set.spawn(async move {
        started.send(()).unwrap();
        may_go_on.recv()
    });
    has_started.recv()?;
    drop(set);
    let runs_on = go_on.send(()).is_ok(); // There is somebody who listens.
    println!("trap: its JoinSet is gone, and the task runs on: {runs_on}");
    Ok(())
}
