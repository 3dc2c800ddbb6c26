//! `Future.result(timeout)`: wait for a task of a thread pool, but only for a limited
//! time.
//!
//! - **Python:** `Future.result(timeout)`, `Future.exception(timeout)`, `Future.done()`
//! - **Rust:** `Handle::join_timeout`, `Handle::is_finished`; for `Future.running()`
//!   there is **none**. `JoinHandle::join` of std has no timeout
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-future-result-timeout
//! no answer within 20 ms
//! the task has not finished
//! trap: cancel() fails, the task still runs
//! after a second wait: we open at six
//! with a read timeout: no answer, and the task has ended
//! ```
//!
//! **Trap:** as in Python, the timeout ends the waiting, not the task. The task keeps its
//! thread, `cancel` comes too late, and dropping the pool waits for the task. No thread
//! can be stopped from outside: give the work a timeout of its own, here
//! `set_read_timeout`.
//!
//! Neighbours: `threads-future-cancel`, `threads-map-timeout`,
//! `processes-future-result-timeout`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use thread_pool::ThreadPool;

const LIMIT: Duration = Duration::from_millis(20);

fn ask(port: u16, read_timeout: Option<Duration>) -> io::Result<String> {
    let connection = TcpStream::connect(("127.0.0.1", port))?;
    connection.set_read_timeout(read_timeout)?;
    io::read_to_string(connection)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = ThreadPool::new(1);
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();

    let handle = pool.submit(move || ask(port, None));
    let (mut question, _) = bakery.accept()?;
    if handle.join_timeout(LIMIT).is_err() {
        println!("no answer within 20 ms");
    }
    if !handle.is_finished() {
        println!("the task has not finished");
    }
    // Wrong, if it should end the task: the task has started already.
    if !handle.cancel() {
        println!("trap: cancel() fails, the task still runs");
    }

    question.write_all(b"we open at six")?;
    drop(question);
    // Two errors: the pool's, and that of `ask`.
    println!("after a second wait: {}", handle.join()??);

    // Right: the task ends by itself, though nothing answers it.
    let handle = pool.submit(move || ask(port, Some(LIMIT)));
    if handle.join()?.is_err() {
        println!("with a read timeout: no answer, and the task has ended");
    }
    Ok(())
}
