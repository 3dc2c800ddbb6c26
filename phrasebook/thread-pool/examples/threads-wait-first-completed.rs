//! `wait(FIRST_COMPLETED)` with threads: take the first result, keep the other tasks.
//!
//! - **Python:** `concurrent.futures.wait(futures, return_when=FIRST_COMPLETED)`
//! - **Rust:** `as_completed(handles)`, `.next()`, then `.into_unfinished()`
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-wait-first-completed
//! mirror 1 was first: 9 loaves
//! mirror 0 is not finished
//! mirror 0 at last: 8 loaves
//! trap: into_unfinished() gave 1 task that had finished
//! ```
//!
//! **Trap:** `next` gives one result. Python's `wait` gives every task that has finished
//! by then. So a handle from `into_unfinished` may be finished: ask `is_finished`.
//!
//! Neighbours: `threads-as-completed`, `threads-wait-first-exception`,
//! `processes-wait-first-completed`, `async-wait-first-completed`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

use thread_pool::{ThreadPool, as_completed};

fn ask(port: u16) -> String {
    let mirror = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(mirror).expect("an answer")
}

fn bake(loaves: u32) -> u32 {
    loaves
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = ThreadPool::new(2);
    let slow = TcpListener::bind("127.0.0.1:0")?;
    let quick = TcpListener::bind("127.0.0.1:0")?;
    let ports = [slow.local_addr()?.port(), quick.local_addr()?.port()];

    let mut answers = as_completed(ports.map(|port| pool.submit(move || ask(port))));
    quick.accept()?.0.write_all(b"9 loaves")?;
    if let Some((mirror, answer)) = answers.next() {
        println!("mirror {mirror} was first: {}", answer?);
    }
    for (mirror, handle) in answers.into_unfinished() {
        println!("mirror {mirror} is not finished");
        slow.accept()?.0.write_all(b"8 loaves")?;
        println!("mirror {mirror} at last: {}", handle.join()?);
    }

    // Wrong: takes "unfinished" for "still running". It means "not taken by `next` yet".
    let mut loaves = as_completed([9, 8].map(|loaves| pool.submit(move || bake(loaves))));
    drop(pool); // Waits until both tasks have finished.
    let _ = loaves.next();
    let others = loaves.into_unfinished();
    let finished = others.filter(|(_, handle)| handle.is_finished()).count();
    println!("trap: into_unfinished() gave {finished} task that had finished");
    Ok(())
}
