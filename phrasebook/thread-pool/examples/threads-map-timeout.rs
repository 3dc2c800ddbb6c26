//! Give all the results of a map together one time limit.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items, timeout=t)`
//! - **Rust:** one deadline, and `Handle::join_timeout` with what is left of it;
//!   `cancel` what is late, as Python does
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-map-timeout
//! we open at six
//! we close at two
//! the time is over
//! trap: a limit for each: 3 times 20 ms
//! ```
//!
//! **Trap:** a limit for each result is another thing: it starts again with every item.
//! The last of a hundred slow ones has then been waited for a hundred times.
//!
//! Neighbours: `threads-future-result-timeout`, `threads-as-completed`,
//! `processes-map-timeout`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use thread_pool::ThreadPool;

const LIMIT: Duration = Duration::from_millis(20);

fn ask(port: u16) -> io::Result<String> {
    io::read_to_string(TcpStream::connect(("127.0.0.1", port))?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let pool = ThreadPool::new(1);

    let deadline = Instant::now() + LIMIT;
    let handles = [port; 3].map(|port| pool.submit(move || ask(port)));
    bakery.accept()?.0.write_all(b"we open at six")?;
    bakery.accept()?.0.write_all(b"we close at two")?;
    let third = bakery.accept()?; // Asked, and not answered.
    for handle in handles {
        let left = deadline.saturating_duration_since(Instant::now());
        match handle.join_timeout(left) {
            Ok(answer) => println!("{}", answer??),
            Err(late) => {
                late.cancel(); // No more than a wish, for one that has started.
                println!("the time is over");
            }
        }
    }
    drop(third); // The task ends only now: nothing else can end it.

    // Wrong as a limit for all: each wait has the whole time.
    let handles = [port; 3].map(|port| pool.submit(move || ask(port)));
    let late = handles.map(|handle| handle.join_timeout(LIMIT).is_err());
    let late = late.iter().filter(|late| **late).count();
    println!("trap: a limit for each: {late} times 20 ms");
    for question in bakery.incoming().take(3) {
        drop(question?); // Hangs up, so that they end.
    }
    Ok(())
}
