//! Wait and say in a task group, which ends when its last task has ended.
//!
//! In Python: `async with asyncio.TaskGroup() as tg:` and, for each saying,
//! `tg.create_task(say_after(1, "hello"))`.
//!
//! ```console
//! $ cargo run --bin async-task-group
//! hello
//! world
//! Both tasks have now completed.
//! ```
//!
//! When a saying fails (`--fail 0.5`), the group cancels the others, waits until they are
//! gone, and returns the failure: nothing is said after that, and the last line is not
//! printed.
//!
//! Siblings: `async-gather` and `async-gather-tasks` let the others go on when one fails;
//! `sequential-say-after`, `threads-say-after` and `processes-say-after` need no async.
//! `machines-say-after` waits on several machines.

use std::iter;

use task_group::TaskGroup;
use tokio::time::sleep;
use workloads::{
    Exit, SayAfterOptions, SayError, Saying, print_error, say, until_ctrl_c,
};

#[tracing::instrument(ret, err)] // for `--trace`
async fn say_after(Saying { delay, what }: Saying) -> Result<(), SayError> {
    sleep(delay).await;
    say!("{}", what?);
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<Exit> {
    let options = SayAfterOptions::parse(
        r#"async with asyncio.TaskGroup() as tg: tg.create_task(say_after(1, "hello"))"#,
    );
    let sayings = options.sayings();
    until_ctrl_c(async {
        let result = TaskGroup::run(|group| async move {
            for saying in sayings {
                group.spawn(say_after(saying));
            }
            Ok(())
        })
        .await;
        match result {
            Ok(_) => Ok(options.report_completed()),
            Err(failed) => {
                for error in iter::once(&failed.first).chain(&failed.others) {
                    print_error(error);
                }
                Ok(Exit::Failure)
            }
        }
    })
    .await
}
