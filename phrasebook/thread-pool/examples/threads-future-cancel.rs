//! Take back a task that has not started; one that runs cannot be taken back.
//!
//! - **Python:** `Future.cancel()`, `Future.cancelled()`, `Future.running()`
//! - **Rust:** `Handle::cancel`, and `Error::Cancelled` for who waits for the result
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-future-cancel
//! the first, which runs, is cancelled: false
//! the last, which waits, is cancelled: true
//! the first: we open at six
//! the last: cancelled
//! trap: 3 questions came, though one handle was dropped
//! ```
//!
//! **Trap:** dropping a future of `async` Rust cancels it; dropping a handle does not:
//! its task runs, and only the result is lost. What runs already has to be asked to stop:
//! an `AtomicBool` that it looks at, or a channel that is closed.
//!
//! Neighbours: `threads-future-result-timeout`, `threads-shutdown-cancel-futures`,
//! `processes-future-cancel`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

use thread_pool::{Error, ThreadPool};

fn ask(port: u16) -> io::Result<String> {
    io::read_to_string(TcpStream::connect(("127.0.0.1", port))?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let pool = ThreadPool::new(1);

    let [first, second, _third, last] =
        [port; 4].map(|port| pool.submit(move || ask(port)));
    let (mut question, _) = bakery.accept()?; // One thread: it is the first one's.
    println!("the first, which runs, is cancelled: {}", first.cancel());
    println!("the last, which waits, is cancelled: {}", last.cancel());
    drop(second); // Wrong, if it was meant to take the task back.

    let mut questions = 1;
    question.write_all(b"we open at six")?;
    drop(question);
    println!("the first: {}", first.join()??);
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
