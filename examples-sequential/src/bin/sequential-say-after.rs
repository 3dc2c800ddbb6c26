//! Wait and say, one after another: the plain loop that every model is measured against.
//!
//! In Python: `for delay, what in sayings: say_after(delay, what)`, with `time.sleep`.
//!
//! ```console
//! $ cargo run --bin sequential-say-after
//! hello
//! world
//! ```
//!
//! Siblings: `threads-say-after`, `processes-say-after`, `async-gather`,
//! `async-gather-tasks` and `async-task-group` wait for all sayings at the same time: 2
//! s. This page waits for each in turn: 3 s. `machines-say-after` waits on several
//! machines.

use std::thread::sleep;

use workloads::{Exit, SayAfterOptions, SayError, Saying, say};

#[tracing::instrument(ret, err)] // for `--trace`
fn say_after(Saying { delay, what }: Saying) -> Result<(), SayError> {
    sleep(delay);
    say!("{}", what?);
    Ok(())
}

fn main() -> Exit {
    let options =
        SayAfterOptions::parse("for delay, what in sayings: say_after(delay, what)");
    let results: Vec<_> = options.sayings().map(say_after).collect();
    options.report(results)
}
