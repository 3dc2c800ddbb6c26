//! `Executor.map(chunksize)`: send many small items to worker processes in chunks.
//!
//! - **Python:** `ProcessPoolExecutor().map(f, items, chunksize=n)`
//! - **Rust:** `ProcessPool::map_chunked(f, items, n)`, where `n` is a `NonZeroUsize`
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-map-chunksize
//! egg 1: 5 minutes
//! egg 2: broken
//! egg 3: 5 minutes
//! egg 4: 5 minutes
//! trap: egg 3 is lost: the worker exited with code 1
//! trap: egg 4 is lost: the worker exited with code 1
//! ```
//!
//! In Python: `egg 1: broken` for `egg 1: 5 minutes`; nothing for `egg 2: broken`;
//! nothing for `egg 3: 5 minutes`; nothing for `egg 4: 5 minutes`.
//!
//! **Trap:** a chunk is one task. If the worker dies, all results of the chunk are lost,
//! also of the items before and after (Python's whole pool breaks). If an item panics or
//! returns an `Err`, the others keep their results (in Python the chunk is lost).
//!
//! Neighbours: `processes-map`, `broken-process-pool`, `threads-map-chunksize`.

use std::num::NonZeroUsize;

use process_pool::{Error, ProcessPool};

const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

fn boil(egg: u32) -> u32 {
    if egg == 2 {
        panic!("broken");
    }
    5
}

fn boil_dry(egg: u32) -> u32 {
    if egg == 3 {
        std::process::exit(1);
    }
    5
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry()
        .function(boil)
        .function(boil_dry)
        .enter();
    let pool = ProcessPool::new()?;

    for (egg, result) in (1..).zip(pool.map_chunked(boil, 1..=4, TWO)) {
        match result {
            Ok(minutes) => println!("egg {egg}: {minutes} minutes"),
            Err(Error::Panicked { message, .. }) => println!("egg {egg}: {message}"),
            Err(error) => return Err(error.into()),
        }
    }
    // Wrong for tasks that may kill their worker: egg 4 is lost together with egg 3.
    for (egg, result) in (1..).zip(pool.map_chunked(boil_dry, 1..=4, TWO)) {
        match result {
            Ok(_) => {}
            Err(Error::Died { how, .. }) => {
                println!("trap: egg {egg} is lost: the worker {how}");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
