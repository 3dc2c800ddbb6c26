//! A queue without a limit, from any number of threads to one.
//!
//! - **Python:** `queue.SimpleQueue()`, `put`, `get`, `get(timeout)`, `get_nowait`
//! - **Rust:** `mpsc::channel`: `send`, `recv`, `recv_timeout`, `try_recv`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-simple-queue
//! empty at first: true
//! a letter for Ada
//! a letter for Bob
//! nothing more within 20 ms: true
//! trap: sync_channel(0): full while empty
//! ```
//!
//! **Trap:** `Queue(0)` has no limit in Python, but `sync_channel(0)` keeps nothing:
//! `send` waits until somebody takes the message from its hands.
//!
//! Neighbours: `threads-queue`, `threads-queue-shutdown`, `multiprocessing-queue`.

use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError, TrySendError};
use std::thread;
use std::time::Duration;

fn main() {
    let (post, inbox) = mpsc::channel();
    println!(
        "empty at first: {}",
        inbox.try_recv() == Err(TryRecvError::Empty)
    );

    let postman = thread::spawn({
        let post = post.clone(); // One for each thread that sends.
        move || {
            for name in ["Ada", "Bob"] {
                post.send(format!("a letter for {name}")).unwrap(); // Never waits.
            }
        }
    });
    println!("{}", inbox.recv().unwrap());
    println!("{}", inbox.recv().unwrap());
    postman.join().unwrap();

    let more = inbox.recv_timeout(Duration::from_millis(20));
    println!(
        "nothing more within 20 ms: {}",
        more == Err(RecvTimeoutError::Timeout)
    );

    // Wrong, if it is to be a queue without a limit: it is one without any room.
    let (post, _inbox) = mpsc::sync_channel(0);
    if let Err(TrySendError::Full(_)) = post.try_send("a letter") {
        println!("trap: sync_channel(0): full while empty");
    }
}
