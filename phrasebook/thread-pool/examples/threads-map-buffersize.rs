//! Feed a map from an endless source, and draw no further ahead than so many items.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items, buffersize=n)` (3.14)
//! - **Rust:** a `VecDeque` of so many handles: submit one at its end for each that is
//!   taken from its front
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-map-buffersize
//! order 1: 10 loaves, 3 drawn
//! order 2: 20 loaves, 4 drawn
//! order 3: 30 loaves, 5 drawn
//! trap: without a bound 1000 were drawn before the first result
//! ```
//!
//! **Trap:** iterators are lazy, but `map` of a pool is not: it draws everything before
//! it returns, and from an endless source it never does.
//!
//! Neighbours: `threads-map`, `processes-map-buffersize`, `lazy-map`,
//! `async-map-buffersize`.

use std::cell::Cell;
use std::collections::VecDeque;

use thread_pool::{Error, ThreadPool};

fn loaves(order: u32) -> u32 {
    order * 10
}

fn main() -> Result<(), Error> {
    let pool = ThreadPool::new(2);

    let drawn = Cell::new(0);
    let orders = (1..).inspect(|&order| drawn.set(order));
    let mut handles = orders.map(|order| pool.submit(move || loaves(order)));
    let mut buffer: VecDeque<_> = handles.by_ref().take(2).collect();
    for order in 1..=3 {
        buffer.extend(handles.next());
        if let Some(next) = buffer.pop_front() {
            println!(
                "order {order}: {} loaves, {} drawn",
                next.join()?,
                drawn.get()
            );
        }
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
