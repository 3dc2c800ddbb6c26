//! `Executor.map(timeout)`: one time limit for all results of a map on a thread pool.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items, timeout=t)`
//! - **Rust:** `pool.map(f, items).timeout(t)`: one limit for all, counted from the call
//!   of `timeout`; results that are ready come first, then `TimedOut` as the last item
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-map-timeout
//! we open at six
//! we close at two
//! the time is over
//! trap: flatten() hides the timeout: 2 answers of 3, no error
//! ```
//!
//! **Trap:** the limit arrives as an item, not as an exception. `flatten()` and
//! `filter_map(Result::ok)` skip it: the list is just shorter, without an error. Match
//! each item, or leave the loop with `?`.
//!
//! Neighbours: `threads-future-result-timeout`, `threads-as-completed`,
//! `processes-map-timeout`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use thread_pool::ThreadPool;

const LIMIT: Duration = Duration::from_millis(20);

fn ask(port: u16) -> io::Result<String> {
    io::read_to_string(TcpStream::connect(("127.0.0.1", port))?)
}

/// Answers two questions, and returns the connection of the third one, unanswered.
fn answer_two(bakery: &TcpListener) -> io::Result<TcpStream> {
    let (mut first, _) = bakery.accept()?;
    first.write_all(b"we open at six")?;
    drop(first);
    let (mut second, _) = bakery.accept()?;
    second.write_all(b"we close at two")?;
    drop(second);
    let (third, _) = bakery.accept()?;
    Ok(third)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = ThreadPool::new(1);
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();

    let results = pool.map(ask, [port; 3]).timeout(LIMIT);
    let third = answer_two(&bakery)?;
    for result in results {
        match result {
            // Two errors: the pool's, and that of `ask`.
            Ok(answer) => println!("{}", answer??),
            Err(_timed_out) => println!("the time is over"),
        }
    }
    drop(third); // The third task ends only now.

    // Wrong: the third result is not there, and nothing says so.
    let results = pool.map(ask, [port; 3]).timeout(LIMIT);
    let third = answer_two(&bakery)?;
    let answers = results.flatten().count();
    println!("trap: flatten() hides the timeout: {answers} answers of 3, no error");
    drop(third);
    Ok(())
}
