//! Close a pool early: finish what runs, and cancel what has not started.
//!
//! - **Python:** `ProcessPoolExecutor.shutdown(wait=False, cancel_futures=True)`
//! - **Rust:** `pool.shutdown(Shutdown::CancelQueued)`; `pool.close()` for `wait=False`
//!   alone
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example processes-shutdown-cancel-futures
//! the last: cancelled
//! the first: we open at six
//! one more: refused
//! trap: dropped instead: 4 of 4 were finished
//! ```
//!
//! **Trap:** dropping a pool is leaving Python's `with` block: everything that was
//! submitted is finished first, however long it takes. To stop early, call `shutdown`.
//!
//! Neighbours: `processes-future-cancel`, `kill-workers`,
//! `threads-shutdown-cancel-futures`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use process_pool::{Error, ProcessPool, Shutdown};

fn ask(port: u16) -> String {
    let bakery = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(bakery).expect("an answer")
}

fn bake(loaves: u32) -> u32 {
    loaves
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry()
        .function(ask)
        .function(bake)
        .enter();
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let pool = ProcessPool::builder().max_workers(1).build()?;

    let first = pool.submit(ask, port);
    let (question, _) = bakery.accept()?;
    let [.., last] = [1, 2, 3, 4].map(|loaves| pool.submit(bake, loaves));
    thread::scope(|scope| {
        // It returns when the first has its answer, so another thread waits for that.
        scope.spawn(|| pool.shutdown(Shutdown::CancelQueued));
        if let Err(Error::Cancelled) = last.join() {
            println!("the last: cancelled");
        }
        let mut question = question; // Dropped at the end of this, which hangs up.
        question.write_all(b"we open at six")
    })?;
    println!("the first: {}", first.join()?);
    if let Err(Error::ShutDown) = pool.submit(bake, 1).join() {
        println!("one more: refused");
    }

    // Wrong where the queue is to be left: this works it off.
    let pool = ProcessPool::builder().max_workers(1).build()?;
    let queue: Vec<_> = (1..=4).map(|loaves| pool.submit(bake, loaves)).collect();
    drop(pool);
    let finished = queue.iter().filter(|bread| bread.is_finished());
    let finished = finished.count();
    println!("trap: dropped instead: {finished} of 4 were finished");
    Ok(())
}
