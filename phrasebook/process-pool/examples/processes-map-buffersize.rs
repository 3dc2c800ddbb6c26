//! Feed a map from an endless source, and draw at most `n` items ahead of the results.
//!
//! - **Python:** `ProcessPoolExecutor().map(f, items, buffersize=n)` (3.14),
//!   `multiprocessing.Pool.imap`, which has no such limit
//! - **Rust:** `pool.map_bounded(f, items, n)`
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-map-buffersize
//! order 1: 10 loaves, 2 drawn
//! order 2: 20 loaves, 3 drawn
//! order 3: 30 loaves, 4 drawn
//! trap: without a bound 1000 were drawn before the first result
//! ```
//!
//! In Python: `order 1: 10 loaves, 3 drawn` for `order 1: 10 loaves, 2 drawn`;
//! `order 2: 20 loaves, 4 drawn` for `order 2: 20 loaves, 3 drawn`;
//! `order 3: 30 loaves, 5 drawn` for `order 3: 30 loaves, 4 drawn`.
//!
//! **Trap:** iterators are lazy, but `map` of a pool is not: it draws everything before
//! it returns, and from an endless source it never does.
//!
//! Neighbours: `processes-map`, `threads-map-buffersize`, `lazy-map`,
//! `async-map-buffersize`.

use std::cell::Cell;
use std::num::NonZeroUsize;

use process_pool::ProcessPool;

fn loaves(order: u32) -> u32 {
    order * 10
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(loaves).enter();
    let pool = ProcessPool::new()?;
    let two = NonZeroUsize::new(2).unwrap();

    let drawn = Cell::new(0);
    let orders = (1..).inspect(|&order| drawn.set(order));
    let results = pool.map_bounded(loaves, orders, two);
    for (order, loaves) in (1..=3).zip(results) {
        println!("order {order}: {} loaves, {} drawn", loaves?, drawn.get());
    }

    // Wrong for a source that is long, and worse for one without end.
    let orders = (1..=1000).inspect(|&order| drawn.set(order));
    let _results = pool.map(loaves, orders);
    println!(
        "trap: without a bound {} were drawn before the first result",
        drawn.get()
    );
    Ok(())
}
