//! Choose how many threads a pool may have: for work that waits, more than there are
//! CPUs.
//!
//! - **Python:** `ThreadPoolExecutor(max_workers=None)`: four more than CPUs, 32 at most
//! - **Rust:** `ThreadPool::builder().build()`, which has the same default;
//!   `ThreadPool::new(n)`
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`, `cargo add rayon`
//!
//! ```console
//! $ cargo run --example max-workers
//! 5 customers were in the shop together
//! trap: rayon has room for one a CPU: true
//! trap: asked for 0 threads it takes as many: true
//! ```
//!
//! **Trap:** rayon's pool has one thread for each CPU, which is right for work that
//! computes. On two CPUs two requests wait at a time, where Python has six. And 0
//! threads, which Python refuses, means the default.
//!
//! Neighbours: `thread-pool-executor`, `process-pool-executor`, `threads-map`.

use std::sync::{Arc, Barrier};
use std::thread::available_parallelism;

use rayon::ThreadPoolBuilder;
use thread_pool::ThreadPool;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = ThreadPool::builder().build()?;
    // Nobody gets past the barrier before all five are there.
    let shop = Arc::new(Barrier::new(5));
    let customers = [(); 5].map(|()| {
        let shop = Arc::clone(&shop);
        pool.submit(move || shop.wait())
    });
    let served = customers
        .into_iter()
        .filter_map(|customer| customer.join().ok());
    println!("{} customers were in the shop together", served.count());

    // Wrong for work that waits: the fifth may stand before the door for ever.
    let cpus = available_parallelism()?.get();
    let threads = ThreadPoolBuilder::new().build()?.current_num_threads();
    println!("trap: rayon has room for one a CPU: {}", threads == cpus);
    let none = ThreadPoolBuilder::new().num_threads(0).build()?;
    println!(
        "trap: asked for 0 threads it takes as many: {}",
        none.current_num_threads() == cpus
    );
    Ok(())
}
