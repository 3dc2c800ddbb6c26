//! `Executor.map`: call one function for many items on several threads, results in order.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items)`, `multiprocessing.dummy.Pool.map`
//! - **Rust:** `ThreadPool::map`. All items are submitted before it returns, and each has
//!   its own `Result`: a failure does not end the iteration. For CPU work: rayon's
//!   `par_iter().map(f).collect()`
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-map
//! bread: 40 minutes
//! soup: not for an oven
//! cake: 55 minutes
//! bread is delivered
//! cake is delivered
//! trap: results of map dropped: 2 tasks cancelled, none ran
//! ```
//!
//! In Python: nothing for `cake: 55 minutes`.
//!
//! **Trap:** `pool.map(f, items);` drops the results, which cancels all tasks that have
//! not started. Python runs them all. The compiler warns of this line, but not of `let _
//! = pool.map(..)`. Loop over the results, and check each.
//!
//! Neighbours: `threads-map-timeout`, `threads-map-first-error`, `threads-as-completed`,
//! `processes-map`.

use std::sync::{Arc, Barrier};

use thread_pool::{Error, ThreadPool};

fn bake(dish: &str) -> Result<u32, String> {
    match dish {
        "bread" => Ok(40),
        "cake" => Ok(55),
        _ => Err("not for an oven".to_owned()),
    }
}

fn deliver(dish: &str) {
    println!("{dish} is delivered");
}

fn main() -> Result<(), Error> {
    let pool = ThreadPool::new(3);
    let dishes = ["bread", "soup", "cake"];
    for (dish, result) in dishes.iter().zip(pool.map(bake, dishes)) {
        // `?` is for the pool's error; the function's own is matched.
        match result? {
            Ok(minutes) => println!("{dish}: {minutes} minutes"),
            Err(reason) => println!("{dish}: {reason}"),
        }
    }

    // For a function that returns nothing, loop over the results, too.
    let pool = ThreadPool::new(1);
    let dishes = ["bread", "cake"];
    for result in pool.map(deliver, dishes) {
        result?;
    }

    // Another task keeps the only thread busy until `main` waits at the barrier again.
    let barrier = Arc::new(Barrier::new(2));
    let same_barrier = Arc::clone(&barrier);
    let other = pool.submit(move || {
        same_barrier.wait();
        same_barrier.wait();
    });
    barrier.wait();

    // Wrong: the results are dropped immediately.
    let _ = pool.map(deliver, dishes);
    let cancelled = dishes.len() - pool.metrics().queued;
    println!("trap: results of map dropped: {cancelled} tasks cancelled, none ran");
    barrier.wait();
    other.join()
}
