//! Main guard: keep worker processes, which are this program again, out of `main`.
//!
//! - **Python:** `if __name__ == "__main__":`; `mp_context` chooses how workers are
//!   started: `fork`, `spawn` or `forkserver`
//! - **Rust:** `process_pool::worker_entry()` as the first statement of `main`: it names
//!   what workers may run, and in a worker it never returns. There is no other start
//!   method
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example main-guard
//! trap: this line runs in main and in the worker
//! trap: this line runs in main and in the worker
//! 7 squared is 49, computed in another process
//! trap: 7 cubed failed: the entry does not name this function
//! ```
//!
//! In Python: nothing for `trap: 7 cubed failed: the entry does not name this function`.
//!
//! **Trap:** as in Python with `spawn`, what stands before the guard, here the entry,
//! runs in every worker, too. Unlike in Python, a worker runs only functions that the
//! entry names: for any other the task fails. A closure that captures something does not
//! compile.
//!
//! Neighbours: `processes-submit`, `processes-initializer`.

use std::process;

use process_pool::{Error, ProcessPool};

fn square(n: u32) -> (u32, u32) {
    (n * n, process::id())
}

fn cube(n: u32) -> (u32, u32) {
    (n * n * n, process::id())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Wrong: it stands before the entry.
    println!("trap: this line runs in main and in the worker");

    process_pool::worker_entry().function(square).enter();

    // From here on only the parent runs.
    let pool = ProcessPool::builder().max_workers(1).build()?;
    let (squared, worker) = pool.submit(square, 7).join()?;
    let place = if worker == process::id() {
        "in this process"
    } else {
        "in another process"
    };
    println!("7 squared is {squared}, computed {place}");

    // Wrong: the entry does not name `cube`.
    if let Err(Error::NotRegistered(_)) = pool.submit(cube, 7).join() {
        println!("trap: 7 cubed failed: the entry does not name this function");
    }
    Ok(())
}
