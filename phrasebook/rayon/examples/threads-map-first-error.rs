//! `Executor.map` that fails: get the first error in the order of the items, not in time.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items)`, which raises when the item that
//!   failed has its turn
//! - **Rust:** rayon's `par_iter`, collected into a `Vec` of `Result`s, and that into one
//!   `Result`; `ThreadPool::map` gives its results in the order of the items, too
//! - **Needs:** `cargo add rayon`
//!
//! ```console
//! $ cargo run --example threads-map-first-error
//! the first error: no oven for soup
//! trap: collect::<Result<_, _>>() gives another error: no oven for stone
//! ```
//!
//! **Trap:** `collect::<Result<_, _>>()` of a parallel iterator keeps any one of the
//! errors, which may differ from run to run. Of an ordinary iterator it keeps the first.
//!
//! Neighbours: `threads-map`, `threads-wait-first-exception`, `processes-map`.

use std::sync::{Arc, OnceLock};

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

/// Fails for two dishes: "soup" stands first in the list, "stone" fails first in time.
fn bake(dish: &str, stone_failed: &Arc<OnceLock<()>>) -> Result<u32, String> {
    let failed = Arc::clone(stone_failed);
    match dish {
        "soup" => {
            failed.wait();
        }
        // The other thread waits in "soup". So this one runs the job, but only after it
        // has stored the error of "stone".
        "stone" => rayon::spawn(move || failed.set(()).expect("it is set once")),
        _ => return Ok(40),
    }
    Err(format!("no oven for {dish}"))
}

/// The caller chooses what to collect into: a `Vec` of `Result`s, or one `Result`.
fn bake_all<C: FromParallelIterator<Result<u32, String>>>() -> C {
    let stone_failed = Arc::new(OnceLock::new());
    let dishes = ["bread", "soup", "stone"].par_iter();
    dishes.map(|dish| bake(dish, &stone_failed)).collect()
}

fn main() -> Result<(), rayon::ThreadPoolBuildError> {
    let pool = ThreadPoolBuilder::new().num_threads(2).build()?;

    let results: Vec<_> = pool.install(bake_all);
    let minutes: Result<Vec<_>, _> = results.into_iter().collect();
    if let Err(error) = minutes {
        println!("the first error: {error}");
    }

    // Wrong, if it should be the first in the order of the items.
    let minutes: Result<Vec<_>, _> = pool.install(bake_all);
    if let Err(error) = minutes {
        println!("trap: collect::<Result<_, _>>() gives another error: {error}");
    }
    Ok(())
}
