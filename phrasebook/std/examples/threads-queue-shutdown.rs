//! Close a queue: what is in it is still dealt with, then its consumers end.
//!
//! - **Python:** `queue.Queue.shutdown()`, `queue.ShutDown` (3.13)
//! - **Rust:** drop all senders: `recv` gives what is left, then an error, and a loop
//!   ends
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-queue-shutdown
//! delivered: Ada, Bob
//! sending after the end: refused, Cy
//! trap: a sender is left in main: still open after 50 ms
//! ```
//!
//! **Trap:** the queue is open as long as *any* sender lives. The one that was cloned for
//! each thread and then forgotten in `main` makes the consumer wait for ever.
//!
//! Neighbours: `threads-queue`, `threads-queue-join`, `async-queue-shutdown`.

use std::sync::mpsc::{self, RecvTimeoutError, SendError};
use std::thread;
use std::time::Duration;

fn main() {
    let (post, inbox) = mpsc::channel();
    let postman = thread::spawn(move || inbox.iter().collect::<Vec<_>>().join(", "));
    post.send("Ada").unwrap();
    post.send("Bob").unwrap();
    drop(post); // The end, told from the sending side.
    println!("delivered: {}", postman.join().unwrap());

    // Told from the other side, as `shutdown` may be: the message comes back.
    let (post, inbox) = mpsc::channel();
    drop(inbox);
    if let Err(SendError(name)) = post.send("Cy") {
        println!("sending after the end: refused, {name}");
    }

    // Wrong: `inbox.iter()` would hang, since `post` itself was never dropped.
    let (post, inbox) = mpsc::channel();
    for name in ["Ada", "Bob"] {
        let post = post.clone();
        thread::spawn(move || post.send(name))
            .join()
            .unwrap()
            .unwrap();
    }
    while inbox.try_recv().is_ok() {}
    let end = inbox.recv_timeout(Duration::from_millis(50));
    if end == Err(RecvTimeoutError::Timeout) {
        println!("trap: a sender is left in main: still open after 50 ms");
    }
    drop(post);
}
