//! Calculate on every core at the same time, with rayon: Python's threads cannot do that.
//!
//! In Python: `ThreadPoolExecutor().map(heavy_calculation, numbers)`, which the GIL keeps on
//! one core. Rust has no GIL, so threads are the right tool for CPU work too.
//!
//! ```console
//! $ cargo run --bin threads-heavy-calculation
//! Calculating for 100000...
//! Calculating for 150000...
//! Calculating for 200000...
//! Calculation for 100000 returned 333328333350000
//! Calculation for 150000 returned 1124988750025000
//! Calculation for 200000 returned 2666646666700000
//! ```
//!
//! Siblings: `sequential-heavy-calculation` is the same with a plain iterator;
//! `processes-heavy-calculation` shares no memory between the cores;
//! `async-heavy-calculation` hands the work from async code to rayon.
//! `machines-heavy-calculation` calculates on several machines.

use std::convert::Infallible;
use std::hint::black_box;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use workloads::{Exit, HeavyCalculationOptions, say};

/// The sum of the squares below `num`, as exact as Python's integers.
#[tracing::instrument(ret)] // for `--trace`
fn heavy_calculation(num: u64) -> u128 {
    say!("Calculating for {num}...");
    // The compiler knows a formula for a sum of squares and would put it in the place of the
    // loop. It cannot look through `black_box`, so every square is really added.
    (0..num).fold(0, |sum, i| black_box(sum + u128::from(i).pow(2)))
}

fn main() -> anyhow::Result<Exit> {
    let options = HeavyCalculationOptions::parse(
        "ThreadPoolExecutor().map(heavy_calculation, numbers), but on every core",
    );
    let numbers: Vec<_> = options.numbers().collect();
    // rayon's own pool has a thread for each core. This one has as many as `--max-workers` says.
    let pool = ThreadPoolBuilder::new()
        .num_threads(options.max_workers())
        .build()?;
    // One number a task (`with_max_len`), so that an idle thread can steal any that is left.
    // `collect` keeps the order of the input.
    let results: Vec<_> = pool.install(|| {
        let numbers = numbers.into_par_iter().with_max_len(1);
        numbers.map(heavy_calculation).collect()
    });
    // No calculation can fail.
    Ok(options.report(results.into_iter().map(Ok::<_, Infallible>)))
}
