//! Await the work of another process in async code, which goes on with other things.
//!
//! - **Python:** `loop.run_in_executor(ProcessPoolExecutor(), f, x)`,
//!   `asyncio.wrap_future`
//! - **Rust:** `pool.submit(f, x).await`: the handle is a future, for any runtime
//! - **Needs:** `cargo add --path CLONE/crates/process-pool`,
//!   `cargo add tokio -F io-util,macros,net,rt`
//!
//! ```console
//! $ cargo run --example run-in-executor-processes
//! the answer: we open at six
//! trap: joined instead: no answer, for the bakery is never polled
//! ```
//!
//! **Trap:** `join` and `join_timeout` block the thread, and with it every task that
//! waits for its turn on it. So does dropping the pool while it has work: await the
//! handles first.
//!
//! Neighbours: `processes-future-result-timeout`, `processes-submit`.

use std::error::Error;
use std::io;
use std::net::TcpStream;
use std::time::Duration;

use process_pool::{ProcessPool, Shutdown};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

fn ask(port: u16) -> String {
    let bakery = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(bakery).expect("an answer")
}

// The entry comes before the runtime, which no worker needs.
fn main() -> Result<(), Box<dyn Error>> {
    process_pool::worker_entry().function(ask).enter();
    start()
}

#[tokio::main(flavor = "current_thread")]
async fn start() -> Result<(), Box<dyn Error>> {
    let bakery = TcpListener::bind("127.0.0.1:0").await?;
    let port = bakery.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((mut question, _)) = bakery.accept().await {
            let _ = question.write_all(b"we open at six").await;
        }
    });
    let pool = ProcessPool::new()?;

    let answer = pool.submit(ask, port).await?;
    println!("the answer: {answer}");

    // Wrong: the bakery is a task of the thread that this blocks.
    let handle = pool.submit(ask, port);
    if handle.join_timeout(Duration::from_millis(50)).is_err() {
        println!("trap: joined instead: no answer, for the bakery is never polled");
    }
    pool.shutdown(Shutdown::Kill);
    Ok(())
}
