//! Wait and say in worker processes, each of which sleeps for one saying at a time.
//!
//! In Python: `ProcessPoolExecutor(max_workers=2)` and `submit(say_after, 1, "hello")`.
//!
//! ```console
//! $ cargo run --bin processes-say-after
//! hello
//! world
//! ```
//!
//! Siblings: `sequential-say-after` is the loop without the pool; `threads-say-after`
//! sleeps in threads; `async-gather`, `async-gather-tasks` and `async-task-group` need
//! neither. `machines-say-after` waits on several machines.

use std::thread::sleep;

use process_pool::ProcessPool;
use workloads::{Exit, SayAfterOptions, SayError, Saying, Settings, say};

#[tracing::instrument(ret, err)] // for `--trace`
fn say_after(Saying { delay, what }: Saying) -> Result<(), SayError> {
    sleep(delay);
    say!("{}", what?);
    Ok(())
}

fn main() -> anyhow::Result<Exit> {
    // The pool starts this program again for each worker. In a worker this runs the calls and
    // never returns; in the program itself it does nothing. Python needs
    // `if __name__ == "__main__":` in the same place.
    process_pool::worker_entry()
        .function(say_after)
        .initializer(Settings::adopt)
        .enter();

    let options =
        SayAfterOptions::parse("ProcessPoolExecutor(max_workers=2).map(say_after, ...)");
    let pool = ProcessPool::builder()
        .max_workers(options.max_workers(200))
        .initializer(Settings::adopt, Settings::for_workers())
        .build()?;
    let results = pool.map(say_after, options.sayings());
    drop(pool); // The end of Python's `with`: waits for all calls, then ends the workers.
    // Two things can fail: the saying, and its process, which may die.
    Ok(options.report(results.map(|result| anyhow::Ok(result??))))
}
