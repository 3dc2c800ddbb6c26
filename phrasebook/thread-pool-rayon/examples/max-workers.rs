//! `max_workers`: how many threads a pool may have; for work that waits, more than CPUs.
//!
//! - **Python:** `ThreadPoolExecutor(max_workers=5)`; `max_workers=None` means four more
//!   than there are CPUs, and at most 32
//! - **Rust:** `ThreadPool::new(5)`; `ThreadPool::builder().build()` has Python's
//!   default, but counts a container's CPU limit, which Python ignores.
//!   `ProcessPool::new()` has one worker for each CPU, as in Python
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`, `cargo add rayon`
//!
//! ```console
//! $ cargo run --example max-workers
//! max_workers=5: 5 tasks wait at the same time
//! the default: at least 5 tasks wait at the same time
//! max_workers=0: max_workers must be greater than 0
//! trap: rayon's default: one thread per CPU, not four more
//! trap: rayon with 0 threads: no error, it takes its default
//! ```
//!
//! **Trap:** rayon's pool has one thread for each CPU, unless `RAYON_NUM_THREADS` is set.
//! That is right for CPU work. On two CPUs two requests wait at the same time, where
//! Python has six threads. And 0 threads, which Python refuses, means the default.
//!
//! Neighbours: `thread-pool-executor`, `process-pool-executor`, `threads-map`.

use std::sync::Barrier;
use std::thread::available_parallelism;

use rayon::ThreadPoolBuilder;
use thread_pool::{Error, ThreadPool};

fn wait_together(pool: &ThreadPool) -> Result<usize, Error> {
    // No task passes the barrier before five wait there, so this needs five threads.
    let barrier = Barrier::new(5);
    let results = pool.map(move |_| barrier.wait(), 0..5);
    let waited: Vec<_> = results.collect::<Result<_, _>>()?;
    Ok(waited.len())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tasks = wait_together(&ThreadPool::new(5))?;
    println!("max_workers=5: {tasks} tasks wait at the same time");

    let tasks = wait_together(&ThreadPool::builder().build()?)?;
    println!("the default: at least {tasks} tasks wait at the same time");

    if let Err(error) = ThreadPool::builder().max_workers(0).build() {
        println!("max_workers=0: {error}");
    }

    // Wrong for work that waits: with fewer than five CPUs the five tasks above would
    // wait at the barrier for ever.
    let default = ThreadPoolBuilder::new().build()?.current_num_threads();
    let cpus = available_parallelism()?.get();
    assert_eq!(default, cpus, "RAYON_NUM_THREADS must not be set");
    println!("trap: rayon's default: one thread per CPU, not four more");

    let zero = ThreadPoolBuilder::new().num_threads(0).build()?;
    assert_eq!(zero.current_num_threads(), default, "0 means the default");
    println!("trap: rayon with 0 threads: no error, it takes its default");
    Ok(())
}
