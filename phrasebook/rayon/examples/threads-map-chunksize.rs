//! Do many small items in chunks on several threads, so that each job is worth its cost.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items, chunksize=n)`, which ignores
//!   `chunksize`
//! - **Rust:** rayon's `par_chunks(n)` for chunks of that size; `with_min_len(n)` for a
//!   least size
//! - **Needs:** `cargo add rayon`
//!
//! ```console
//! $ cargo run --example threads-map-chunksize
//! pot 1: 300 eggs
//! pot 2: 300 eggs
//! pot 3: 300 eggs
//! pot 4: 100 eggs
//! trap: with_min_len(300): [500, 500] eggs
//! ```
//!
//! **Trap:** `with_min_len` sounds like `chunksize`, but is a floor: rayon halves the
//! work, and stops where a half would be smaller. Mostly it finds good sizes by itself.
//!
//! Neighbours: `processes-map-chunksize`, `threads-map`, `threads-map-buffersize`.

use rayon::prelude::*;

/// Boils a pot of eggs, and says how many they are.
fn boil(eggs: &[u32]) -> usize {
    eggs.len()
}

fn main() {
    let eggs: Vec<u32> = (0..1000).collect();
    let pots: Vec<usize> = eggs.par_chunks(300).map(boil).collect();
    for (pot, eggs) in (1..).zip(pots) {
        println!("pot {pot}: {eggs} eggs");
    }

    // Wrong, if it was meant to make pots of 300. (A fold has one result for each piece.)
    let pieces = eggs.par_iter().with_min_len(300);
    let pieces: Vec<u32> = pieces.fold(|| 0, |eggs, _| eggs + 1).collect();
    println!("trap: with_min_len(300): {pieces:?} eggs");
}
