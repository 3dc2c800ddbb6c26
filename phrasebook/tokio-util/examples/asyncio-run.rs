//! Event loop: start it, run `main` to its end, and return its value.
//!
//! - **Python:** `asyncio.run(main())`; for several runs: `asyncio.Runner`, `Runner.run`
//! - **Rust:** `#[tokio::main]` on `async fn main`; in full: `Runtime::new`, `block_on`
//! - **Needs:** `cargo add tokio -F rt-multi-thread,sync`, `cargo add tokio-util`
//!
//! ```console
//! $ cargo run --example asyncio-run
//! server: started
//! server: cleaned up
//! 3 requests
//! trap: second server: started
//! trap: the runtime has ended, the second server never cleaned up
//! ```
//!
//! **Trap:** `asyncio.run` cancels the tasks that are left, and waits for their clean-up.
//! A runtime that ends drops such tasks at the `.await` that they have reached. Stop
//! them and await them before `block_on`, or `async fn main`, returns.
//!
//! Neighbours: `create-task`, `cancel-cleanup`, `all-tasks`, `block-on-in-runtime`.

use std::error::Error;

use tokio::{runtime::Runtime, sync::oneshot, task::yield_now};
use tokio_util::sync::CancellationToken;

async fn serve(name: &str, started: oneshot::Sender<()>, stop: CancellationToken) {
    println!("{name}: started");
    let _ = started.send(());
    stop.cancelled().await;
    yield_now().await; // Cleaning up takes time.
    println!("{name}: cleaned up");
}

fn main() -> Result<(), Box<dyn Error>> {
    // What `#[tokio::main]` makes of an `async fn main`.
    let runtime = Runtime::new()?;
    let requests = runtime.block_on(async {
        let (started, has_started) = oneshot::channel();
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve("server", started, stop.clone()));
        has_started.await.expect("the server starts");

        stop.cancel();
        server.await.expect("the server does not panic");
        3
    });
    println!("{requests} requests");

    // Wrong: nothing stops this task, and nothing waits for it.
    runtime.block_on(async {
        let (started, has_started) = oneshot::channel();
        let never = CancellationToken::new();
        tokio::spawn(serve("trap: second server", started, never));
        has_started.await.expect("the server starts");
    });
    drop(runtime); // As at the end of `async fn main`.
    println!("trap: the runtime has ended, the second server never cleaned up");
    Ok(())
}
