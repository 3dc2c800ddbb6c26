//! `with ThreadPoolExecutor()`: leave the block only when all its tasks have finished.
//!
//! - **Python:** `with ThreadPoolExecutor() as pool:`, `Executor.shutdown()`
//! - **Rust:** the pool's `Drop`, at the end of its block; without a pool
//!   `thread::scope`; for rayon `rayon::scope`, or `scope` of its pool
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`, `cargo add rayon`
//!
//! ```console
//! $ cargo run --example executor-with
//! after the block: 3 of 3 tasks have finished
//! trap: after the block of a rayon pool: 0 of 1 task has finished
//! ```
//!
//! **Trap:** dropping a pool of rayon does not wait, and neither does dropping the
//! `JoinHandle` of a thread, which detaches it. When `main` returns, the
//! threads end in the middle of their work.
//!
//! Neighbours: `threads-submit`, `threads-shutdown-cancel-futures`, `rayon-spawn-panic`.

use std::sync::mpsc;

use thread_pool::ThreadPool;

fn bake(loaves: u32) -> u32 {
    loaves
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let handles = {
        let pool = ThreadPool::new(2);
        [1, 2, 3].map(|loaves| pool.submit(move || bake(loaves)))
    };
    let finished = handles.iter().filter(|handle| handle.is_finished()).count();
    println!("after the block: {finished} of 3 tasks have finished");
    for handle in handles {
        handle.join()?; // A task that panicked would show here.
    }

    // Wrong: the block ends before the task, which waits for `drop(gate)`.
    let (gate, opened) = mpsc::channel::<()>();
    let (sender, results) = mpsc::channel();
    {
        let pool = rayon::ThreadPoolBuilder::new().build()?;
        pool.spawn(move || {
            let _ = opened.recv();
            let _ = sender.send(bake(1));
        });
    }
    let finished = results.try_iter().count();
    println!("trap: after the block of a rayon pool: {finished} of 1 task has finished");
    drop(gate); // Lets the task go on.
    Ok(())
}
