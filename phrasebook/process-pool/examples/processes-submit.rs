//! `Executor.submit`: call a function in a worker process, and fetch its result later.
//!
//! - **Python:** `ProcessPoolExecutor().submit(f, x)`, `Future.result()`,
//!   `Future.exception()`
//! - **Rust:** `ProcessPool::submit`, `Handle::join`. `join` returns the pool's `Result`;
//!   inside is what the function returned, which may be a `Result`, too
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-submit
//! bread: 40 minutes
//! soup: not for an oven
//! stone: not a dish
//! trap: soup failed, but join().is_ok() says yes
//! ```
//!
//! **Trap:** in Python every failure is an exception. In Rust a failure shows in one of
//! two places: the function's own `Err` arrives inside `Ok`, a panic or a crash of the
//! worker is the pool's `Err`. Check both.
//!
//! Neighbours: `processes-future-result-timeout`, `processes-map`, `threads-submit`.

use process_pool::{Error, ProcessPool};

fn bake(dish: String) -> Result<u32, String> {
    match dish.as_str() {
        "bread" => Ok(40),
        "soup" => Err("not for an oven".to_owned()),
        _ => panic!("not a dish"),
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
            Err(error) => return Err(error.into()), // For example, the worker crashed.
        }
    }

    // Wrong: this asks whether the function returned, not what it returned.
    let soup = pool.submit(bake, "soup".to_owned());
    if soup.join().is_ok() {
        println!("trap: soup failed, but join().is_ok() says yes");
    }
    Ok(())
}
