//! Send many small items to worker processes in chunks, several on each trip.
//!
//! - **Python:** `ProcessPoolExecutor().map(f, items, chunksize=n)`
//! - **Rust:** `ProcessPool::map_chunked`, whose chunk is a `NonZeroUsize`
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-map-chunksize
//! egg 1: 5 minutes
//! egg 2: broken
//! egg 3: 5 minutes
//! egg 4: 5 minutes
//! trap: egg 1: 5 minutes
//! trap: egg 2: 5 minutes
//! trap: egg 3: the worker exited with code 1
//! trap: egg 4: the worker exited with code 1
//! ```
//!
//! In Python: `egg 1: broken` for `egg 1: 5 minutes`; nothing for `egg 2: broken`;
//! nothing for `egg 3: 5 minutes`; nothing for `egg 4: 5 minutes`.
//!
//! **Trap:** a chunk is one task. An item that panics or returns an `Err` leaves the
//! others alone (in Python it takes its chunk with it), but a worker that dies takes them
//! all.
//!
//! Neighbours: `processes-map`, `broken-process-pool`, `threads-map-chunksize`.

use std::num::NonZeroUsize;

use process_pool::{Error, ProcessPool};

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
    let two = NonZeroUsize::new(2).unwrap();

    for (egg, minutes) in (1..).zip(pool.map_chunked(boil, 1..=4, two)) {
        match minutes {
            Ok(minutes) => println!("egg {egg}: {minutes} minutes"),
            Err(Error::Panicked { message, .. }) => println!("egg {egg}: {message}"),
            Err(error) => return Err(error.into()),
        }
    }
    // Wrong for tasks that may kill their worker: the fourth goes with the third.
    for (egg, minutes) in (1..).zip(pool.map_chunked(boil_dry, 1..=4, two)) {
        match minutes {
            Ok(minutes) => println!("trap: egg {egg}: {minutes} minutes"),
            Err(Error::Died { how, .. }) => println!("trap: egg {egg}: the worker {how}"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
