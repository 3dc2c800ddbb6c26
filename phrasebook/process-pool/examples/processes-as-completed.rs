//! Take results as they come, those first that are finished first.
//!
//! - **Python:** `concurrent.futures.as_completed(futures, timeout=t)`
//! - **Rust:** `process_pool::as_completed(handles)`, which gives the place of each in
//!   `handles` with its result; `.timeout(t)` sets one limit for all
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-as-completed
//! cookbook: bread takes 40 minutes
//! bakery: we open at six
//! timed out with 2 of 2 tasks unfinished
//! trap: a limit for each: 2 times 20 ms
//! ```
//!
//! In Python: `2 (of 2) futures unfinished` for `timed out with 2 of 2 tasks unfinished`.
//!
//! **Trap:** a timeout inside of the loop starts again with every item. One limit for all
//! belongs outside of it.
//!
//! Neighbours: `imap-unordered`, `processes-wait-first-completed`,
//! `threads-as-completed`, `async-as-completed`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use process_pool::{ProcessPool, Shutdown, as_completed};

const LIMIT: Duration = Duration::from_millis(20);

fn ask(port: u16) -> String {
    let bakery = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(bakery).expect("an answer")
}

fn look_up(dish: String) -> String {
    format!("{dish} takes 40 minutes")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry()
        .function(ask)
        .function(look_up)
        .enter();
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let pool = ProcessPool::builder().max_workers(2).build()?;

    let handles = [
        pool.submit(ask, port),
        pool.submit(look_up, "bread".to_owned()),
    ];
    for (index, answer) in as_completed(handles) {
        println!("{}: {}", ["bakery", "cookbook"][index], answer?);
        if index == 1 {
            bakery.accept()?.0.write_all(b"we open at six")?;
        }
    }

    let handles = [pool.submit(ask, port), pool.submit(ask, port)];
    let mut answers = as_completed(handles).timeout(LIMIT);
    if let Some(Err(error)) = answers.next() {
        println!("{error}");
    }

    // Wrong: each wait has the whole limit.
    let handles = answers.into_inner().into_unfinished();
    let late = handles.filter(|(_, handle)| handle.join_timeout(LIMIT).is_err());
    println!("trap: a limit for each: {} times 20 ms", late.count());
    pool.shutdown(Shutdown::Kill); // Nobody is going to answer them.
    Ok(())
}
