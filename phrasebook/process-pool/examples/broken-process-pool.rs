//! `BrokenProcessPool`: a worker process dies while it runs a task.
//!
//! - **Python:** `BrokenProcessPool`, `BrokenExecutor`
//! - **Rust:** `Error::Died`, of that one task; another worker takes over. The pool
//!   itself breaks only if workers cannot be started: `Error::Broken`
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example broken-process-pool
//! bread: baked
//! stone: the worker exited with code 3
//! cake: baked
//! trap: the worker exited with code 0, so the task has no result
//! ```
//!
//! In Python: `stone: the pool is broken` for `stone: the worker exited with code 3`;
//! `cake: the pool is broken` for `cake: baked`.
//!
//! **Trap:** `process::exit` is not `sys.exit`. It ends the worker, so the task fails
//! with `Error::Died`, for code 0 too, and is not run again. Python's `sys.exit` in a
//! task raises `SystemExit` from `result()`, which ends the parent unless it is caught.
//!
//! Neighbours: `processes-submit`, `kill-workers`, `processes-map-chunksize`.

use std::process;

use process_pool::{Error, ProcessPool};

fn bake(dish: String) -> String {
    match dish.as_str() {
        "stone" => process::exit(3),
        "air" => process::exit(0),
        _ => "baked".to_owned(),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(bake).enter();
    let pool = ProcessPool::builder().max_workers(1).build()?;

    for dish in ["bread", "stone", "cake"] {
        match pool.submit(bake, dish.to_owned()).join() {
            Ok(state) => println!("{dish}: {state}"),
            Err(Error::Died { how, .. }) => println!("{dish}: the worker {how}"),
            Err(error) => return Err(error.into()),
        }
    }

    // Wrong: `process::exit(0)` to end a task early. Only `return` gives a result.
    if let Err(Error::Died { how, .. }) = pool.submit(bake, "air".to_owned()).join() {
        println!("trap: the worker {how}, so the task has no result");
    }
    Ok(())
}
