//! `run_in_executor` with processes: await the task of a process pool in async code.
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
//! trap: no answer within 50 ms, because the wait blocks the bakery
//! late answer: we open at six
//! ```
//!
//! **Trap:** as in Python, waiting without `await` blocks the thread: with `join` and
//! `join_timeout` here, with `Future.result` there. Other futures of the same task, and
//! on one thread all other tasks, stand still. Dropping a pool that has work blocks, too:
//! await the handles first.
//!
//! Neighbours: `processes-future-result-timeout`, `processes-submit`.

use std::error::Error;
use std::io;
use std::net::TcpStream;
use std::time::Duration;

use process_pool::ProcessPool;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

fn ask(port: u16) -> String {
    let connection = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    io::read_to_string(connection).expect("an answer")
}

async fn answer(bakery: &TcpListener) -> Result<(), Box<dyn Error>> {
    let (mut question, _) = bakery.accept().await?;
    question.write_all(b"we open at six").await?;
    Ok(())
}

// The entry comes before the runtime, which no worker needs.
fn main() -> Result<(), Box<dyn Error>> {
    process_pool::worker_entry().function(ask).enter();
    start()
}

#[tokio::main(flavor = "current_thread")]
async fn start() -> Result<(), Box<dyn Error>> {
    let pool = ProcessPool::builder().max_workers(1).build()?;
    let bakery = TcpListener::bind("127.0.0.1:0").await?;
    let port = bakery.local_addr()?.port();

    let ask_and_wait = async { Ok(pool.submit(ask, port).await?) };
    let (words, ()) = tokio::try_join!(ask_and_wait, answer(&bakery))?;
    println!("the answer: {words}");

    // Wrong: `join_timeout` blocks the thread, so the bakery cannot answer.
    let ask_and_block = async {
        let handle = pool.submit(ask, port);
        if handle.join_timeout(Duration::from_millis(50)).is_err() {
            println!("trap: no answer within 50 ms, because the wait blocks the bakery");
        }
        Ok(handle.await?)
    };
    let (words, ()) = tokio::try_join!(ask_and_block, answer(&bakery))?;
    println!("late answer: {words}");
    Ok(())
}
