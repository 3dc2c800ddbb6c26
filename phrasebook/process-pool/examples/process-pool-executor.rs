//! Calculate for three numbers at once, each in a process of its own.
//!
//! - **Python:** `with ProcessPoolExecutor() as executor:`,
//!   `executor.map(heavy_calculation, numbers)`
//! - **Rust:** `ProcessPool::map`, of this workspace: std starts processes, no more
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example process-pool-executor
//! Calculation for 100000 returned 333328333350000
//! Calculation for 150000 returned 1124988750025000
//! Calculation for 200000 returned 2666646666700000
//! ```
//!
//! **Trap:** Python takes processes here because of its lock. Rust has none: threads do
//! as well, and share memory. Processes are for what may crash or has to be killed.
//!
//! Neighbours: `thread-pool-executor`, `processes-map`, `main-guard`,
//! `processes-heavy-calculation`.

use process_pool::ProcessPool;

fn heavy_calculation(number: u64) -> u64 {
    (0..number).map(|i| i * i).sum()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The workers are this program, started again; they get no further than here.
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
