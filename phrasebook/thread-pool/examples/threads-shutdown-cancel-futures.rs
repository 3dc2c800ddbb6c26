//! Close a pool early: finish what runs, and cancel what has not started.
//!
//! - **Python:** `ThreadPoolExecutor.shutdown(wait=False, cancel_futures=True)`
//! - **Rust:** `cancel` each handle, then drop the pool
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-shutdown-cancel-futures
//! the last: cancelled
//! the first: we open at six
//! trap: dropped instead: 4 of 4 were finished
//! ```
//!
//! **Trap:** dropping a pool is leaving Python's `with` block: everything that was
//! submitted is finished first, however much waits. To end early takes a word.
//!
//! Neighbours: `threads-future-cancel`, `executor-with`,
//! `processes-shutdown-cancel-futures`.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

use thread_pool::{Error, ThreadPool};

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
    let (mut question, _) = bakery.accept()?;
    let queue = [1, 2, 3, 4].map(|loaves| pool.submit(move || bake(loaves)));
    for handle in &queue {
        handle.cancel();
    }
    let [.., last] = queue;
    if let Err(Error::Cancelled) = last.join() {
        println!("the last: cancelled");
    }
    question.write_all(b"we open at six")?;
    drop(question);
    drop(pool);
    println!("the first: {}", first.join()??);

    // Wrong where the queue is to be left: this works it off.
    let pool = ThreadPool::new(1);
    let queue = [1, 2, 3, 4].map(|loaves| pool.submit(move || bake(loaves)));
    drop(pool);
    let finished = queue
        .into_iter()
        .filter_map(|handle| handle.join().ok())
        .count();
    println!("trap: dropped instead: {finished} of 4 were finished");
    Ok(())
}
