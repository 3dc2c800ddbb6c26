//! Exit stack: open things in turn, close them in reverse order, even after a failure.
//!
//! - **Python:** `contextlib.AsyncExitStack`: `AsyncExitStack.enter_async_context`,
//!   `AsyncExitStack.push_async_callback`
//! - **Rust:** a `Vec` of boxed futures, awaited from its end; for clean-up without
//!   awaits, `Drop`
//! - **Needs:** `cargo add futures-util`, `cargo add tokio -F macros,rt`
//!
//! ```console
//! $ cargo run --example async-exit-stack
//! database opened
//! cache opened
//! cache closed
//! database closed
//! stop reported
//! failed: mailer does not answer
//! trap: a Vec is dropped from first to last: database closed
//! trap: a Vec is dropped from first to last: cache closed
//! ```
//!
//! **Trap:** variables are dropped in reverse, but the elements of a `Vec` and the fields
//! of a struct from first to last. A `?` before the loop that awaits the exits skips
//! them: keep what may fail in a function of its own. An `abort` or a `timeout` skips
//! them, too.
//!
//! Neighbours: `async-with`, `cancel-cleanup`.

use futures_util::{FutureExt, future::BoxFuture};
use tokio::task::yield_now;

/// Clean-up to await at the end: the last entry first.
type Exits = Vec<BoxFuture<'static, ()>>;

async fn open(service: &'static str, exits: &mut Exits) -> Result<(), String> {
    if service == "mailer" {
        return Err(format!("{service} does not answer"));
    }
    println!("{service} opened");
    exits.push(close(service).boxed()); // Futures are lazy: nothing closes yet.
    Ok(())
}

async fn close(service: &str) {
    yield_now().await; // The service takes its time.
    println!("{service} closed");
}

async fn report_stop() {
    yield_now().await;
    println!("stop reported");
}

async fn run(exits: &mut Exits) -> Result<(), String> {
    exits.push(report_stop().boxed());
    for service in ["database", "cache", "mailer"] {
        open(service, exits).await?;
    }
    println!("all services run");
    Ok(())
}

struct Service(&'static str);

impl Drop for Service {
    fn drop(&mut self) {
        println!(
            "trap: a Vec is dropped from first to last: {} closed",
            self.0
        );
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut exits = Exits::new();
    let outcome = run(&mut exits).await; // No `?` before the exits have run.
    while let Some(exit) = exits.pop() {
        exit.await;
    }
    if let Err(error) = outcome {
        println!("failed: {error}");
    }

    // Wrong: to expect that a `Vec` drops its last element first.
    drop(vec![Service("database"), Service("cache")]);
}
