//! `Executor.map`: call one function for many items in worker processes, results in
//! order.
//!
//! - **Python:** `ProcessPoolExecutor().map(f, items)`, `multiprocessing.Pool.map`,
//!   `multiprocessing.Pool.imap`
//! - **Rust:** `ProcessPool::map`. All items are submitted before it returns, and each
//!   has its own `Result`: a failure does not end the iteration
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-map
//! bread: 40 minutes
//! soup: not for an oven
//! cake: 55 minutes
//! bread is delivered
//! cake is delivered
//! trap: results of map dropped: 2 tasks cancelled, none ran
//! ```
//!
//! In Python: nothing for `cake: 55 minutes`.
//!
//! **Trap:** `pool.map(f, items);` drops the results, which cancels all tasks that have
//! not started. Python runs them all. The compiler warns of this line, but not of `let _
//! = pool.map(..)`. Loop over the results, and check each.
//!
//! Neighbours: `processes-map-timeout`, `processes-map-chunksize`,
//! `processes-as-completed`, `threads-map`.

use std::io;
use std::net::{TcpListener, TcpStream};

use process_pool::ProcessPool;

fn bake(dish: String) -> Result<u32, String> {
    match dish.as_str() {
        "bread" => Ok(40),
        "cake" => Ok(55),
        _ => Err("not for an oven".to_owned()),
    }
}

fn deliver(dish: String) {
    println!("{dish} is delivered");
}

/// Ends when the connection is closed.
fn keep_busy(port: u16) {
    let connection = TcpStream::connect(("127.0.0.1", port)).expect("main listens");
    io::read_to_string(connection).expect("main sends nothing");
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry()
        .function(bake)
        .function(deliver)
        .function(keep_busy)
        .enter();
    let pool = ProcessPool::new()?;
    let dishes = ["bread", "soup", "cake"];
    let results = pool.map(bake, dishes.map(String::from));
    for (dish, result) in dishes.iter().zip(results) {
        // `?` is for the pool's error; the function's own is matched.
        match result? {
            Ok(minutes) => println!("{dish}: {minutes} minutes"),
            Err(reason) => println!("{dish}: {reason}"),
        }
    }

    // For a function that returns nothing, loop over the results, too.
    let pool = ProcessPool::builder().max_workers(1).build()?;
    let dishes = ["bread", "cake"];
    for result in pool.map(deliver, dishes.map(String::from)) {
        result?;
    }

    // Another task keeps the only worker busy until `connection` is dropped.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let other = pool.submit(keep_busy, port);
    let (connection, _) = listener.accept()?;

    // Wrong: the results are dropped immediately.
    let _ = pool.map(deliver, dishes.map(String::from));
    let cancelled = dishes.len() - pool.metrics().queued;
    println!("trap: results of map dropped: {cancelled} tasks cancelled, none ran");
    drop(connection);
    other.join()?;
    Ok(())
}
