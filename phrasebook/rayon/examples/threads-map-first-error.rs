//! Learn of the first failure among many results: the first of the list, not of the
//! clock.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items)`, which raises at the item's own
//!   place
//! - **Rust:** rayon, collected into a `Vec` of `Result`s, and that into one `Result`
//! - **Needs:** `cargo add rayon`
//!
//! ```console
//! $ cargo run --example threads-map-first-error
//! the first failure: no oven for soup
//! trap: collected at once: no oven for stone
//! ```
//!
//! **Trap:** `collect::<Result<_, _>>()` of a parallel iterator keeps whichever error
//! came first in time, so another one each time. Of an ordinary iterator it keeps the
//! first.
//!
//! Neighbours: `threads-map`, `threads-wait-first-exception`, `processes-map`.

use std::sync::{Arc, OnceLock};

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

/// Sees to it that the soup, which comes first, fails after the stone.
fn bake(dish: &str, stone_failed: &Arc<OnceLock<()>>) -> Result<u32, String> {
    let failed = Arc::clone(stone_failed);
    match dish {
        "soup" => *failed.wait(),
        // A job for this thread, which is free for it when the stone's error is stored.
        "stone" => rayon::spawn(move || _ = failed.set(())),
        _ => return Ok(40),
    }
    Err(format!("no oven for {dish}"))
}

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
        println!("the first failure: {error}");
    }

    // Wrong, if the list is to say which is the first.
    let minutes: Result<Vec<_>, _> = pool.install(bake_all);
    if let Err(error) = minutes {
        println!("trap: collected at once: {error}");
    }
    Ok(())
}
