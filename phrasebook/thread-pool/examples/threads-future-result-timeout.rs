//! Wait for a result for a while only, and ask for it again later.
//!
//! - **Python:** `Future.result(timeout)`, `Future.exception(timeout)`, `Future.done()`
//! - **Rust:** `Handle::join_timeout`, `Handle::is_finished`; `JoinHandle::join` of std
//!   has no timeout
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-future-result-timeout
//! no answer within 20 ms
//! finished: false
//! asked again: we open at six
//! trap: cancelled once the time was over: false
//! ```
//!
//! **Trap:** the timeout ends the waiting, not the task: it keeps its thread, `cancel`
//! comes too late, and dropping the pool waits for it. Nothing can stop a thread from
//! outside: the work needs a timeout of its own, here `set_read_timeout` of the
//! connection.
//!
//! Neighbours: `threads-future-cancel`, `threads-map-timeout`,
//! `processes-future-result-timeout`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use thread_pool::ThreadPool;

const LIMIT: Duration = Duration::from_millis(20);

fn ask(port: u16) -> io::Result<String> {
    io::read_to_string(TcpStream::connect(("127.0.0.1", port))?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let pool = ThreadPool::new(1);

    let handle = pool.submit(move || ask(port));
    let (mut question, _) = bakery.accept()?;
    if handle.join_timeout(LIMIT).is_err() {
        println!("no answer within 20 ms");
    }
    println!("finished: {}", handle.is_finished());
    // Wrong where the task is to end: it has started long ago.
    let cancelled = handle.cancel();

    question.write_all(b"we open at six")?;
    drop(question);
    println!("asked again: {}", handle.join()??);
    println!("trap: cancelled once the time was over: {cancelled}");
    Ok(())
}
