//! Lose a worker process in the middle of its task, and see what becomes of the others.
//!
//! - **Python:** `BrokenProcessPool`, `BrokenExecutor`
//! - **Rust:** `Error::Died`, of that one task; another worker takes over
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example broken-process-pool
//! bread: baked
//! stone: the worker exited with code 3
//! cake: baked
//! trap: with code 0 it looks finished, and is lost: true
//! ```
//!
//! In Python: `stone: the pool is broken` for `stone: the worker exited with code 3`;
//! `cake: the pool is broken` for `cake: baked`.
//!
//! **Trap:** a task that calls `process::exit` has not returned, whatever the code: it is
//! a death like any other, and nothing is caught on the way. (In Python `sys.exit` is an
//! exception, and only that task fails.) Nobody runs it a second time.
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

    // Wrong: leaves in peace, but with the task undone.
    let lost = pool.submit(bake, "air".to_owned()).join().is_err();
    println!("trap: with code 0 it looks finished, and is lost: {lost}");
    Ok(())
}
