//! Replace a worker process after so many tasks, for tasks that leave something behind.
//!
//! - **Python:** `ProcessPoolExecutor(max_tasks_per_child=n)`,
//!   `multiprocessing.Pool(maxtasksperchild=n)`
//! - **Rust:** `Builder::max_tasks_per_child(n)`
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example max-tasks-per-child
//! loaf 1: 1 crumb on the table
//! loaf 2: 2 crumbs on the table
//! loaf 3: 1 crumb on the table
//! loaf 4: 2 crumbs on the table
//! trap: loaf 4: 4 crumbs on the table
//! ```
//!
//! **Trap:** a `static` of a worker lives on from task to task. Without the limit the
//! fourth finds what three others have left. (CPython up to 3.13 may hang when more tasks
//! wait than its workers may do; this pool works them off.)
//!
//! Neighbours: `processes-initializer`, `kill-workers`.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use process_pool::ProcessPool;

static CRUMBS: AtomicU32 = AtomicU32::new(0);

/// Cuts a loaf, says how many crumbs this process has on its table, and wipes nothing.
fn cut(_loaf: u32) -> u32 {
    CRUMBS.fetch_add(1, Relaxed) + 1
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(cut).enter();
    let pool = ProcessPool::builder()
        .max_workers(1)
        .max_tasks_per_child(2)
        .build()?;
    for (loaf, crumbs) in (1..).zip(pool.map(cut, 1..=4)) {
        let crumbs = crumbs?;
        let s = if crumbs == 1 { "" } else { "s" };
        println!("loaf {loaf}: {crumbs} crumb{s} on the table");
    }

    // Wrong: the same worker does all of them.
    let pool = ProcessPool::builder().max_workers(1).build()?;
    if let Some(crumbs) = pool.map(cut, 1..=4).last() {
        println!("trap: loaf 4: {} crumbs on the table", crumbs?);
    }
    Ok(())
}
