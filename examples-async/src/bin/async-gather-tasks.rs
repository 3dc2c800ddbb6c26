//! Wait and say in a spawned task for each saying, and gather the tasks afterwards.
//!
//! In Python: `task = asyncio.create_task(say_after(1, "hello"))` for each, then
//! `await asyncio.gather(*tasks)`.
//!
//! ```console
//! $ cargo run --bin async-gather-tasks
//! hello
//! world
//! ```
//!
//! When a saying fails (`--fail 0.5`), the others go on. They would do so even if nothing
//! waited for them: dropping the handle of a task does not end it.
//!
//! Siblings: `async-gather` drives all sayings in one task, in less memory;
//! `async-task-group` cancels the others when one fails; `sequential-say-after`,
//! `threads-say-after` and `processes-say-after` need no async. `machines-say-after` waits
//! on several machines.

use futures_util::future::join_all;
use tokio::time::sleep;
use workloads::{Exit, SayAfterOptions, SayError, Saying, say, until_ctrl_c};

#[tracing::instrument(ret, err)] // for `--trace`
async fn say_after(Saying { delay, what }: Saying) -> Result<(), SayError> {
    sleep(delay).await;
    say!("{}", what?);
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<Exit> {
    let options = SayAfterOptions::parse(
        r#"task = asyncio.create_task(say_after(1, "hello")); await asyncio.gather(task, ...)"#,
    );
    until_ctrl_c(async {
        // A task runs as soon as it is spawned, on any of the runtime's threads.
        let tasks: Vec<_> = options
            .sayings()
            .map(|saying| tokio::spawn(say_after(saying)))
            .collect();
        let results = join_all(tasks).await.into_iter();
        // Two things can fail: the saying, and its task, which may panic.
        Ok(options.report(results.map(|result| anyhow::Ok(result??))))
    })
    .await
}
