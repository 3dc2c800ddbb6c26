//! Give all the results of a map together one time limit.
//!
//! - **Python:** `ThreadPoolExecutor().map(f, items, timeout=t)`
//! - **Rust:** `pool.map(f, items).timeout(t)`: one limit for all, counted from there;
//!   what has come by then is delivered first, and `TimedOut` is the last item
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

    let results = pool.map(ask, [port; 3]).timeout(LIMIT);
    bakery.accept()?.0.write_all(b"we open at six")?;
    bakery.accept()?.0.write_all(b"we close at two")?;
    let third = bakery.accept()?; // Asked, and not answered.
    for result in results {
        match result {
            Ok(answer) => println!("{}", answer??),
            Err(_) => println!("the time is over"),
        }
    }
    drop(third); // The task ends only now: nothing else can end it.

    // Wrong as a limit for all: each wait has the whole time.
    let handles = [port; 3].map(|port| pool.submit(move || ask(port)));
    let late = handles.iter();
    let late = late.filter(|handle| handle.join_timeout(LIMIT).is_err());
    println!("trap: a limit for each: {} times 20 ms", late.count());
    for question in bakery.incoming().take(3) {
        drop(question?); // Hangs up, so that they end.
    }
    Ok(())
}
