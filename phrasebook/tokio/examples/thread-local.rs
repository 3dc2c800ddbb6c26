//! A variable that every thread has for itself.
//!
//! - **Python:** `threading.local()`
//! - **Rust:** `thread_local!`, with a first value that each thread makes when it needs
//!   it
//! - **Needs:** `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example thread-local
//! in a new thread: nobody
//! in main: Ada
//! trap: after an .await Ada's task finds Bob
//! ```
//!
//! **Trap:** a task is not a thread: at an `.await` others run in the same thread, and
//! the task itself may go on in another. Tasks have `task_local!`.
//!
//! Neighbours: `contextvars`, `current-thread`.

use std::cell::Cell;
use std::thread;

use tokio::task::yield_now;

thread_local! {
    static USER: Cell<&'static str> = const { Cell::new("nobody") };
}

async fn serve(user: &'static str) -> &'static str {
    USER.set(user);
    yield_now().await; // A database answers.
    USER.get()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    USER.set("Ada");
    println!(
        "in a new thread: {}",
        thread::spawn(|| USER.get()).join().unwrap()
    );
    println!("in main: {}", USER.get());

    // Wrong: both tasks run in one thread, and Bob's begins while Ada's waits.
    let (found, _) = tokio::join!(serve("Ada"), serve("Bob"));
    println!("trap: after an .await Ada's task finds {found}");
}
