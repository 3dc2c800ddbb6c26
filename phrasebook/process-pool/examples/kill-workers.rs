//! `kill_workers`: end tasks of worker processes while they run, one of them or all.
//!
//! - **Python:** `ProcessPoolExecutor.kill_workers` (3.14),
//!   `ProcessPoolExecutor.terminate_workers` (3.14)
//! - **Rust:** `Handle::kill` for one task, `pool.shutdown(Shutdown::Kill)` for all. Both
//!   send SIGKILL; nothing sends SIGTERM, as `terminate_workers` does
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example kill-workers
//! the first: killed
//! the second: baked
//! the third: killed with its pool
//! trap: the clean-up of the killed task has not run
//! ```
//!
//! In Python: nothing for `the first: killed`; nothing for `the second: baked`.
//!
//! **Trap:** as in Python, nothing of a killed task runs any more: no `Drop` here, no
//! `finally` there. What it left half-finished stays so. Write a file that must be
//! complete under another name, then rename it.
//!
//! Neighbours: `processes-future-cancel`, `processes-future-result-timeout`,
//! `broken-process-pool`, `processes-shutdown-cancel-futures`.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use process_pool::{Error, ProcessPool, Shutdown};

struct Oven(TcpStream);

/// The clean-up: it tells `main` that it has run.
impl Drop for Oven {
    fn drop(&mut self) {
        let _ = self.0.write_all(b"off");
    }
}

/// Runs until `main` sends a byte.
fn bake(port: u16) -> String {
    let connection = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    let mut oven = Oven(connection);
    oven.0.read_exact(&mut [0]).expect("a byte");
    "baked".to_owned()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(bake).enter();
    let pool = ProcessPool::builder().max_workers(1).build()?;
    let kitchen = TcpListener::bind("127.0.0.1:0")?;
    let port = kitchen.local_addr()?.port();

    let first = pool.submit(bake, port);
    let _open = kitchen.accept()?; // The task runs, and gets no byte.
    first.kill();
    if let Err(Error::Killed { .. }) = first.join() {
        println!("the first: killed");
    }
    let second = pool.submit(bake, port);
    kitchen.accept()?.0.write_all(b"!")?;
    println!("the second: {}", second.join()?);

    let third = pool.submit(bake, port);
    let (connection, _) = kitchen.accept()?;
    pool.shutdown(Shutdown::Kill);
    // `Error::Killed` is only for `Handle::kill`.
    if let Err(Error::Died { .. }) = third.join() {
        println!("the third: killed with its pool");
    }

    // Wrong: relies on `Drop` in a task that may be killed.
    let clean_up = match io::read_to_string(connection)?.as_str() {
        "off" => "has run",
        _ => "has not run",
    };
    println!("trap: the clean-up of the killed task {clean_up}");
    Ok(())
}
