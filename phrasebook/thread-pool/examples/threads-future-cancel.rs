//! `Future.cancel`: cancel a task of a thread pool that has not started.
//!
//! - **Python:** `Future.cancel()`, `Future.cancelled()`,
//!   `concurrent.futures.CancelledError`
//! - **Rust:** `Handle::cancel`, and `Error::Cancelled` as the result of the task
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-future-cancel
//! the first task runs: too late to cancel it
//! the last task is queued: cancelled
//! trap: the handle of bread is dropped, but its task runs
//! trap: the handle of cake is dropped, but its task runs
//! result of the first task: we open at six
//! result of the last task: cancelled
//! ```
//!
//! **Trap:** as in Python, dropping a handle cancels nothing: the task runs, its result
//! is lost. (A future of `async` Rust is cancelled when it is dropped.) A running task
//! must be asked to stop: by an `AtomicBool` that it checks, or a channel that is closed.
//!
//! Neighbours: `threads-future-result-timeout`, `threads-shutdown-cancel-futures`,
//! `processes-future-cancel`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

use thread_pool::{Error, ThreadPool};

fn ask(port: u16) -> io::Result<String> {
    io::read_to_string(TcpStream::connect(("127.0.0.1", port))?)
}

fn bake(dish: &str) {
    println!("trap: the handle of {dish} is dropped, but its task runs");
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = ThreadPool::new(1);
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();

    let first = pool.submit(move || ask(port));
    for dish in ["bread", "cake"] {
        // Wrong, if it should cancel the task: the handle is dropped, the task stays.
        drop(pool.submit(move || bake(dish)));
    }
    let last = pool.submit(move || ask(port));

    // The only thread runs the first task, which waits for an answer.
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

    // Two errors: the pool's, and that of `ask`.
    println!("result of the first task: {}", first.join()??);
    if let Err(Error::Cancelled) = last.join() {
        println!("result of the last task: cancelled");
    }
    Ok(())
}
