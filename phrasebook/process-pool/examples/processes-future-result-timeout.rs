//! `Future.result(timeout)`: wait for a task of a process pool, but only for a limited
//! time.
//!
//! - **Python:** `Future.result(timeout)`, `Future.exception(timeout)`, `Future.done()`
//! - **Rust:** `Handle::join_timeout`, `Handle::is_finished`; for `Future.running()`
//!   there is **none**. `TaskOptions::time_limit` ends the task, which Python cannot
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-future-result-timeout
//! no answer within 20 ms
//! the task has not finished
//! trap: cancel() fails, the task still runs
//! after a second wait: we open at six
//! with a time limit: no answer, and the task has ended
//! ```
//!
//! In Python: nothing for `with a time limit: no answer, and the task has ended`.
//!
//! **Trap:** as in Python, the timeout ends the waiting, not the task. The task keeps its
//! worker busy, `cancel` comes too late, and dropping the pool waits for the task. To end
//! the task give it a `time_limit`, or call `kill`.
//!
//! Neighbours: `processes-future-cancel`, `processes-map-timeout`, `kill-workers`,
//! `threads-future-result-timeout`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use process_pool::{Error, ProcessPool};

const LIMIT: Duration = Duration::from_millis(20);

fn ask(port: u16) -> String {
    let connection = TcpStream::connect(("127.0.0.1", port)).expect("the bakery listens");
    io::read_to_string(connection).expect("the answer is text")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(ask).enter();
    let pool = ProcessPool::builder().max_workers(1).build()?;
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();

    let handle = pool.submit(ask, port);
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
    println!("after a second wait: {}", handle.join()?);

    // Right: nothing answers the task. When the time is over the pool kills its worker.
    let handle = pool.options().time_limit(LIMIT).submit(ask, port);
    if let Err(Error::TimeLimit { .. }) = handle.join() {
        println!("with a time limit: no answer, and the task has ended");
    }
    Ok(())
}
