//! Ask which task is running, and which of many it was that failed.
//!
//! - **Python:** `asyncio.current_task()`, `task.get_name()`
//! - **Rust:** `task::id()`; names are yours to keep, by id
//! - **Needs:** `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example current-task
//! inside, it knows itself: true
//! lift 1: up
//! lift 2: stuck
//! lift 3: up
//! trap: in main: no task
//! ```
//!
//! **Trap:** `main` is a task in Python. Here `block_on` runs it as a bare future:
//! `task::id()` panics there, `try_id()` gives `None`.
//!
//! Neighbours: `all-tasks`, `contextvars`, `create-task`.

use std::{collections::HashMap, panic};

use tokio::task::{self, JoinSet};

async fn ride(lift: u32) -> &'static str {
    if lift == 2 {
        panic!("stuck");
    }
    "up"
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let inside = tokio::spawn(async { task::id() });
    let outside = inside.id();
    println!(
        "inside, it knows itself: {}",
        inside.await.unwrap() == outside
    );

    panic::set_hook(Box::new(|_| ())); // The panic is told here instead.
    let mut lifts = JoinSet::new();
    let names: HashMap<_, _> = (1..=3)
        .map(|lift| (lifts.spawn(ride(lift)).id(), format!("lift {lift}")))
        .collect();
    while let Some(ended) = lifts.join_next_with_id().await {
        match ended {
            Ok((id, state)) => println!("{}: {state}", names[&id]),
            Err(error) => {
                let name = &names[&error.id()];
                let panic = error.into_panic();
                println!("{name}: {}", panic.downcast_ref::<&str>().unwrap_or(&"?"));
            }
        }
    }

    // Wrong: to expect that everything async runs in a task.
    match task::try_id() {
        Some(id) => println!("trap: in main: task {id}"),
        None => println!("trap: in main: no task"),
    }
}
