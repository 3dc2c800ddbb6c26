//! Have something called when a task has finished, whether or not anything waits for it.
//!
//! - **Python:** `Future.add_done_callback(f)`
//! - **Rust:** `Handle::on_finished`; the closure captures what it needs
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-add-done-callback
//! bread: 40 minutes
//! cake: 55 minutes
//! the oven is off
//! trap: in a callback that was added late the list is free: false
//! ```
//!
//! **Trap:** if the task has finished already, the callback runs immediately, on this
//! thread. Added under a lock that the callback takes too, it deadlocks.
//!
//! Neighbours: `processes-as-completed`, `threads-add-done-callback`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use process_pool::ProcessPool;

static LIST: Mutex<Vec<&str>> = Mutex::new(Vec::new());

fn bake(dish: String) -> u32 {
    if dish == "bread" { 40 } else { 55 }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(bake).enter();
    let pool = ProcessPool::builder().max_workers(1).build()?;

    for dish in ["bread", "cake"] {
        let handle = Arc::new(pool.submit(bake, dish.to_owned()));
        let finished = Arc::clone(&handle);
        handle.on_finished(move || {
            if let Ok(Ok(minutes)) = finished.join_timeout(Duration::ZERO) {
                println!("{dish}: {minutes} minutes");
            }
        });
    }
    let late = pool.submit(bake, "bread".to_owned());
    drop(pool); // Waits for the callbacks too.
    println!("the oven is off");

    // Wrong: the callback would wait for the lock that this thread holds.
    let list = LIST.lock()?;
    late.on_finished(|| {
        let free = LIST.try_lock().is_ok();
        println!("trap: in a callback that was added late the list is free: {free}");
    });
    drop(list);
    Ok(())
}
