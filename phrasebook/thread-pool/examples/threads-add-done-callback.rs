//! `Future.add_done_callback`: call a function when a task of a thread pool has finished.
//!
//! - **Python:** `Future.add_done_callback(f)`
//! - **Rust:** `Handle::on_finished`; the closure captures what it needs. As in Python,
//!   it is called for a failed or cancelled task, too
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-add-done-callback
//! pie: cancelled
//! bread: 40 minutes
//! cake: 55 minutes
//! the oven is off
//! trap: cake, joined again: the result has been taken already
//! trap: pie was cancelled: the guard inside its closure ran 0 times
//! ```
//!
//! **Trap:** Python's `result()` can be called again. Here the value is moved out once:
//! what the callback takes, nothing else gets. A cancelled task never starts, so its
//! closure creates no guard that could clean up: create it before `submit`, and move it
//! in.
//!
//! Neighbours: `threads-as-completed`, `threads-future-cancel`,
//! `processes-add-done-callback`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use thread_pool::{Error, Handle, ThreadPool};

/// Counts the clean-ups, to show the trap.
static CLEAN_UPS: AtomicUsize = AtomicUsize::new(0);

struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        CLEAN_UPS.fetch_add(1, Relaxed);
    }
}

fn bake(dish: &str) -> u32 {
    if dish == "bread" { 40 } else { 55 }
}

fn print_when_finished(dish: &'static str, handle: &Arc<Handle<u32>>) {
    let finished = Arc::clone(handle);
    handle.on_finished(move || {
        // It has finished, so this does not wait.
        match finished.join_timeout(Duration::ZERO) {
            Ok(Ok(minutes)) => println!("{dish}: {minutes} minutes"),
            Ok(Err(Error::Cancelled)) => println!("{dish}: cancelled"),
            Ok(Err(error)) => println!("{dish}: {error}"),
            Err(timed_out) => println!("{dish}: {timed_out}"),
        }
    });
}

fn main() {
    let pool = ThreadPool::new(1);
    let (hold, released) = mpsc::channel::<()>();
    let bread = Arc::new(pool.submit(move || {
        let _ = released.recv(); // Waits until `hold` is dropped.
        bake("bread")
    }));
    let cake = Arc::new(pool.submit(|| bake("cake")));
    let pie = Arc::new(pool.submit(|| {
        // Wrong, if the clean-up must run in any case: only a task that starts gets here.
        let _guard = Guard;
        bake("pie")
    }));
    print_when_finished("bread", &bread);
    print_when_finished("cake", &cake);
    print_when_finished("pie", &pie);
    pie.cancel();
    drop(hold); // Now bread and cake run.
    drop(pool); // Waits for the callbacks, too.
    println!("the oven is off");

    // Wrong: the callback has taken the value.
    if let Ok(Err(error)) = cake.join_timeout(Duration::ZERO) {
        println!("trap: cake, joined again: {error}");
    }
    let clean_ups = CLEAN_UPS.load(Relaxed);
    println!(
        "trap: pie was cancelled: the guard inside its closure ran {clean_ups} times"
    );
}
