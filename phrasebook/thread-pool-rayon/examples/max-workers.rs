//! `max_workers`: how many threads a pool may have; for work that waits, more than CPUs.
//!
//! - **Python:** `ThreadPoolExecutor(max_workers=5)`; `max_workers=None` means four more
//!   than there are CPUs, and at most 32
//! - **Rust:** `ThreadPool::new(5)`; `ThreadPool::builder().build()` has Python's default,
//!   but counts a container's CPU limit, which Python ignores. `ProcessPool::new()` has one
//!   worker for each CPU, as Python's
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`, `cargo add rayon`
//!
//! ```console
//! $ cargo run --example max-workers
//! max_workers=5: 5 customers are in the shop at the same time
//! the default: 5 customers are in the shop at the same time
//! max_workers=0: max_workers must be greater than 0
//! trap: rayon's default: one thread per CPU, not four more
//! trap: rayon with 0 threads: no error, it takes its default
//! ```
//!
//! **Trap:** rayon's pool has one thread for each CPU, unless `RAYON_NUM_THREADS` is set.
//! That is right for CPU work. On two CPUs two requests wait at the same time, where Python
//! has six threads. And 0 threads, which Python refuses, means the default.
//!
//! Neighbours: `thread-pool-executor`, `process-pool-executor`, `threads-map`.

use std::sync::Barrier;
use std::thread::available_parallelism;

use rayon::ThreadPoolBuilder;
use thread_pool::{Error, ThreadPool};

fn serve(pool: &ThreadPool) -> Result<usize, Error> {
    // No customer passes the barrier before five have come.
    let shop = Barrier::new(5);
    let customers = pool.map(move |_| shop.wait(), 0..5);
    let served: Vec<_> = customers.collect::<Result<_, _>>()?;
    Ok(served.len())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let served = serve(&ThreadPool::new(5))?;
    println!("max_workers=5: {served} customers are in the shop at the same time");

    let served = serve(&ThreadPool::builder().build()?)?;
    println!("the default: {served} customers are in the shop at the same time");

    if let Err(error) = ThreadPool::builder().max_workers(0).build() {
        println!("max_workers=0: {error}");
    }

    // Wrong for work that waits: with fewer than five threads they would wait for ever.
    let default = ThreadPoolBuilder::new().build()?.current_num_threads();
    let cpus = available_parallelism()?.get();
    assert_eq!(default, cpus, "RAYON_NUM_THREADS is not set");
    println!("trap: rayon's default: one thread per CPU, not four more");

    let none = ThreadPoolBuilder::new().num_threads(0).build()?;
    assert_eq!(none.current_num_threads(), default, "0 means the default");
    println!("trap: rayon with 0 threads: no error, it takes its default");
    Ok(())
}
