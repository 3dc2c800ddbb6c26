//! Take back a task that has not started; one that runs cannot be taken back.
//!
//! - **Python:** `Future.cancel()`, `Future.cancelled()`, `Future.running()`
//! - **Rust:** `Handle::cancel`, and `Error::Cancelled` for who waits for the result
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-future-cancel
//! the first, which runs, is cancelled: false
//! the last, which waits, is cancelled: true
//! the first: we open at six
//! the last: cancelled
//! trap: 3 questions came, though one handle was dropped
//! ```
//!
//! **Trap:** dropping a future of `async` Rust cancels it; dropping a handle does not:
//! its task runs, and only the result is lost. What runs already ends by `Handle::kill`,
//! which takes the worker with it. (In CPython some tasks already wait in the workers'
//! own queue, one more than there are workers, and those cannot be cancelled.)
//!
//! Neighbours: `kill-workers`, `processes-shutdown-cancel-futures`,
//! `threads-future-cancel`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

use process_pool::{Error, ProcessPool};

fn ask(port: u16) -> String {
    let bakery = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(bakery).expect("an answer")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(ask).enter();
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let pool = ProcessPool::builder().max_workers(1).build()?;

    let first = pool.submit(ask, port);
    let second = pool.submit(ask, port);
    let _third = pool.submit(ask, port);
    let last = pool.submit(ask, port);
    let (mut question, _) = bakery.accept()?; // One worker: it is the first one's.
    println!("the first, which runs, is cancelled: {}", first.cancel());
    println!("the last, which waits, is cancelled: {}", last.cancel());
    drop(second); // Wrong, if it was meant to take the task back.

    let mut questions = 1;
    question.write_all(b"we open at six")?;
    drop(question);
    println!("the first: {}", first.join()?);
    for question in bakery.incoming().take(2) {
        question?.write_all(b"we open at six")?;
        questions += 1;
    }
    if let Err(Error::Cancelled) = last.join() {
        println!("the last: cancelled");
    }
    println!("trap: {questions} questions came, though one handle was dropped");
    Ok(())
}
