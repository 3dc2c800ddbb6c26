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
//! When a saying fails (`--fail 0.5`), gather reports that at once, but its siblings go on,
//! and all of them speak. `join_all` waits for them as well, where Python's gather would
//! return; `try_join_all` would drop them half-way.
//!
//! Siblings: `async-gather-tasks` spawns a task for each saying, so that they also run in
//! parallel; `async-task-group` cancels the others when one fails; `sequential-say-after`,
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
        r#"await asyncio.gather(say_after(1, "hello"), say_after(2, "world"))"#,
    );
    // What `#[tokio::main]` does, but an error instead of a panic if there is no runtime.
    Runtime::new()?.block_on(until_ctrl_c(async {
        // A future does nothing until it is awaited; here all are, together.
        let sayings = options
            .sayings()
            .map(|saying| say_after(saying).inspect_err(print_error));
        Ok(Exit::of(&join_all(sayings).await))
    }))
}
