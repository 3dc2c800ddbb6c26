//! Close a pool early: finish what runs, and cancel what has not started.
//!
//! - **Python:** `ThreadPoolExecutor.shutdown(wait=False, cancel_futures=True)`
//! - **Rust:** `pool.shutdown(Shutdown::CancelQueued)`; `pool.close()` for `wait=False`
//!   alone
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-shutdown-cancel-futures
//! the last: cancelled
//! the first: we open at six
//! one more: refused
//! trap: dropped instead: 4 of 4 were finished
//! ```
//!
//! **Trap:** dropping a pool is leaving Python's `with` block: everything that was
//! submitted is finished first, however long it takes. To stop early, call `shutdown`.
//!
//! Neighbours: `threads-future-cancel`, `executor-with`,
//! `processes-shutdown-cancel-futures`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use thread_pool::{Error, Shutdown, ThreadPool};

fn ask(port: u16) -> io::Result<String> {
    io::read_to_string(TcpStream::connect(("127.0.0.1", port))?)
}

fn bake(loaves: u32) -> u32 {
    loaves
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();
    let pool = ThreadPool::new(1);

    let first = pool.submit(move || ask(port));
    let (question, _) = bakery.accept()?;
    let [.., last] = [1, 2, 3, 4].map(|loaves| pool.submit(move || bake(loaves)));
    thread::scope(|scope| {
        // It returns when the first has its answer, so another thread waits for that.
        scope.spawn(|| pool.shutdown(Shutdown::CancelQueued));
        if let Err(Error::Cancelled) = last.join() {
            println!("the last: cancelled");
        }
        let mut question = question; // Dropped at the end of this block, which hangs up.
        question.write_all(b"we open at six")
    })?;
    println!("the first: {}", first.join()??);
    if let Err(Error::ShutDown) = pool.submit(|| bake(1)).join() {
        println!("one more: refused");
    }

    // Wrong where the queue is to be dropped: this finishes it.
    let pool = ThreadPool::new(1);
    let queue = [1, 2, 3, 4].map(|loaves| pool.submit(move || bake(loaves)));
    drop(pool);
    let finished = queue.iter().filter(|handle| handle.is_finished()).count();
    println!("trap: dropped instead: {finished} of 4 were finished");
    Ok(())
}
