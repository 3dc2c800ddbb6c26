//! Leave a block only when everything that was submitted in it has finished.
//!
//! - **Python:** `with ThreadPoolExecutor() as pool:`, `Executor.shutdown()`
//! - **Rust:** the pool's `Drop`, at the end of its block; without a pool `thread::scope`
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`, `cargo add rayon`
//!
//! ```console
//! $ cargo run --example executor-with
//! after the block 3 loaves are baked
//! trap: after the block of a rayon pool 0 more
//! ```
//!
//! **Trap:** a pool of rayon does not wait when it is dropped, and neither does a thread
//! of std: a handle that is dropped lets its thread go. The end of `main` ends them all.
//!
//! Neighbours: `threads-submit`, `threads-shutdown-cancel-futures`, `rayon-spawn-panic`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;

use thread_pool::ThreadPool;

static BAKED: AtomicUsize = AtomicUsize::new(0);

fn bake() {
    BAKED.fetch_add(1, Relaxed);
}

fn main() -> Result<(), rayon::ThreadPoolBuildError> {
    {
        let pool = ThreadPool::new(2);
        for _ in 0..3 {
            drop(pool.submit(bake)); // Nobody asks for the result.
        }
    }
    println!(
        "after the block {} loaves are baked",
        BAKED.swap(0, Relaxed)
    );

    // Wrong: the block is left at once. (The oven heats up only after it.)
    let (heat, oven) = mpsc::channel::<()>();
    {
        let pool = rayon::ThreadPoolBuilder::new().build()?;
        pool.spawn(move || {
            let _ = oven.recv();
            bake();
        });
    }
    let baked = BAKED.load(Relaxed);
    println!("trap: after the block of a rayon pool {baked} more");
    drop(heat);
    Ok(())
}
