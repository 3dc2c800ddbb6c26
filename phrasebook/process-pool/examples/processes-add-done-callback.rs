//! `Future.add_done_callback`: call a function when a task of a process pool has
//! finished.
//!
//! - **Python:** `Future.add_done_callback(f)`
//! - **Rust:** `Handle::on_finished`; the closure runs in this process and captures what
//!   it needs. As in Python, it is called for a failed or cancelled task, too
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-add-done-callback
//! bread: 40 minutes
//! the oven is off
//! trap: a late callback cannot lock the list: this thread has locked it
//! ```
//!
//! **Trap:** as in Python, a callback that is added after the end of the task runs
//! immediately, on the thread that adds it. If that thread holds a lock which the
//! callback takes, too, it deadlocks.
//!
//! Neighbours: `processes-as-completed`, `threads-add-done-callback`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use process_pool::{Handle, ProcessPool};

fn bake(dish: String) -> u32 {
    if dish == "bread" { 40 } else { 55 }
}

fn print_when_finished(dish: &'static str, handle: &Arc<Handle<u32>>) {
    let finished = Arc::clone(handle);
    handle.on_finished(move || {
        // It has finished, so this does not wait.
        match finished.join_timeout(Duration::ZERO) {
            Ok(Ok(minutes)) => println!("{dish}: {minutes} minutes"),
            Ok(Err(error)) => println!("{dish}: {error}"),
            Err(timed_out) => println!("{dish}: {timed_out}"),
        }
    });
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(bake).enter();
    let pool = ProcessPool::new()?;

    let bread = Arc::new(pool.submit(bake, "bread".to_owned()));
    print_when_finished("bread", &bread);
    drop(pool); // Waits for the callback, too.
    println!("the oven is off");

    // Wrong: `on_finished` calls the callback itself, while this thread holds the lock.
    // With `lock` instead of `try_lock` it would wait for ever.
    let list = Arc::new(Mutex::new(vec!["bread"]));
    let locked = list.lock().unwrap();
    let same_list = Arc::clone(&list);
    bread.on_finished(move || {
        if same_list.try_lock().is_err() {
            println!(
                "trap: a late callback cannot lock the list: this thread has locked it"
            );
        }
    });
    drop(locked);
    Ok(())
}
