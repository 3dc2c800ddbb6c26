//! Wait for several things at once, and go on when all are done.
//!
//! - **Python:** `await asyncio.gather(say_after(1, "hello"), say_after(2, "world"))`
//! - **Rust:** `join!` of futures, or `join_all` of a list: one task drives them all
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,time`
//!
//! ```console
//! $ cargo run --example gather
//! hello
//! world
//! trap: one after the other: world hello
//! ```
//!
//! **Trap:** a future does nothing before it is awaited. Awaited one after the other, two
//! futures that were made together still run one after the other.
//!
//! Neighbours: `gather-tasks`, `gather-return-exceptions`, `task-group`, `async-gather`.

use std::sync::Mutex;
use std::time::Duration;

use tokio::{join, time::sleep};

async fn say_after(seconds: f64, what: &str) {
    sleep(Duration::from_secs_f64(seconds)).await;
    println!("{what}");
}

#[tokio::main]
async fn main() {
    join!(say_after(0.1, "hello"), say_after(0.2, "world"));

    // Wrong: the second does not begin before the first has ended.
    let said = Mutex::new(Vec::new());
    let note_after = async |seconds, what| {
        sleep(Duration::from_secs_f64(seconds)).await;
        said.lock().unwrap().push(what);
    };
    let (world, hello) = (note_after(0.02, "world"), note_after(0.01, "hello"));
    world.await;
    hello.await;
    let said = said.lock().unwrap().join(" ");
    println!("trap: one after the other: {said}");
}
