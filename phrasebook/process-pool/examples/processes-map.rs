//! Call one function for many items in worker processes, and get the results in order.
//!
//! - **Python:** `ProcessPoolExecutor().map(f, items)`, `multiprocessing.Pool.map`
//! - **Rust:** `ProcessPool::map`: everything is submitted at once, and each item has its
//!   own `Result`
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-map
//! bread: 40 minutes
//! soup: not for an oven
//! cake: 55 minutes
//! trap: collected into one result: not for an oven
//! ```
//!
//! In Python: nothing for `cake: 55 minutes`.
//!
//! **Trap:** an exception ends Python's iteration; an `Err` is one item among the others.
//! Collecting into one `Result` throws the good ones away, and cancels what has not
//! started.
//!
//! Neighbours: `processes-map-timeout`, `processes-map-chunksize`,
//! `processes-as-completed`, `threads-map`.

use process_pool::ProcessPool;

fn bake(dish: String) -> Result<u32, String> {
    match dish.as_str() {
        "bread" => Ok(40),
        "cake" => Ok(55),
        _ => Err("not for an oven".to_owned()),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(bake).enter();
    let pool = ProcessPool::new()?;

    let dishes = ["bread", "soup", "cake"];
    let results = pool.map(bake, dishes.map(String::from));
    for (dish, result) in dishes.iter().zip(results) {
        match result? {
            Ok(minutes) => println!("{dish}: {minutes} minutes"),
            Err(reason) => println!("{dish}: {reason}"),
        }
    }

    // Wrong where every dish counts: the first failure is all that is left.
    let results = pool.map(bake, dishes.map(String::from));
    let all: Result<Vec<u32>, String> = results.collect::<Result<_, _>>()?;
    if let Err(reason) = all {
        println!("trap: collected into one result: {reason}");
    }
    Ok(())
}
