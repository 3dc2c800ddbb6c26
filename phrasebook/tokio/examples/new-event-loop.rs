//! Single-threaded event loop: tasks share state without a lock.
//!
//! - **Python:** `asyncio.new_event_loop()`, `loop.run_until_complete(main())`,
//!   `loop.close()`; every loop runs on one thread
//! - **Rust:** `LocalRuntime`, or `#[tokio::main(flavor = "local")]`, with `spawn_local`
//! - **Needs:** `cargo add tokio -F rt,sync`
//!
//! ```console
//! $ cargo run --example new-event-loop
//! 2 tasks added 2000 coins
//! trap: read, await, write: 2 tasks added 1 coin
//! trap: RefCell borrowed across an await: the other task panicked
//! ```
//!
//! In Python: nothing for
//! `trap: RefCell borrowed across an await: the other task panicked`.
//!
//! **Trap:** as in Python, if you read a value, await, and then write it, you overwrite
//! what other tasks wrote meanwhile. Only in Rust: if you hold a borrow of a `RefCell`
//! across an `.await`, another task that borrows it panics. `spawn_local` panics outside
//! a `LocalRuntime` or a `LocalSet`.
//!
//! Neighbours: `asyncio-run`, `create-task`, `contextvars`, `async-lock`,
//! `event-loop-per-thread`.

use std::{cell::RefCell, error::Error, rc::Rc};

use tokio::runtime::LocalRuntime;
use tokio::sync::Barrier;
use tokio::task::{JoinError, spawn_local, yield_now};

/// Not `Send`: `tokio::spawn` would not compile with it.
type Jar = Rc<RefCell<u32>>;

async fn add_coins(jar: Jar) {
    for _ in 0..1000 {
        *jar.borrow_mut() += 1; // The borrow ends with this statement.
        yield_now().await; // The other task may run here, on the same thread.
    }
}

async fn lose_coin(jar: Jar, both_have_read: Rc<Barrier>) {
    let coins = *jar.borrow();
    both_have_read.wait().await;
    *jar.borrow_mut() = coins + 1; // Wrong: `coins` is out of date.
}

#[expect(
    clippy::await_holding_refcell_ref,
    reason = "the page shows this mistake"
)]
async fn hold_jar(jar: Jar) -> Result<(), JoinError> {
    let borrow = jar.borrow_mut();
    // Wrong: the other task borrows the jar, too, while `borrow` lasts.
    let ended = spawn_local(add_coins(jar.clone())).await;
    drop(borrow);
    ended
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = LocalRuntime::new()?;
    let jar = Jar::default();
    runtime.block_on(async {
        let ann = spawn_local(add_coins(jar.clone()));
        let bob = spawn_local(add_coins(jar.clone()));
        ann.await?;
        bob.await
    })?;
    println!("2 tasks added {} coins", jar.take());

    runtime.block_on(async {
        let both_have_read = Rc::new(Barrier::new(2));
        let ann = spawn_local(lose_coin(jar.clone(), both_have_read.clone()));
        let bob = spawn_local(lose_coin(jar.clone(), both_have_read));
        ann.await?;
        bob.await
    })?;
    println!(
        "trap: read, await, write: 2 tasks added {} coin",
        jar.take()
    );

    if runtime.block_on(hold_jar(jar)).is_err() {
        println!("trap: RefCell borrowed across an await: the other task panicked");
    }
    Ok(())
}
