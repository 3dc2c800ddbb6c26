//! Nested `submit`: a task waits for other tasks, which need a thread of the same pool.
//!
//! - **Python:** `pool.submit(f).result()` in a task of another pool; in a task of the
//!   same pool it can wait for ever
//! - **Rust:** rayon's `join`, `scope` and nested `par_iter`: a thread that waits there
//!   runs other jobs meanwhile
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`, `cargo add rayon`
//!
//! ```console
//! $ cargo run --example nested-submit
//! the menu takes 95 minutes
//! trap: the only thread waits for a task that needs this thread
//! trap: rayon runs a job that needs a lock on the thread that holds it
//! ```
//!
//! In Python: nothing for `trap: rayon runs a job that needs a lock on the thread that
//! holds it`.
//!
//! **Trap:** as in Python, a task that waits for a task of its own `ThreadPool` keeps the
//! thread that the other may need: a deadlock. A thread of rayon that waits in `join`,
//! `scope` or `par_iter` runs other jobs. If it holds a `Mutex` that one of them locks,
//! it waits for itself. Release locks before you call rayon.
//!
//! Neighbours: `threads-submit`, `max-workers`, `threads-future-result-timeout`.

use std::sync::{Arc, Mutex};
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
    let rayon_pool = ThreadPoolBuilder::new().num_threads(1).build()?;
    println!("the menu takes {} minutes", rayon_pool.install(menu));

    // Wrong: a task waits for a task of its own pool. (Without the limit, for ever.)
    let pool = Arc::new(ThreadPool::new(1));
    let same_pool = Arc::clone(&pool);
    let outer = pool.submit(move || {
        let bread = same_pool.submit(|| bake("bread"));
        if bread.join_timeout(Duration::from_millis(50)).is_err() {
            println!("trap: the only thread waits for a task that needs this thread");
        }
    });
    outer.join()?;

    // Wrong: holds a lock in a call of rayon that waits. Here that is `broadcast`: its
    // thread runs all queued jobs first.
    let oven = Mutex::new(());
    rayon_pool.scope(|scope| {
        scope.spawn(|_| {
            if oven.try_lock().is_err() {
                println!(
                    "trap: rayon runs a job that needs a lock on the thread that holds it"
                );
            }
        });
        let _guard = oven.lock().unwrap();
        rayon::broadcast(|_| ());
    });
    Ok(())
}
