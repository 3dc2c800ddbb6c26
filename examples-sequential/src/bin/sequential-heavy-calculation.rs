//! Calculate for one number after another: the plain loop every model is measured against.
//!
//! In Python: `for num in numbers: heavy_calculation(num)`.
//!
//! ```console
//! $ cargo run --bin sequential-heavy-calculation
//! Calculating for 100000...
//! Calculating for 150000...
//! Calculating for 200000...
//! Calculation for 100000 returned 333328333350000
//! Calculation for 150000 returned 1124988750025000
//! Calculation for 200000 returned 2666646666700000
//! ```
//!
//! Siblings: `threads-heavy-calculation`, `processes-heavy-calculation` and
//! `async-heavy-calculation` use every core; this page uses one.
//! `machines-heavy-calculation` calculates on several machines.

use std::convert::Infallible;
use std::hint::black_box;

use workloads::{Exit, HeavyCalculationOptions, say};

/// The sum of the squares below `num`, as exact as Python's integers.
#[tracing::instrument(ret)] // for `--trace`
fn heavy_calculation(num: u64) -> u128 {
    say!("Calculating for {num}...");
    // The compiler knows a formula for a sum of squares and would put it in the place of the
    // loop. It cannot look through `black_box`, so every square is really added.
    (0..num).fold(0, |sum, i| black_box(sum + u128::from(i).pow(2)))
}

fn main() -> Exit {
    let options =
        HeavyCalculationOptions::parse("for num in numbers: heavy_calculation(num)");
    let results: Vec<_> = options.numbers().map(heavy_calculation).collect();
    // No calculation can fail.
    options.report(results.into_iter().map(Ok::<_, Infallible>))
}
