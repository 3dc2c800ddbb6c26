//! `shutdown(cancel_futures=True)` with threads: finish what runs, cancel the rest.
//!
//! - **Python:** `Executor.shutdown(cancel_futures=True)`,
//!   `Executor.shutdown(wait=False)`
//! - **Rust:** `pool.shutdown(Shutdown::CancelQueued)`, which waits for what runs;
//!   for `wait=False`: `pool.close()`, then drop the pool on another thread
//! - **Needs:** `cargo add --path CLONE/crates/thread-pool`
//!
//! ```console
//! $ cargo run --example threads-shutdown-cancel-futures
//! the last: cancelled
//! the first: we open at six
//! one more: refused
//! trap: after close() the end of the block waited for 4 of 4 tasks
//! ```
//!
//! **Trap:** `close` returns immediately, but the end of the block drops the pool, and
//! that waits for every task. After Python's `shutdown(wait=False)`, outside of `with`,
//! only the end of the program waits. Here drop the pool on another thread, and join that
//! thread before `main` returns.
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
    let pool = ThreadPool::new(1);
    let bakery = TcpListener::bind("127.0.0.1:0")?;
    let port = bakery.local_addr()?.port();

    let first = pool.submit(move || ask(port));
    let (mut question, _) = bakery.accept()?;
    let [.., last] = [1, 2, 3, 4].map(|loaves| pool.submit(move || bake(loaves)));
    thread::scope(|scope| {
        // It waits for the first task, which this thread has yet to answer.
        scope.spawn(|| pool.shutdown(Shutdown::CancelQueued));
        if let Err(Error::Cancelled) = last.join() {
            println!("the last: cancelled");
        }
        question.write_all(b"we open at six")?;
        drop(question); // Ends the answer.
        io::Result::Ok(())
    })?;
    println!("the first: {}", first.join()??);
    if let Err(Error::ShutDown) = pool.submit(|| bake(1)).join() {
        println!("one more: refused");
    }

    // Wrong: `close` alone, though this thread should not wait for the tasks.
    let handles = {
        let pool = ThreadPool::new(1);
        let handles = [1, 2, 3, 4].map(|loaves| pool.submit(move || bake(loaves)));
        pool.close();
        handles
    };
    let finished = handles.iter().filter(|handle| handle.is_finished()).count();
    println!("trap: after close() the end of the block waited for {finished} of 4 tasks");
    Ok(())
}
