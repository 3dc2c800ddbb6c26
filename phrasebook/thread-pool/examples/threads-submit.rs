//! `Executor.submit`: call a function on a thread of a pool, and fetch its result later.
//!
//! - **Python:** `ThreadPoolExecutor().submit(f, x)`, `Future.result()`,
//!   `Future.exception()`
//! - **Rust:** `ThreadPool::submit`, which takes a closure, and `Handle::join`. `join`
//!   returns the pool's `Result`; inside is what the closure returned, which may be a
//!   `Result`, too
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-submit
//! bread: 40 minutes
//! soup: not for an oven
//! stone: not a dish
//! trap: soup failed, but join().is_ok() says yes
//! ```
//!
//! **Trap:** in Python every failure is an exception. In Rust a failure shows in one of
//! two places: the function's own `Err` arrives inside `Ok`, a panic is the pool's `Err`.
//! Check both.
//!
//! Neighbours: `threads-future-result-timeout`, `threads-map`, `rayon-spawn-panic`,
//! `processes-submit`.

use thread_pool::{Error, ThreadPool};

fn bake(dish: &str) -> Result<u32, String> {
    match dish {
        "bread" => Ok(40),
        "soup" => Err("not for an oven".to_owned()),
        _ => panic!("not a dish"),
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

    // Wrong: this asks whether the function returned, not what it returned.
    let soup = pool.submit(|| bake("soup"));
    if soup.join().is_ok() {
        println!("trap: soup failed, but join().is_ok() says yes");
    }
    Ok(())
}
