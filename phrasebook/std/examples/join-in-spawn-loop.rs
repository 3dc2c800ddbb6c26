//! Common mistake: `join` in the loop that starts the threads, so they run in turn.
//!
//! - **Python:** `for t in threads: t.start()`, then `for t in threads: t.join()`;
//!   not `Thread.start` and `Thread.join` in one loop
//! - **Rust:** `collect` the handles, then join them
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example join-in-spawn-loop
//! /, /news, /about: 12 bytes
//! at most 3 threads at the same time
//! trap: start and join in one chain: at most 1 thread at the same time
//! ```
//!
//! **Trap:** as in Python, `map` is lazy: `map(start).map(join)` reads like two loops and
//! is one. It starts and joins one thread before it starts the next.
//!
//! Neighbours: `lazy-map`, `thread`, `threads-map`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::{self, JoinHandle};

// For this page only: how many threads are started and not yet joined.
static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn start(path: &'static str) -> JoinHandle<usize> {
    let now = NOW.fetch_add(1, Relaxed) + 1;
    MOST.fetch_max(now, Relaxed);
    thread::spawn(move || path.len())
}

fn join(fetch: JoinHandle<usize>) -> usize {
    let bytes = fetch.join().unwrap();
    NOW.fetch_sub(1, Relaxed);
    bytes
}

fn main() {
    let paths = ["/", "/news", "/about"];

    let fetches: Vec<_> = paths.into_iter().map(start).collect(); // Starts all of them.
    let bytes: usize = fetches.into_iter().map(join).sum();
    println!("{}: {bytes} bytes", paths.join(", "));
    let most = MOST.swap(0, Relaxed);
    println!("at most {most} threads at the same time");

    // Wrong: without `collect`, `sum` starts and joins one thread after the other.
    let again: usize = paths.into_iter().map(start).map(join).sum();
    assert_eq!(again, bytes);
    let most = MOST.load(Relaxed);
    println!("trap: start and join in one chain: at most {most} thread at the same time");
}
