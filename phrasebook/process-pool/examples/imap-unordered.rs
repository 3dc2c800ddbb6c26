//! `imap_unordered`: call one function for many items, and take results as they finish.
//!
//! - **Python:** `multiprocessing.Pool.imap_unordered(f, items)`
//! - **Rust:** `submit` each item, then `as_completed`, which gives the index of the item
//!   with its result
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example imap-unordered
//! cake: 55 minutes
//! bread: 40 minutes
//! trap: left the loop after 1 result, and the pool ran 3 more tasks
//! ```
//!
//! **Trap:** Python's `with Pool()` kills the workers at its end, so the rest is not
//! computed. Here neither `break` nor dropping the handles cancels a task, and dropping
//! the pool runs them all. To stop early call `shutdown(Shutdown::CancelQueued)`.
//!
//! Neighbours: `processes-map`, `processes-as-completed`,
//! `processes-shutdown-cancel-futures`, `kill-workers`.

use std::io;
use std::net::{TcpListener, TcpStream};

use process_pool::{ProcessPool, as_completed};

/// The bread waits until `main` closes the connection, so the cake is ready first.
fn bake((dish, port): (String, u16)) -> u32 {
    if dish != "bread" {
        return 55;
    }
    let connection = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(connection).expect("the end of the stream");
    40
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(bake).enter();
    let pool = ProcessPool::builder().max_workers(2).build()?;
    let oven = TcpListener::bind("127.0.0.1:0")?;
    let port = oven.local_addr()?.port();

    let dishes = ["bread", "cake"];
    let handles = dishes.map(|dish| pool.submit(bake, (dish.to_owned(), port)));
    for (index, minutes) in as_completed(handles) {
        println!("{}: {} minutes", dishes[index], minutes?);
        if dishes[index] == "cake" {
            drop(oven.accept()?); // Only now the bread may go on.
        }
    }

    // Wrong, if the other tasks should stop: this leaves the loop after one result.
    let handles = ["cake"; 4].map(|dish| pool.submit(bake, (dish.to_owned(), port)));
    let mut results = as_completed(handles);
    if let Some((_, minutes)) = results.next() {
        minutes?;
    }
    let others = results.into_unfinished();
    drop(pool); // Waits for them.
    let ran = others.filter_map(|(_, handle)| handle.join().ok()).count();
    println!("trap: left the loop after 1 result, and the pool ran {ran} more tasks");
    Ok(())
}
