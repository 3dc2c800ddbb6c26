//! Wait and say on a pool of threads, each of which sleeps for one saying at a time.
//!
//! In Python: `ThreadPoolExecutor(max_workers=2)` and `submit(say_after, 1, "hello")`.
//!
//! ```console
//! $ cargo run --bin threads-say-after
//! hello
//! world
//! ```
//!
//! Siblings: `sequential-say-after` is the loop without the pool, `processes-say-after` has
//! processes in the place of the threads; `async-gather`, `async-gather-tasks` and
//! `async-task-group` wait for a million sayings as easily as this waits for a thousand.
//! `machines-say-after` waits on several machines.

use std::thread::sleep;

use thread_pool::ThreadPool;
use workloads::{Exit, SayAfterOptions, SayError, Saying, say};

#[tracing::instrument(ret, err)] // for `--trace`
fn say_after(Saying { delay, what }: Saying) -> Result<(), SayError> {
    sleep(delay);
    say!("{}", what?);
    Ok(())
}

fn main() -> Exit {
    let options =
        SayAfterOptions::parse("ThreadPoolExecutor(max_workers=2).map(say_after, ...)");
    let pool = ThreadPool::new(options.max_workers(10_000));
    let results = pool.map(say_after, options.sayings());
    drop(pool); // The end of Python's `with`: waits for all calls, then ends the workers.
    // Two things can fail: the saying, and its thread, which may panic.
    options.report(results.map(|result| anyhow::Ok(result??)))
}
