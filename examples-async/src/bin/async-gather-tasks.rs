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
//! When a saying fails (`--fail 0.5`), gather reports that at once, but its siblings go on,
//! and all of them speak. Even a program that gave up waiting would not stop them: a task
//! whose handle is dropped runs on.
//!
//! Siblings: `async-gather` drives all sayings in one task, in less memory;
//! `async-task-group` cancels the others when one fails; `sequential-say-after`,
//! `threads-say-after` and `processes-say-after` need no async. `machines-say-after` waits
//! on several machines.

use futures_util::TryFutureExt;
use futures_util::future::join_all;
use tokio::runtime::Runtime;
use tokio::time::sleep;
use workloads::{Exit, Fail, SayAfterOptions, SayError, Saying};
use workloads::{print_error, say, until_ctrl_c};

#[tracing::instrument(ret, err)]
async fn say_after(Saying { delay, what }: Saying) -> Result<(), SayError> {
    sleep(delay).await;
    say!("{}", what?);
    Ok(())
}

fn main() -> anyhow::Result<Exit> {
    let options: SayAfterOptions<Fail> = SayAfterOptions::parse(
        r#"task = asyncio.create_task(say_after(1, "hello")); await asyncio.gather(task, ...)"#,
    );
    // What `#[tokio::main]` does, but an error instead of a panic if there is no runtime.
    Runtime::new()?.block_on(until_ctrl_c(async {
        // A task runs as soon as it is spawned, on any of the runtime's threads.
        let start = |saying| tokio::spawn(say_after(saying).inspect_err(print_error));
        let tasks: Vec<_> = options.sayings().map(start).collect();
        let said = join_all(tasks)
            .await
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Exit::of(&said))
    }))
}
