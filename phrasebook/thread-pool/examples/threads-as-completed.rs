//! `as_completed` with threads: take each result as soon as its task has finished.
//!
//! - **Python:** `concurrent.futures.as_completed(futures, timeout=t)`
//! - **Rust:** `thread_pool::as_completed(handles)`, which gives the index of each in
//!   `handles` with its result; `.timeout(t)` sets one limit for all tasks together
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-as-completed
//! cookbook: bread takes 40 minutes
//! bakery: we open at six
//! timed out with 2 of 2 tasks unfinished
//! trap: flatten() hid the timeout: 0 of 2 answers, and no error
//! ```
//!
//! In Python: `2 (of 2) futures unfinished` for `timed out with 2 of 2 tasks unfinished`.
//!
//! **Trap:** Python's loop raises `TimeoutError`. Here the timeout is the last item, an
//! `Err`. With `flatten()` or `while let Some(Ok(..))` the loop ends there, as if all
//! tasks had finished.
//!
//! Neighbours: `threads-wait-first-completed`, `threads-map-timeout`,
//! `processes-as-completed`, `async-as-completed`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use thread_pool::{ThreadPool, as_completed};

const LIMIT: Duration = Duration::from_millis(20);

fn ask(port: u16) -> String {
    let connection = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(connection).expect("an answer")
}

fn look_up(dish: &str) -> String {
    format!("{dish} takes 40 minutes")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = ThreadPool::new(2);
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();

    let handles = [
        pool.submit(move || ask(port)),
        pool.submit(|| look_up("bread")),
    ];
    for (index, answer) in as_completed(handles) {
        println!("{}: {}", ["bakery", "cookbook"][index], answer?);
        if index == 1 {
            // The cookbook was first. Only now the bakery answers.
            bakery.accept()?.0.write_all(b"we open at six")?;
        }
    }

    let handles = [port; 2].map(|port| pool.submit(move || ask(port)));
    let mut answers = as_completed(handles).timeout(LIMIT);
    if let Some(Err(timed_out)) = answers.next() {
        println!("{timed_out}");
    }

    // The same two tasks, with a new limit. Wrong: `flatten` drops the `Err`, so the loop
    // ends as if all tasks had finished.
    let answers = answers.into_inner().timeout(LIMIT);
    let count = answers.flatten().count();
    println!("trap: flatten() hid the timeout: {count} of 2 answers, and no error");

    for question in bakery.incoming().take(2) {
        drop(question?); // Ends a task. Otherwise the pool would wait for it.
    }
    Ok(())
}
