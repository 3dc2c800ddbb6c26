//! End what worker processes are doing, in the middle of it: one task, or all of them.
//!
//! - **Python:** `ProcessPoolExecutor.kill_workers()`, `terminate_workers()` (3.14)
//! - **Rust:** `Handle::kill` for one task, `pool.shutdown(Shutdown::Kill)` for all
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`
//!
//! ```console
//! $ cargo run --example kill-workers
//! the first: killed
//! the second: baked
//! the third: ended by force
//! trap: who was killed has put the light out: false
//! ```
//!
//! In Python: nothing for `the first: killed`; nothing for `the second: baked`.
//!
//! **Trap:** nothing of a killed task runs any more, no `Drop` either, and what it did
//! half-way stays as it is. What must be whole, such as a file, is written beside its
//! place and renamed.
//!
//! Neighbours: `processes-future-cancel`, `processes-future-result-timeout`,
//! `broken-process-pool`, `processes-shutdown-cancel-futures`.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use process_pool::{Error, ProcessPool, Shutdown};

struct Light(TcpStream);

impl Drop for Light {
    fn drop(&mut self) {
        let _ = self.0.write_all(b"out");
    }
}

fn bake(kitchen: u16) -> String {
    let mut light =
        Light(TcpStream::connect(("127.0.0.1", kitchen)).expect("a listener"));
    light.0.read_exact(&mut [0]).expect("the bell");
    "baked".to_owned()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    process_pool::worker_entry().function(bake).enter();
    let kitchen = TcpListener::bind("127.0.0.1:0")?;
    let port = kitchen.local_addr()?.port();
    let pool = ProcessPool::builder().max_workers(1).build()?;

    let first = pool.submit(bake, port);
    let (light, _) = kitchen.accept()?;
    first.kill();
    if let Err(Error::Killed { .. }) = first.join() {
        println!("the first: killed");
    }
    let second = pool.submit(bake, port);
    kitchen.accept()?.0.write_all(b"!")?;
    println!("the second: {}", second.join()?);

    let third = pool.submit(bake, port);
    let _running = kitchen.accept()?;
    pool.shutdown(Shutdown::Kill);
    if let Err(Error::Died { .. }) = third.join() {
        println!("the third: ended by force");
    }

    // Wrong, to leave this to a drop.
    let out = io::read_to_string(light).is_ok_and(|light| light == "out");
    println!("trap: who was killed has put the light out: {out}");
    Ok(())
}
