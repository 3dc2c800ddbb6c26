//! Take results as they come, those first that are finished first.
//!
//! - **Python:** `concurrent.futures.as_completed(futures, timeout=t)`
//! - **Rust:** `as_completed(handles)`, which gives the place of each in `handles` with
//!   its result; with a timeout a channel, on which each task sends its key and its
//!   result
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-as-completed
//! cookbook: bread takes 40 minutes
//! bakery: we open at six
//! 2 unfinished when the time was over
//! trap: a limit for each: 2 times 20 ms
//! ```
//!
//! **Trap:** a timeout inside of the loop starts again with every item. One limit for all
//! is a deadline, and each wait gets what is left of it.
//!
//! Neighbours: `threads-wait-first-completed`, `threads-map-timeout`,
//! `processes-as-completed`, `async-as-completed`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use thread_pool::{ThreadPool, as_completed};

const LIMIT: Duration = Duration::from_millis(20);

fn ask(port: u16) -> String {
    let bakery = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(bakery).expect("an answer")
}

fn look_up(dish: &str) -> String {
    format!("{dish} takes 40 minutes")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let pool = ThreadPool::new(2);

    let handles = [
        pool.submit(move || ask(port)),
        pool.submit(|| look_up("bread")),
    ];
    for (index, answer) in as_completed(handles) {
        println!("{}: {}", ["bakery", "cookbook"][index], answer?);
        if index == 1 {
            bakery.accept()?.0.write_all(b"we open at six")?;
        }
    }

    let (sender, answers) = mpsc::channel();
    for place in ["mill", "dairy"] {
        let sender = sender.clone();
        drop(pool.submit(move || sender.send((place, ask(port)))));
    }
    let deadline = Instant::now() + LIMIT;
    let left = || deadline.saturating_duration_since(Instant::now());
    let mut unfinished = vec!["mill", "dairy"];
    while let Ok((place, answer)) = answers.recv_timeout(left()) {
        println!("{place}: {answer}");
        unfinished.retain(|other| *other != place);
    }
    println!("{} unfinished when the time was over", unfinished.len());

    // Wrong: each wait has the whole limit.
    let late = unfinished
        .iter()
        .filter(|_| answers.recv_timeout(LIMIT).is_err());
    println!("trap: a limit for each: {} times 20 ms", late.count());
    for question in bakery.incoming().take(2) {
        drop(question?); // Hangs up, so that they end.
    }
    Ok(())
}
