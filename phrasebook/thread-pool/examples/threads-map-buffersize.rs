//! `Executor.map(buffersize)`: on a thread pool, take at most n items ahead of the
//! results.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items, buffersize=n)` (3.14)
//! - **Rust:** `pool.map_bounded(f, items, n)`; `n` counts the item that `next`
//!   waits for, in Python it does not
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-map-buffersize
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
//! Neighbours: `threads-map`, `processes-map-buffersize`, `lazy-map`,
//! `async-map-buffersize`.

use std::cell::Cell;
use std::num::NonZeroUsize;

use thread_pool::{Error, ThreadPool};

const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

fn loaves(order: u32) -> u32 {
    order * 10
}

fn main() -> Result<(), Error> {
    let pool = ThreadPool::new(2);

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
