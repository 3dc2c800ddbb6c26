//! Calculate from async code: the work goes to rayon, and the runtime's threads stay free.
//!
//! In Python: `loop.run_in_executor(ProcessPoolExecutor(), heavy_calculation, num)`.
//!
//! ```console
//! $ cargo run --bin async-heavy-calculation
//! Calculating for 100000...
//! Calculating for 150000...
//! Calculating for 200000...
//! Calculation for 100000 returned 333328333350000
//! Calculation for 150000 returned 1124988750025000
//! Calculation for 200000 returned 2666646666700000
//! ```
//!
//! Siblings: `threads-heavy-calculation` is the right page for a program that is not async;
//! `sequential-heavy-calculation` uses one core, `processes-heavy-calculation` processes.
//! `machines-heavy-calculation` calculates on several machines.

use std::hint::black_box;

use futures_util::future::join_all;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::oneshot;
use workloads::{Exit, HeavyCalculationOptions, say, until_ctrl_c};

/// The sum of the squares below `num`, as exact as Python's integers.
#[tracing::instrument(ret)] // for `--trace`
fn heavy_calculation(num: u64) -> u128 {
    say!("Calculating for {num}...");
    // The compiler knows a formula for a sum of squares and would put it in the place of the
    // loop. It cannot look through `black_box`, so every square is really added.
    (0..num).fold(0, |sum, i| black_box(sum + u128::from(i).pow(2)))
}

/// Calculates on a thread of the pool. The task that waits for the result blocks no thread.
///
/// A calculation has no `.await`: on a thread of the runtime it would hold up every other task
/// there. `spawn_blocking` would not, but it would start hundreds of threads.
async fn run_in_pool(pool: &ThreadPool, num: u64) -> anyhow::Result<u128> {
    let (sender, receiver) = oneshot::channel();
    pool.spawn(move || {
        // Fails if the task was cancelled: nothing waits for the result any more.
        let _ = sender.send(heavy_calculation(num));
    });
    Ok(receiver.await?)
}

#[tokio::main]
async fn main() -> anyhow::Result<Exit> {
    let options = HeavyCalculationOptions::parse(
        "loop.run_in_executor(ProcessPoolExecutor(), heavy_calculation, num)",
    );
    let workers = options.max_workers();
    let pool = ThreadPoolBuilder::new().num_threads(workers).build()?;
    until_ctrl_c(async {
        let calculations = options.numbers().map(|num| run_in_pool(&pool, num));
        Ok(options.report(join_all(calculations).await))
    })
    .await
}
