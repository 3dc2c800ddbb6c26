//! Run blocking code in a thread beside the event loop, and await its value.
//!
//! - **Python:** `await asyncio.to_thread(f, *args)`
//! - **Rust:** `spawn_blocking(move || f(args)).await`
//! - **Needs:** `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example to-thread
//! a blocking read: 3 lines, in another thread: true
//! it failed: no such diary
//! trap: aborted, but it had begun: 3 lines
//! ```
//!
//! **Trap:** `abort` does nothing once the closure runs, and who awaits the handle then
//! waits for its end. Up to 512 closures run at once, which is far too many for
//! computations.
//!
//! Neighbours: `run-in-executor`, `cpu-work-on-the-runtime`, `blocking-sleep`.

use std::{panic, sync::mpsc, thread};

use tokio::task::spawn_blocking;

/// What std gives, and libraries that know no async.
fn read_diary(name: &str) -> usize {
    if name.is_empty() {
        panic!("no such diary");
    }
    "Up early.\nRain.\nTo bed.\n".lines().count()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let here = thread::current().id();
    let read =
        spawn_blocking(move || (read_diary("Ann"), thread::current().id() != here));
    let (lines, elsewhere) = read.await.expect("Ann has a diary");
    println!("a blocking read: {lines} lines, in another thread: {elsewhere}");

    panic::set_hook(Box::new(|_| ())); // The panic is told here instead:
    let panic = spawn_blocking(|| read_diary(""))
        .await
        .unwrap_err()
        .into_panic();
    println!(
        "it failed: {}",
        panic.downcast_ref::<&str>().unwrap_or(&"?")
    );

    // Wrong: abort as if this were a task.
    let (began, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let read = spawn_blocking(move || {
        began.send(()).unwrap();
        may_go_on.recv().unwrap();
        read_diary("Ann")
    });
    has_begun.recv().unwrap();
    read.abort();
    go_on.send(()).unwrap();
    println!(
        "trap: aborted, but it had begun: {} lines",
        read.await.unwrap()
    );
}
