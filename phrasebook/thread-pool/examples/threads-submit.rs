//! Hand a function and its argument to a pool of threads, and fetch the result later.
//!
//! - **Python:** `ThreadPoolExecutor().submit(f, x)`, `Future.result()`,
//!   `Future.exception()`
//! - **Rust:** `ThreadPool::submit`, which takes a closure, and `Handle::join`: the
//!   `Result` of the pool, and in it what the closure returned, which may be a `Result`
//!   of its own
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-submit
//! bread: 40 minutes
//! soup: not for an oven
//! stone: nobody bakes a stone
//! trap: asked the pool alone, soup went well: true
//! ```
//!
//! **Trap:** an exception comes by one road, a failure in Rust by two: an `Err` that the
//! function returns arrives as a result, a panic as an error of the pool. Look at both.
//!
//! Neighbours: `threads-future-result-timeout`, `threads-map`, `rayon-spawn-panic`,
//! `processes-submit`.

use thread_pool::{Error, ThreadPool};

fn bake(dish: &str) -> Result<u32, String> {
    match dish {
        "bread" => Ok(40),
        "soup" => Err("not for an oven".to_owned()),
        _ => panic!("nobody bakes a {dish}"),
    }
}

fn main() -> Result<(), Error> {
    let pool = ThreadPool::new(3);

    let dishes = ["bread", "soup", "stone"];
    let handles = dishes.map(|dish| pool.submit(move || bake(dish)));
    for (dish, handle) in dishes.iter().zip(handles) {
        match handle.join() {
            Ok(Ok(minutes)) => println!("{dish}: {minutes} minutes"),
            Ok(Err(reason)) => println!("{dish}: {reason}"),
            Err(Error::Panicked(message)) => println!("{dish}: {message}"),
            Err(error) => return Err(error),
        }
    }

    // Wrong: this asks whether the function came to an end, not how it ended.
    let went_well = pool.submit(|| bake("soup")).join().is_ok();
    println!("trap: asked the pool alone, soup went well: {went_well}");
    Ok(())
}
