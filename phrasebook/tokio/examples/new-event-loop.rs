//! Run everything on one thread, so that tasks share state without a lock.
//!
//! - **Python:** `asyncio.new_event_loop()`, `loop.run_until_complete`; in fact every
//!   loop
//! - **Rust:** `LocalRuntime`, or `#[tokio::main(flavor = "local")]`, with
//!   `spawn_local`
//! - **Needs:** `cargo add tokio -F rt`
//!
//! ```console
//! $ cargo run --example new-event-loop
//! ann: coin 1
//! bob: coin 2
//! the jar holds 2
//! trap: read, await, write: the jar holds 1
//! ```
//!
//! **Trap:** one thread still changes tasks at every `.await`. A value read before and
//! written after it undoes what others did; a `RefCell` borrowed over it panics for
//! them.
//!
//! Neighbours: `asyncio-run`, `create-task`, `contextvars`.

use std::{cell::Cell, io, rc::Rc};

use tokio::runtime::LocalRuntime;
use tokio::task::{spawn_local, yield_now};

/// `Rc` and `Cell` cannot go to other threads: `tokio::spawn` would not compile with
/// them.
async fn add_coin(name: &str, jar: Rc<Cell<u32>>) {
    jar.set(jar.get() + 1);
    println!("{name}: coin {}", jar.get());
    yield_now().await; // Others go on here, on the same thread.
}

async fn lose_coin(jar: Rc<Cell<u32>>) {
    let coins = jar.get();
    yield_now().await; // Wrong: the value is old by now.
    jar.set(coins + 1);
}

fn main() -> io::Result<()> {
    let runtime = LocalRuntime::new()?;
    let jar = Rc::new(Cell::new(0));
    runtime.block_on(async {
        let ann = spawn_local(add_coin("ann", jar.clone()));
        let bob = spawn_local(add_coin("bob", jar.clone()));
        ann.await.expect("nobody panics");
        bob.await.expect("nobody panics");
    });
    println!("the jar holds {}", jar.get());

    jar.set(0);
    runtime.block_on(async {
        for task in [lose_coin(jar.clone()), lose_coin(jar.clone())].map(spawn_local) {
            task.await.expect("nobody panics");
        }
    });
    println!("trap: read, await, write: the jar holds {}", jar.get());
    Ok(())
}
