//! Calculate on the cores of several machines, which take numbers from a queue.
//!
//! In Python: Dask's `client.gather(client.map(heavy_calculation, numbers))`, or Celery.
//!
//! ```console
//! $ cargo run --bin machines-heavy-calculation
//! Calculating for 100000...
//! Calculating for 150000...
//! Calculating for 200000...
//! Calculation for 100000 returned 333328333350000
//! Calculation for 150000 returned 1124988750025000
//! Calculation for 200000 returned 2666646666700000
//! ```
//!
//! Siblings: `processes-heavy-calculation` has its workers on this machine, without a
//! queue; `threads-heavy-calculation` starts no process; `sequential-heavy-calculation`
//! uses one core; `async-heavy-calculation` hands the work from async code to threads.
//!
//! Without `--server` this starts a server and workers of its own. To use several
//! machines: `--server nats://HOST:4222` here, and `--worker --server nats://HOST:4222`
//! on each of them.

use std::hint::black_box;

use job_queue::{JobQueue, worker_entry};
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
    // A worker is this program, started again, here or on another machine. In a worker this
    // runs the calls and never returns; in the program itself it does nothing.
    worker_entry(heavy_calculation)
        .check(HeavyCalculationOptions::check)
        .initializer(Settings::adopt)
        .enter();

    let (options, machines): (_, job_queue::QueueOptions) =
        HeavyCalculationOptions::parse_with_server(
            "client.gather(client.map(heavy_calculation, numbers))",
        );
    let settings = Settings::for_workers_at(machines.server.as_deref());
    let queue = JobQueue::builder(machines)
        .max_workers(options.max_workers())
        .settings(settings)
        .open()?;
    let results = queue.map(heavy_calculation, options.numbers())?;
    Ok(options.report(results))
}
