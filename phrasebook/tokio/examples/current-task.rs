//! Current task: ask which one is running, and which of many has failed.
//!
//! - **Python:** `asyncio.current_task()`, `Task.get_name`, `Task.set_name`
//! - **Rust:** `task::id()`; a task has no name: keep names by id, or take `JoinMap` of
//!   tokio-util, which gives a key back with each result
//! - **Needs:** `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example current-task
//! the task itself and its handle: the same task
//! lift 1: up
//! lift 2: stuck
//! lift 3: up
//! trap: in main: no task
//! ```
//!
//! **Trap:** `main` is a task in Python. Here `block_on` runs it as a bare future:
//! `task::id()` panics there, `task::try_id()` gives `None`.
//!
//! Neighbours: `all-tasks`, `contextvars`, `create-task`.

use std::collections::{BTreeMap, HashMap};

use tokio::task::{self, JoinError, JoinSet};

async fn ride(lift: u32) -> Result<&'static str, &'static str> {
    if lift == 2 { Err("stuck") } else { Ok("up") }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), JoinError> {
    let task = tokio::spawn(async { task::id() });
    let outside = task.id();
    let inside = task.await?;
    let same = if inside == outside {
        "the same"
    } else {
        "another"
    };
    println!("the task itself and its handle: {same} task");

    let mut lifts = JoinSet::new();
    let mut names = HashMap::new();
    for lift in 1..=3 {
        let task = lifts.spawn(ride(lift));
        names.insert(task.id(), format!("lift {lift}"));
    }
    let mut states = BTreeMap::new();
    while let Some(ended) = lifts.join_next_with_id().await {
        let (id, state) = match ended {
            // The outer `Result` is the task's, the inner one that of `ride`.
            Ok((id, Ok(state) | Err(state))) => (id, state),
            Err(error) => (error.id(), "panicked"),
        };
        states.insert(&names[&id], state);
    }
    for (name, state) in states {
        println!("{name}: {state}");
    }

    // Wrong: to expect that everything async runs in a task.
    match task::try_id() {
        Some(id) => println!("trap: in main: task {id}"),
        None => println!("trap: in main: no task"),
    }
    Ok(())
}
