//! Start something that goes on by itself while the caller does other things.
//!
//! - **Python:** `asyncio.create_task(f())`, `asyncio.ensure_future(f())`
//! - **Rust:** `tokio::spawn(f())`: the task starts without being awaited
//! - **Needs:** `cargo add tokio -F macros,rt,time,test-util`,
//!   `cargo add tokio-util -F rt`
//!
//! ```console
//! $ cargo run --example create-task
//! rolls: in the oven
//! bread: in the oven
//! rolls: done
//! bread: done
//! pie: in the oven
//! trap: cake, handle dropped: in the oven
//! trap: cake, handle dropped: done
//! ```
//!
//! In Python: nothing for `pie: in the oven`.
//!
//! **Trap:** a dropped handle cancels nothing: the task is detached and nobody hears
//! what became of it. `AbortOnDropHandle` ends the task with its owner.
//!
//! Neighbours: `task-cancel`, `gather-tasks`, `lazy-futures`, `task-group`.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

async fn bake(what: &str, hours: u64) {
    println!("{what}: in the oven");
    sleep(Duration::from_hours(hours)).await;
    println!("{what}: done");
}

// A paused clock jumps to the next timer whenever all wait: these hours cost nothing.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    // A task may outlive its caller and move to another thread: what it takes along is
    // `'static` and `Send`.
    let rolls = tokio::spawn(bake("rolls", 1));
    let bread = tokio::spawn(bake("bread", 2));
    rolls.await.expect("rolls do not panic");
    bread.await.expect("nor does bread");

    // Never done: the task ends with this handle.
    let pie = AbortOnDropHandle::new(tokio::spawn(bake("pie", 1)));
    sleep(Duration::from_mins(1)).await;
    drop(pie);
    sleep(Duration::from_hours(2)).await;

    // Wrong, if this is to say that nobody wants the cake any more.
    drop(tokio::spawn(bake("trap: cake, handle dropped", 1)));
    sleep(Duration::from_hours(2)).await;
}
