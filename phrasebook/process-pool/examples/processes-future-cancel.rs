//! `Future.cancel`: cancel a task of a process pool that has not started.
//!
//! - **Python:** `Future.cancel()`, `Future.cancelled()`,
//!   `concurrent.futures.CancelledError`; CPython sends tasks ahead to the workers, one
//!   more than there are workers, and cannot cancel those
//! - **Rust:** `Handle::cancel`, and `Error::Cancelled` as the result of the task; no
//!   task is sent ahead
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-future-cancel
//! the first task runs: too late to cancel it
//! the last task is queued: cancelled
//! trap: the handle of bread is dropped, but its task runs
//! trap: the handle of cake is dropped, but its task runs
//! result of the first task: we open at six
//! result of the last task: cancelled
//! ```
//!
//! **Trap:** as in Python, dropping a handle cancels nothing: the task runs, its result
//! is lost. (A future of `async` Rust is cancelled when it is dropped.) `Handle::kill`
//! ends a running task, together with its worker.
//!
//! Neighbours: `kill-workers`, `processes-shutdown-cancel-futures`,
//! `threads-future-cancel`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

use process_pool::{Error, ProcessPool};

fn ask(port: u16) -> String {
    let connection = TcpStream::connect(("127.0.0.1", port)).expect("the bakery listens");
    io::read_to_string(connection).expect("the answer is text")
}

fn bake(dish: String) {
    println!("trap: the handle of {dish} is dropped, but its task runs");
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry()
        .function(ask)
        .function(bake)
        .enter();
    let pool = ProcessPool::builder().max_workers(1).build()?;
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();

    let first = pool.submit(ask, port);
    for dish in ["bread", "cake"] {
        // Wrong, if it should cancel the task: the handle is dropped, the task stays.
        drop(pool.submit(bake, dish.to_owned()));
    }
    let last = pool.submit(ask, port);

    // The only worker runs the first task, which waits for an answer.
    let (mut question, _) = bakery.accept()?;
    if !first.cancel() {
        println!("the first task runs: too late to cancel it");
    }
    if last.cancel() {
        println!("the last task is queued: cancelled");
    }
    question.write_all(b"we open at six")?;
    drop(question);
    drop(pool); // Waits for all tasks that were not cancelled.

    println!("result of the first task: {}", first.join()?);
    if let Err(Error::Cancelled) = last.join() {
        println!("result of the last task: cancelled");
    }
    Ok(())
}
