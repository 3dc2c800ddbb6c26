//! `Executor.map(chunksize)`: process many small items in chunks on several threads.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items, chunksize=n)`, which ignores
//!   `chunksize`
//! - **Rust:** rayon's `par_chunks(n)` for chunks of size `n`; `with_min_len(n)` for
//!   chunks of at least `n`
//! - **Needs:** `cargo add rayon`
//!
//! ```console
//! $ cargo run --example threads-map-chunksize
//! pot 1: 300 eggs
//! pot 2: 300 eggs
//! pot 3: 300 eggs
//! pot 4: 100 eggs
//! trap: with_min_len(300): no chunks of 300, but [500, 500]
//! ```
//!
//! **Trap:** `with_min_len` looks like `chunksize`, but is a minimum: rayon halves the
//! work, and stops where a half would be smaller than `n`. Without it rayon splits the
//! work well in most cases.
//!
//! Neighbours: `processes-map-chunksize`, `threads-map`, `threads-map-buffersize`.

use rayon::prelude::*;

/// Boils a pot of eggs, and returns how many they are.
fn boil(eggs: &[u32]) -> usize {
    eggs.len()
}

fn main() {
    let eggs: Vec<u32> = (0..1000).collect();
    let pots: Vec<usize> = eggs.par_chunks(300).map(boil).collect();
    for (pot, count) in (1..).zip(pots) {
        println!("pot {pot}: {count} eggs");
    }

    // Wrong, if each pot should have 300 eggs. (`fold` gives one count for each chunk.)
    let pots: Vec<u32> = eggs
        .par_iter()
        .with_min_len(300)
        .fold(|| 0, |count, _| count + 1)
        .collect();
    println!("trap: with_min_len(300): no chunks of 300, but {pots:?}");
}
