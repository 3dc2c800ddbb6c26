//! Calculate on every core at the same time, in worker processes that share no memory.
//!
//! In Python: `ProcessPoolExecutor().map(heavy_calculation, numbers)`, the way around the GIL.
//!
//! ```console
//! $ cargo run --bin processes-heavy-calculation
//! Calculating for 100000...
//! Calculating for 150000...
//! Calculating for 200000...
//! Calculation for 100000 returned 333328333350000
//! Calculation for 150000 returned 1124988750025000
//! Calculation for 200000 returned 2666646666700000
//! ```
//!
//! Siblings: `threads-heavy-calculation` does the same without starting a process, and is
//! what Rust programs use; `sequential-heavy-calculation` uses one core;
//! `async-heavy-calculation` hands the work from async code to threads.
//! `machines-heavy-calculation` calculates on several machines.

use std::hint::black_box;

use process_pool::ProcessPool;
use workloads::{Exit, HeavyCalculationOptions, Settings, say};

/// The sum of the squares below `num`, as exact as Python's integers.
#[tracing::instrument(ret)] // for `--trace`
fn heavy_calculation(num: u64) -> u128 {
    say!("Calculating for {num}...");
    // The compiler knows a formula for a sum of squares and would put it in the place of the
    // loop. It cannot look through `black_box`, so every square is really added.
    (0..num).fold(0, |sum, i| black_box(sum + u128::from(i).pow(2)))
}

fn main() -> anyhow::Result<Exit> {
    // The pool starts this program again for each worker. In a worker this runs the calls and
    // never returns; in the program itself it does nothing. Python needs
    // `if __name__ == "__main__":` in the same place.
    process_pool::worker_entry()
        .function(heavy_calculation)
        .initializer(Settings::adopt)
        .enter();

    let options = HeavyCalculationOptions::parse(
        "ProcessPoolExecutor().map(heavy_calculation, numbers)",
    );
    let pool = ProcessPool::builder()
        .max_workers(options.max_workers())
        .initializer(Settings::adopt, Settings::for_workers())
        .build()?;
    let results = pool.map(heavy_calculation, options.numbers());
    drop(pool); // The end of Python's `with`: waits for all calls, then ends the workers.
    Ok(options.report(results))
}
