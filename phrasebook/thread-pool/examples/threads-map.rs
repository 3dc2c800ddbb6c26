//! Call one function for many items on several threads, and get the results in order.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items)`, `multiprocessing.dummy.Pool.map`
//! - **Rust:** `ThreadPool::map`: everything is submitted at once, and each item has its
//!   own `Result`; for work that computes, rayon's `par_iter().map(f).collect()`
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-map
//! bread: 40 minutes
//! soup: not for an oven
//! cake: 55 minutes
//! trap: collected into one result: not for an oven
//! ```
//!
//! In Python: nothing for `cake: 55 minutes`.
//!
//! **Trap:** an exception ends Python's iteration; an `Err` is one item among the others.
//! Collecting into one `Result` throws the good ones away.
//!
//! Neighbours: `threads-map-timeout`, `threads-map-first-error`, `threads-as-completed`,
//! `processes-map`.

use thread_pool::{Error, ThreadPool};

fn bake(dish: &str) -> Result<u32, String> {
    match dish {
        "bread" => Ok(40),
        "cake" => Ok(55),
        _ => Err("not for an oven".to_owned()),
    }
}

fn main() -> Result<(), Error> {
    let pool = ThreadPool::new(3);

    let dishes = ["bread", "soup", "cake"];
    for (dish, result) in dishes.iter().zip(pool.map(bake, dishes)) {
        match result? {
            Ok(minutes) => println!("{dish}: {minutes} minutes"),
            Err(reason) => println!("{dish}: {reason}"),
        }
    }

    // Wrong where every dish counts: the first failure is all that is left.
    let results = pool.map(bake, dishes);
    let all: Result<Vec<u32>, String> = results.collect::<Result<_, _>>()?;
    if let Err(reason) = all {
        println!("trap: collected into one result: {reason}");
    }
    Ok(())
}
