//! Known-wrong: a thread is joined before the next one starts, so that they run in turn.
//!
//! - **Python:** `for t in threads: t.start()`, then `for t in threads: t.join()`
//! - **Rust:** `collect` the handles, then join them
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example join-in-spawn-loop
//! /, /news, /about: 12 bytes
//! at most 3 at once
//! trap: map after map: at most 1 at once
//! ```
//!
//! **Trap:** iterators are lazy: `map(start).map(join)` takes one element through both
//! before it takes the next. It reads like two loops and is one.
//!
//! Neighbours: `thread`, `threads-map`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::{self, JoinHandle};

static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn start(path: &'static str) -> JoinHandle<usize> {
    PEAK.fetch_max(1 + UNDER_WAY.fetch_add(1, Relaxed), Relaxed);
    thread::spawn(move || path.len())
}

fn join(fetch: JoinHandle<usize>) -> usize {
    let bytes = fetch.join().unwrap();
    UNDER_WAY.fetch_sub(1, Relaxed);
    bytes
}

fn main() {
    let paths = ["/", "/news", "/about"];

    let fetches: Vec<_> = paths.into_iter().map(start).collect(); // Starts them all.
    let bytes: usize = fetches.into_iter().map(join).sum();
    println!("{}: {bytes} bytes", paths.join(", "));
    println!("at most {} at once", PEAK.swap(0, Relaxed));

    // Wrong: without `collect` nothing starts until `sum` asks, for one after the other.
    let again: usize = paths.into_iter().map(start).map(join).sum();
    assert_eq!(again, bytes);
    println!(
        "trap: map after map: at most {} at once",
        PEAK.load(Relaxed)
    );
}
