//! Wait and say in one task that drives all sayings itself, one future for each.
//!
//! In Python: `await asyncio.gather(say_after(1, "hello"), say_after(2, "world"))`.
//!
//! ```console
//! $ cargo run --bin async-gather
//! hello
//! world
//! ```
//!
//! When a saying fails (`--fail 0.5`), the others go on: `join_all` returns all results, as
//! `gather(return_exceptions=True)` does. `try_join_all` would return the first error and
//! drop the others half-way.
//!
//! Siblings: `async-gather-tasks` spawns a task for each saying, so that they also run in
//! parallel; `async-task-group` cancels the others when one fails; `sequential-say-after`,
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
        r#"await asyncio.gather(say_after(1, "hello"), say_after(2, "world"))"#,
    );
    until_ctrl_c(async {
        // A future does nothing until it is awaited. `join_all` awaits all at the same time.
        let sayings = options.sayings().map(say_after);
        Ok(options.report(join_all(sayings).await))
    })
    .await
}
