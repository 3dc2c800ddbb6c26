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

use std::io;
use std::panic::resume_unwind;
use std::sync::Mutex;
use std::thread::{self, sleep};

use workloads::{Exit, MaxWorkers, SayAfterOptions, SayError, Saying, say};

fn say_after(Saying { delay, what }: Saying) -> Result<(), SayError> {
    sleep(delay);
    say!("{}", what?);
    Ok(())
}

fn main() -> anyhow::Result<Exit> {
    let options: SayAfterOptions<MaxWorkers> =
        SayAfterOptions::parse("ThreadPoolExecutor(max_workers=2).map(say_after, ...)");
    let workers = options.max_workers(10_000);
    let results = map(workers, say_after, options.sayings().collect())?;
    Ok(options.report(results))
}

/// Calls `work` for every item, on at most `max_workers` threads, and returns the results in
/// the order of the items.
///
/// The pool is as small as the standard library allows: scoped threads that draw from one
/// shared iterator. A rayon pool is made for CPU work; it has no use for more threads than
/// there are cores, and starts thousands of them slowly.
fn map<T: Send, R: Send>(
    max_workers: usize,
    work: fn(T) -> R,
    items: Vec<T>,
) -> io::Result<Vec<R>> {
    let workers = max_workers.min(items.len());
    let queue = Mutex::new(items.into_iter().enumerate());
    // A call of its own, so that the lock is released before the work begins.
    let next = || queue.lock().expect("drawing an item cannot panic").next();
    let worker = || {
        let mut results = Vec::new();
        while let Some((index, item)) = next() {
            results.push((index, work(item)));
        }
        results
    };
    thread::scope(|scope| {
        // Start all of them, then wait for all of them.
        let threads = (0..workers)
            .map(|_| thread::Builder::new().spawn_scoped(scope, worker))
            .collect::<io::Result<Vec<_>>>()
            // The scope waits for those that did start; leave them nothing to do.
            .inspect_err(|_| while next().is_some() {})?;
        let mut results = Vec::new();
        for thread in threads {
            results.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results.sort_by_key(|(index, _)| *index);
        Ok(results.into_iter().map(|(_, result)| result).collect())
    })
}
