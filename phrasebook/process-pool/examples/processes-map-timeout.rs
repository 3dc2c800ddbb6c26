//! Give all the results of a map together one time limit.
//!
//! - **Python:** `ProcessPoolExecutor().map(f, items, timeout=t)`
//! - **Rust:** `pool.map(f, items).timeout(t)`: one limit for all, counted from there;
//!   what is there in time comes first, and `TimedOut` as the last item
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-map-timeout
//! we open at six
//! we close at two
//! the time is over
//! trap: a limit for each: 3 times 20 ms
//! ```
//!
//! **Trap:** a limit for each result is another thing: it starts again with every item.
//! The last of a hundred slow ones has then been waited for a hundred times.
//!
//! Neighbours: `processes-future-result-timeout`, `processes-as-completed`,
//! `threads-map-timeout`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use process_pool::{ProcessPool, Shutdown};

const LIMIT: Duration = Duration::from_millis(20);

fn ask(port: u16) -> String {
    let bakery = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(bakery).expect("an answer")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(ask).enter();
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let pool = ProcessPool::builder().max_workers(1).build()?;

    let results = pool.map(ask, [port; 3]).timeout(LIMIT);
    bakery.accept()?.0.write_all(b"we open at six")?;
    bakery.accept()?.0.write_all(b"we close at two")?;
    let third = bakery.accept()?; // Asked, and not answered.
    for result in results {
        match result {
            Ok(answer) => println!("{}", answer?),
            Err(_) => println!("the time is over"),
        }
    }
    drop(third); // The task ends only now: nothing can stop it but the worker's death.

    // Wrong as a limit for all: each wait has the whole time.
    let handles = [port; 3].map(|port| pool.submit(ask, port));
    let late = handles.iter();
    let late = late.filter(|handle| handle.join_timeout(LIMIT).is_err());
    println!("trap: a limit for each: {} times 20 ms", late.count());
    pool.shutdown(Shutdown::Kill); // Nobody is going to answer them.
    Ok(())
}
