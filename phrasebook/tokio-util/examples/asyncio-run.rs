//! Start the program's event loop, run one future to its end, and give back its value.
//!
//! - **Python:** `asyncio.run(main())`, `asyncio.Runner`
//! - **Rust:** `#[tokio::main]` on an `async fn main`, or `Runtime::block_on` written
//!   out
//! - **Needs:** `cargo add tokio -F rt`, `cargo add tokio-util`
//!
//! ```console
//! $ cargo run --example asyncio-run
//! diary: opened
//! diary: closed
//! 3 customers
//! trap: left alone: opened
//! trap: the runtime has ended
//! ```
//!
//! **Trap:** `asyncio.run` cancels the tasks that are left and waits for their
//! clean-up. A runtime that ends drops them where they stand: end them before
//! `block_on` returns.
//!
//! Neighbours: `create-task`, `cancel-cleanup`, `block-on-in-runtime`.

use std::io;

use tokio::{runtime::Builder, task::yield_now};
use tokio_util::sync::CancellationToken;

async fn keep_diary(name: &str, closing: CancellationToken) {
    println!("{name}: opened");
    closing.cancelled().await;
    yield_now().await; // The last line takes its time.
    println!("{name}: closed");
}

fn main() -> io::Result<()> {
    // What `#[tokio::main(flavor = "current_thread")]` makes of an `async fn main`;
    // without the flavor it is `Runtime::new()`, with as many threads as processors.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let customers = runtime.block_on(async {
        let closing = CancellationToken::new();
        let diary = tokio::spawn(keep_diary("diary", closing.clone()));
        yield_now().await; // It begins.
        closing.cancel();
        diary.await.expect("the diary does not panic");
        3
    });
    println!("{customers} customers");

    // Wrong: nobody tells the task, and nobody waits for it. It never closes.
    runtime.block_on(async {
        tokio::spawn(keep_diary("trap: left alone", CancellationToken::new()));
        yield_now().await;
    });
    drop(runtime);
    println!("trap: the runtime has ended");
    Ok(())
}
