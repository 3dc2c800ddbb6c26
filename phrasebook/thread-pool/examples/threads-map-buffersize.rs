//! Feed a map from an endless source, and draw at most `n` items ahead of the results.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items, buffersize=n)` (3.14)
//! - **Rust:** `pool.map_bounded(f, items, n)`
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-map-buffersize
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
//! Neighbours: `threads-map`, `processes-map-buffersize`, `lazy-map`,
//! `async-map-buffersize`.

use std::cell::Cell;
use std::num::NonZeroUsize;

use thread_pool::{Error, ThreadPool};

fn loaves(order: u32) -> u32 {
    order * 10
}

fn main() -> Result<(), Error> {
    let pool = ThreadPool::new(2);
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
