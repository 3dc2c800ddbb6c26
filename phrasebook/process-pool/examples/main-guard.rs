//! Keep worker processes, which are this program started anew, out of `main`.
//!
//! - **Python:** `if __name__ == "__main__":`, and the start methods of
//!   `multiprocessing`: `fork`, `spawn`, `forkserver`
//! - **Rust:** `process_pool::worker_entry()` as the first statement of `main`: it names
//!   what workers may run, and in a worker it never returns
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example main-guard
//! trap: this stands before the entry
//! trap: this stands before the entry
//! 7 squared is 49
//! computed in another process: true
//! trap: 7 cubed: the entry does not name that function
//! ```
//!
//! **Trap:** a worker runs `main` up to the entry, so what stands before it happens once
//! in each process. And a function cannot be sent: a worker runs what the entry names,
//! nothing else. A closure that captures something does not even compile.
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
    // Wrong: the worker prints it too.
    println!("trap: this stands before the entry");

    process_pool::worker_entry().function(square).enter();

    // From here on only the parent.
    let pool = ProcessPool::builder().max_workers(1).build()?;
    let (squared, worker) = pool.submit(square, 7).join()?;
    println!("7 squared is {squared}");
    println!("computed in another process: {}", worker != process::id());

    // Wrong: it is in this program, but a worker has never heard of it.
    if let Err(Error::NotRegistered(_)) = pool.submit(cube, 7).join() {
        println!("trap: 7 cubed: the entry does not name that function");
    }
    Ok(())
}
