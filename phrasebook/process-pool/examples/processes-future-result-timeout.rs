//! Wait for a result for a while only, and ask for it again later.
//!
//! - **Python:** `Future.result(timeout)`, `Future.exception(timeout)`, `Future.done()`
//! - **Rust:** `Handle::join_timeout`, `Handle::is_finished`
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-future-result-timeout
//! no answer within 20 ms
//! finished: false
//! asked again: we open at six
//! trap: cancelled once the time was over: false
//! trap: with a time limit: ended
//! ```
//!
//! **Trap:** the timeout ends the waiting, not the task: it keeps its worker busy,
//! `cancel` comes too late, and dropping the pool waits for it. A `time_limit` ends the
//! task.
//!
//! Neighbours: `processes-future-cancel`, `processes-map-timeout`, `kill-workers`,
//! `threads-future-result-timeout`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use process_pool::{Error, ProcessPool};

const LIMIT: Duration = Duration::from_millis(20);

fn ask(port: u16) -> String {
    let bakery = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(bakery).expect("an answer")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(ask).enter();
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let pool = ProcessPool::new()?;

    let handle = pool.submit(ask, port);
    let (mut question, _) = bakery.accept()?;
    if handle.join_timeout(LIMIT).is_err() {
        println!("no answer within 20 ms");
    }
    println!("finished: {}", handle.is_finished());
    // Wrong where the task is to end: it has started long ago.
    let cancelled = handle.cancel();

    question.write_all(b"we open at six")?;
    drop(question);
    println!("asked again: {}", handle.join()?);
    println!("trap: cancelled once the time was over: {cancelled}");

    // Right: the pool kills the worker when the time is over.
    let handle = pool.options().time_limit(LIMIT).submit(ask, port);
    if let Err(Error::TimeLimit { .. }) = handle.join() {
        println!("trap: with a time limit: ended");
    }
    Ok(())
}
