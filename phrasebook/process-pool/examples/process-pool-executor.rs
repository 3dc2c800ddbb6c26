//! `ProcessPoolExecutor`: run a heavy calculation for three numbers in worker processes.
//!
//! - **Python:** `with ProcessPoolExecutor() as executor:`,
//!   `executor.map(heavy_calculation, numbers)`
//! - **Rust:** `ProcessPool::map`; std has no pool of processes
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example process-pool-executor
//! Calculation for 100000 returned 333328333350000
//! Calculation for 150000 returned 1124988750025000
//! Calculation for 200000 returned 2666646666700000
//! ```
//!
//! **Trap:** Python needs processes for CPU work because of the GIL. Rust has no GIL, so
//! threads are enough (rayon), and they share memory. Take processes for code that may
//! crash or has to be killed. And build CPU work with `--release`.
//!
//! Neighbours: `thread-pool-executor`, `processes-map`, `main-guard`,
//! `processes-heavy-calculation`.

use process_pool::ProcessPool;

fn heavy_calculation(number: u64) -> u64 {
    (0..number).map(|i| i * i).sum()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A worker is this program, started again: it gets no further than this statement.
    process_pool::worker_entry()
        .function(heavy_calculation)
        .enter();

    let numbers = [100_000, 150_000, 200_000];
    let pool = ProcessPool::new()?;
    for (number, result) in numbers.iter().zip(pool.map(heavy_calculation, numbers)) {
        println!("Calculation for {number} returned {}", result?);
    }
    Ok(())
}
