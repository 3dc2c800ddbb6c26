//! Wait until the first of several tasks has finished, and keep the others.
//!
//! - **Python:** `wait(futures, return_when=FIRST_COMPLETED)`
//! - **Rust:** `as_completed(handles)`, `.next()`, then `.into_unfinished()`
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-wait-first-completed
//! mirror 1 was first: 9 loaves
//! mirror 0 is not finished
//! mirror 0 at last: 8 loaves
//! trap: asked in order, mirror 0 hid that mirror 1 had finished: true
//! ```
//!
//! **Trap:** `join` in a loop waits for the first in the list, not for the first to
//! finish. And nothing stops the others: a task that is not wanted any more goes on until
//! it is killed.
//!
//! Neighbours: `processes-as-completed`, `processes-wait-first-exception`,
//! `kill-workers`, `threads-wait-first-completed`, `async-wait-first-completed`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use process_pool::{ProcessPool, as_completed};

fn ask(port: u16) -> String {
    let mirror = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(mirror).expect("an answer")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(ask).enter();
    let [slow, quick] = [
        TcpListener::bind("127.0.0.1:0")?,
        TcpListener::bind("127.0.0.1:0")?,
    ];
    let ports = [slow.local_addr()?.port(), quick.local_addr()?.port()];
    let pool = ProcessPool::builder().max_workers(2).build()?;

    let mut answers =
        as_completed([pool.submit(ask, ports[0]), pool.submit(ask, ports[1])]);
    quick.accept()?.0.write_all(b"9 loaves")?;
    if let Some((mirror, answer)) = answers.next() {
        println!("mirror {mirror} was first: {}", answer?);
    }
    for (mirror, handle) in answers.into_unfinished() {
        println!("mirror {mirror} is not finished");
        slow.accept()?.0.write_all(b"8 loaves")?;
        println!("mirror {mirror} at last: {}", handle.join()?);
    }

    // Wrong: the first in the list is not the first to finish.
    let handles = [pool.submit(ask, ports[0]), pool.submit(ask, ports[1])];
    quick.accept()?.0.write_all(b"9 loaves")?;
    let nothing = handles[0].join_timeout(Duration::from_millis(20)).is_err();
    let [first, second] = handles;
    let hidden = nothing && second.join().is_ok();
    first.kill(); // Otherwise the pool would wait for it.
    println!("trap: asked in order, mirror 0 hid that mirror 1 had finished: {hidden}");
    Ok(())
}
