//! `Executor.map(buffersize)`: on a process pool, take at most n items ahead of the
//! results.
//!
//! - **Python:** `ProcessPoolExecutor().map(f, items, buffersize=n)` (3.14),
//!   `multiprocessing.Pool.imap`, which has no such limit
//! - **Rust:** `pool.map_bounded(f, items, n)`; `n` counts the item that `next`
//!   waits for, in Python it does not
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-map-buffersize
//! order 1: 10 loaves, 2 taken
//! order 2: 20 loaves, 3 taken
//! order 3: 30 loaves, 4 taken
//! trap: without a limit 1000 items were taken before the first result
//! ```
//!
//! In Python: `order 1: 10 loaves, 3 taken` for `order 1: 10 loaves, 2 taken`;
//! `order 2: 20 loaves, 4 taken` for `order 2: 20 loaves, 3 taken`;
//! `order 3: 30 loaves, 5 taken` for `order 3: 30 loaves, 4 taken`.
//!
//! **Trap:** as in Python, `map` without a limit takes all items before it returns,
//! though iterators are lazy. With a long source memory grows; with an endless one it
//! never returns.
//!
//! Neighbours: `processes-map`, `threads-map-buffersize`, `lazy-map`,
//! `async-map-buffersize`.

use std::cell::Cell;
use std::num::NonZeroUsize;

use process_pool::ProcessPool;

const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

fn loaves(order: u32) -> u32 {
    order * 10
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(loaves).enter();
    let pool = ProcessPool::new()?;

    let taken = Cell::new(0);
    let orders = (1..).inspect(|&order| taken.set(order));
    let results = pool.map_bounded(loaves, orders, TWO);
    for (order, result) in (1..=3).zip(results) {
        println!("order {order}: {} loaves, {} taken", result?, taken.get());
    }

    // Wrong for a long or endless source: `map` takes all items before it returns.
    let orders = (1..=1000).inspect(|&order| taken.set(order));
    let _results = pool.map(loaves, orders);
    let taken = taken.get();
    println!("trap: without a limit {taken} items were taken before the first result");
    Ok(())
}
