//! `max_tasks_per_child`: replace a worker process after n tasks, for tasks that leak.
//!
//! - **Python:** `ProcessPoolExecutor(max_tasks_per_child=n)`,
//!   `multiprocessing.Pool(maxtasksperchild=n)`
//! - **Rust:** `Builder::max_tasks_per_child(n)`
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example max-tasks-per-child
//! loaf 1: crumbs in this worker: 1
//! loaf 2: crumbs in this worker: 2
//! loaf 3: crumbs in this worker: 1
//! loaf 4: crumbs in this worker: 2
//! trap: loaf 4 without the limit: crumbs in this worker: 4
//! ```
//!
//! **Trap:** as in Python, a global (here a `static`) of a worker lives on from task to
//! task. Without the limit the fourth task finds what three others have left. (CPython
//! 3.11 to 3.14 without the repair of gh-115634 may hang if tasks are queued while a
//! worker is replaced. This pool does not.)
//!
//! Neighbours: `processes-initializer`, `kill-workers`.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use process_pool::ProcessPool;

static CRUMBS: AtomicU32 = AtomicU32::new(0);

/// Cuts a loaf, leaves a crumb behind, and says how many there are in this process.
fn cut(_loaf: u32) -> u32 {
    CRUMBS.fetch_add(1, Relaxed) + 1
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(cut).enter(); // In a worker this never returns.
    let pool = ProcessPool::builder()
        .max_workers(1)
        .max_tasks_per_child(2)
        .build()?;
    for (loaf, crumbs) in (1..).zip(pool.map(cut, 1..=4)) {
        println!("loaf {loaf}: crumbs in this worker: {}", crumbs?);
    }

    // Wrong: without the limit the same worker runs all tasks.
    let pool = ProcessPool::builder().max_workers(1).build()?;
    if let Some(crumbs) = pool.map(cut, 1..=4).last() {
        let crumbs = crumbs?;
        println!("trap: loaf 4 without the limit: crumbs in this worker: {crumbs}");
    }
    Ok(())
}
