//! Async recursion: an `async fn` that calls itself needs a box.
//!
//! - **Python:** `await count(child)` inside `async def count`; too deep a recursion:
//!   `RecursionError`
//! - **Rust:** `Box::pin(count(child)).await`. To spawn the calls, a function that returns
//!   `impl Future<Output = T> + Send`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,process`
//!
//! ```console
//! $ cargo run --example async-recursion
//! one after the other: 15 folders
//! a task for each folder: 15 folders
//! a list in place of recursion: 15 folders
//! trap: recursion of a million levels: the process is aborted
//! ```
//!
//! **Trap:** without the box: E0733. A task that spawns its own `async fn`: E0283. The
//! cure, which the error does not name, is a return type with `Send`. The box saves no
//! stack: too deep a recursion aborts the process, and nothing can catch that.
//!
//! Neighbours: `async-method`, `create-task`, `async-shared-state`.

use std::process::Stdio;
use std::{env, io};

use tokio::process::Command;
use tokio::task::{JoinSet, yield_now};

/// The folders in this folder.
async fn folders_in(folder: u32) -> Vec<u32> {
    yield_now().await; // Asking the disk takes time.
    if folder < 8 {
        vec![2 * folder, 2 * folder + 1]
    } else {
        Vec::new()
    }
}

async fn count(folder: u32) -> u32 {
    let mut sum = 1;
    for child in folders_in(folder).await {
        // error[E0733]: recursion in an async fn requires boxing
        // sum += count(child).await;
        sum += Box::pin(count(child)).await;
    }
    sum
}

// As an `async fn`: error[E0283]: type annotations needed: cannot satisfy
// `impl Future<Output = u32>: Send`
#[expect(clippy::manual_async_fn, reason = "the return type says `Send`")]
fn count_in_tasks(folder: u32) -> impl Future<Output = u32> + Send {
    async move {
        let mut tasks = JoinSet::new();
        for child in folders_in(folder).await {
            tasks.spawn(count_in_tasks(child));
        }
        1 + tasks.join_all().await.iter().sum::<u32>()
    }
}

async fn count_with_list(folder: u32) -> u32 {
    let mut sum = 0;
    let mut to_do = vec![folder];
    while let Some(folder) = to_do.pop() {
        sum += 1;
        to_do.extend(folders_in(folder).await);
    }
    sum
}

async fn deep(levels: u32) -> u32 {
    if levels == 0 {
        return 0;
    }
    1 + Box::pin(deep(levels - 1)).await
}

#[tokio::main]
async fn main() -> io::Result<()> {
    if env::args().len() > 1 {
        deep(1_000_000).await; // Wrong: each level takes some of the thread's stack.
        return Ok(());
    }
    println!("one after the other: {} folders", count(1).await);
    println!(
        "a task for each folder: {} folders",
        count_in_tasks(1).await
    );
    println!(
        "a list in place of recursion: {} folders",
        count_with_list(1).await
    );

    // In another process, because it aborts the whole process.
    let mut program = Command::new(env::current_exe()?);
    program.arg("deep").stderr(Stdio::null());
    if !program.status().await?.success() {
        println!("trap: recursion of a million levels: the process is aborted");
    }
    Ok(())
}
