//! Have something called when a task has finished, whether or not anything waits for it.
//!
//! - **Python:** `Future.add_done_callback(f)`
//! - **Rust:** `Handle::on_finished`; the closure captures what it needs
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-add-done-callback
//! bread: 40 minutes
//! cake: 55 minutes
//! the oven is off
//! trap: cake, asked again: the result has been taken already
//! ```
//!
//! **Trap:** Python's `result()` can be called any number of times. Here a value is given
//! once, because it is moved out: what the callback takes, nothing else gets. Where both
//! need it, the callback sends it on, or the task returns an `Arc`.
//!
//! Neighbours: `threads-as-completed`, `processes-add-done-callback`.

use std::sync::Arc;
use std::time::Duration;

use thread_pool::{Handle, ThreadPool};

fn bake(dish: &str) -> u32 {
    if dish == "bread" { 40 } else { 55 }
}

fn print_when_finished(dish: &'static str, handle: &Arc<Handle<u32>>) {
    let finished = Arc::clone(handle);
    handle.on_finished(move || {
        if let Ok(Ok(minutes)) = finished.join_timeout(Duration::ZERO) {
            println!("{dish}: {minutes} minutes");
        }
    });
}

fn main() {
    let pool = ThreadPool::new(1);
    let bread = Arc::new(pool.submit(|| bake("bread")));
    print_when_finished("bread", &bread);
    let cake = Arc::new(pool.submit(|| bake("cake")));
    print_when_finished("cake", &cake);
    drop(pool); // Waits for the callbacks too.
    println!("the oven is off");

    // Wrong: the callback has taken it.
    if let Ok(Err(error)) = cake.join_timeout(Duration::ZERO) {
        println!("trap: cake, asked again: {error}");
    }
}
