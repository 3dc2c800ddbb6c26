//! `Executor.map` starts its work immediately; `map` of a Rust iterator starts nothing.
//!
//! - **Python:** `Executor.map(f, items)`; the built-in `map` is lazy, as in Rust
//! - **Rust:** `Iterator::map`, and `collect` to start all threads; `map` of `ThreadPool`
//!   and of `ProcessPool` starts its work immediately, as in Python
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example lazy-map
//! 2 tasks have started before main does anything else
//! bread: 40 minutes
//! cake: 55 minutes
//! trap: map without collect: 0 tasks have started
//! trap: map without collect, dropped: 0 tasks have started
//! ```
//!
//! **Trap:** an iterator of Rust calls nothing until something consumes it, such as
//! `collect` or a loop. Until then `map` has started no thread. If nothing consumes it,
//! none ever starts. The same holds for `par_iter().map(..)` of rayon.
//!
//! Neighbours: `threads-map`, `join-in-spawn-loop`, `threads-map-buffersize`,
//! `lazy-futures`.

use std::cell::Cell;
use std::thread;

fn bake(dish: &str) -> u32 {
    if dish == "bread" { 40 } else { 55 }
}

fn main() {
    let dishes = ["bread", "cake"];
    let started = Cell::new(0);
    let start = |dish| {
        started.set(started.get() + 1);
        thread::spawn(move || bake(dish))
    };

    // `collect` consumes the iterator, so all threads start here.
    let handles: Vec<_> = dishes.into_iter().map(start).collect();
    let tasks = started.get();
    println!("{tasks} tasks have started before main does anything else");
    for (dish, handle) in dishes.iter().zip(handles) {
        println!("{dish}: {} minutes", handle.join().unwrap());
    }

    // Wrong, if the threads should work while main does something else.
    started.set(0);
    let lazy = dishes.into_iter().map(start);
    let tasks = started.get();
    println!("trap: map without collect: {tasks} tasks have started");

    // Wrong, if the threads should run, whether or not anything waits for them.
    drop(lazy);
    let tasks = started.get();
    println!("trap: map without collect, dropped: {tasks} tasks have started");
}
