//! Have something called when a task has finished, whoever waits for it or not.
//!
//! - **Python:** `Future.add_done_callback(f)`
//! - **Rust:** the last line of the closure that is submitted; a guard's `Drop` where the
//!   work may panic
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-add-done-callback
//! bread: 40 minutes
//! cake: 55 minutes
//! the oven is off
//! trap: after a panic the last line was reached: false
//! trap: after a panic the guard was dropped: true
//! ```
//!
//! **Trap:** Python calls back after an exception too. The last line of a closure is not
//! reached when the work panics; what must happen in any case belongs into a `Drop`.
//!
//! Neighbours: `threads-as-completed`, `processes-add-done-callback`.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use thread_pool::ThreadPool;

static REACHED: AtomicBool = AtomicBool::new(false);
static DROPPED: AtomicBool = AtomicBool::new(false);

struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        DROPPED.store(true, Relaxed);
    }
}

fn bake(dish: &str) -> u32 {
    match dish {
        "bread" => 40,
        "cake" => 55,
        _ => panic!("nobody bakes a {dish}"),
    }
}

fn main() {
    let pool = ThreadPool::new(1);
    for dish in ["bread", "cake"] {
        let task = move || println!("{dish}: {} minutes", bake(dish));
        drop(pool.submit(task)); // Nobody waits for it but the pool.
    }
    drop(pool);
    println!("the oven is off");

    let failed = ThreadPool::new(1).submit(|| {
        let _guard = Guard;
        bake("stone");
        REACHED.store(true, Relaxed); // Wrong, if it has to happen.
    });
    assert!(failed.join().is_err());
    println!(
        "trap: after a panic the last line was reached: {}",
        REACHED.load(Relaxed)
    );
    println!(
        "trap: after a panic the guard was dropped: {}",
        DROPPED.load(Relaxed)
    );
}
