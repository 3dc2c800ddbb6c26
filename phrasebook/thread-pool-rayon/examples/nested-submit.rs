//! Wait inside of a task for other tasks, which need a thread too.
//!
//! - **Python:** `pool.submit(f).result()` inside of a task of another pool; of the same
//!   pool it can wait for ever
//! - **Rust:** rayon's `join`, `scope` and nested `par_iter`: who waits works meanwhile
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`, `cargo add rayon`
//!
//! ```console
//! $ cargo run --example nested-submit
//! the menu takes 95 minutes
//! trap: the only thread waits for a task that has none: true
//! ```
//!
//! **Trap:** in a pool of plain threads, a task that waits for another one keeps the
//! thread that the other needs. Rayon's `join` does not, but a lock or a channel does
//! there too: whoever blocks in a job of rayon takes a thread from it.
//!
//! Neighbours: `threads-submit`, `max-workers`, `threads-future-result-timeout`.

use std::sync::Arc;
use std::time::Duration;

use rayon::ThreadPoolBuilder;
use thread_pool::ThreadPool;

fn bake(dish: &str) -> u32 {
    if dish == "bread" { 40 } else { 55 }
}

fn menu() -> u32 {
    let (bread, cake) = rayon::join(|| bake("bread"), || bake("cake"));
    bread + cake
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = ThreadPoolBuilder::new().num_threads(1).build()?;
    println!("the menu takes {} minutes", pool.install(menu));

    // Wrong: the only thread waits for what only it could do.
    let pool = Arc::new(ThreadPool::new(1));
    let same = Arc::clone(&pool);
    let menu = pool.submit(move || {
        let bread = same.submit(|| bake("bread"));
        bread.join_timeout(Duration::from_millis(50)).is_err()
    });
    let waits = menu.join()?;
    println!("trap: the only thread waits for a task that has none: {waits}");
    Ok(())
}
