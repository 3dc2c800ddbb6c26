//! Hand a function and its argument to a pool of processes, and fetch the result later.
//!
//! - **Python:** `ProcessPoolExecutor().submit(f, x)`, `Future.result()`,
//!   `Future.exception()`
//! - **Rust:** `ProcessPool::submit`, `Handle::join`: the `Result` of the pool, and in it
//!   what the function returned, which may be a `Result` of its own
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-submit
//! bread: 40 minutes
//! soup: not for an oven
//! stone: nobody bakes a stone
//! trap: asked the pool alone, soup went well: true
//! ```
//!
//! **Trap:** an exception comes by one road, a failure in Rust by two: an `Err` that the
//! function returns arrives as a result, a panic as an error of the pool. Look at both.
//!
//! Neighbours: `processes-future-result-timeout`, `processes-map`, `threads-submit`.

use process_pool::{Error, ProcessPool};

fn bake(dish: String) -> Result<u32, String> {
    match dish.as_str() {
        "bread" => Ok(40),
        "soup" => Err("not for an oven".to_owned()),
        _ => panic!("nobody bakes a {dish}"),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(bake).enter();
    let pool = ProcessPool::new()?;

    let dishes = ["bread", "soup", "stone"];
    let handles = dishes.map(|dish| pool.submit(bake, dish.to_owned()));
    for (dish, handle) in dishes.iter().zip(handles) {
        match handle.join() {
            Ok(Ok(minutes)) => println!("{dish}: {minutes} minutes"),
            Ok(Err(reason)) => println!("{dish}: {reason}"),
            Err(Error::Panicked { message, .. }) => println!("{dish}: {message}"),
            Err(error) => return Err(error.into()), // The worker died, for one.
        }
    }

    // Wrong: this asks whether the function came to an end, not how it ended.
    let went_well = pool.submit(bake, "soup".to_owned()).join().is_ok();
    println!("trap: asked the pool alone, soup went well: {went_well}");
    Ok(())
}
