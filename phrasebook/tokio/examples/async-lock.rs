//! Let one task at a time into a stretch of code, also when that stretch waits.
//!
//! - **Python:** `asyncio.Lock()`, `async with lock:`
//! - **Rust:** `tokio::sync::Mutex`, which owns what it guards, where the stretch waits;
//!   where it does not, `std::sync::Mutex`
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example async-lock
//! 10 withdrawals of 10 leave 0
//! trap: with a std guard held at .await, the next lock() never returns: true
//! ```
//!
//! **Trap:** the compiler lets a guard of std's `Mutex` live through an `.await`, unless
//! `tokio::spawn` gets the future. The next `lock()` then stops the very thread that
//! should bring the guard back.
//!
//! Neighbours: `lock-across-await`, `async-condition`, `async-semaphore`.

use std::sync::TryLockError;

use tokio::task::{JoinSet, yield_now};

static BALANCE: tokio::sync::Mutex<u32> = tokio::sync::Mutex::const_new(100);
// What is locked for a moment, with no .await inside, is better off with std's.
static WITHDRAWALS: std::sync::Mutex<u32> = std::sync::Mutex::new(0);
static TILL: std::sync::Mutex<u32> = std::sync::Mutex::new(0);

async fn ask_the_bank() {
    yield_now().await;
}

async fn withdraw(amount: u32) {
    let mut balance = BALANCE.lock().await;
    let seen = *balance;
    ask_the_bank().await;
    *balance = seen - amount;
    *WITHDRAWALS.lock().unwrap() += 1;
}

#[expect(clippy::await_holding_lock, reason = "this is the trap")]
async fn withdraw_from_the_till() {
    let mut till = TILL.lock().unwrap(); // Wrong: held while the bank is asked.
    ask_the_bank().await;
    *till += 1;
}

#[tokio::main]
async fn main() {
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        tasks.spawn(withdraw(10));
    }
    tasks.join_all().await;
    let withdrawals = *WITHDRAWALS.lock().unwrap(); // A copy: no guard for what follows.
    println!(
        "{withdrawals} withdrawals of 10 leave {}",
        BALANCE.lock().await
    );

    // The second would call `lock()`, and never come back.
    let second = async { matches!(TILL.try_lock(), Err(TryLockError::WouldBlock)) };
    let ((), stuck) = tokio::join!(withdraw_from_the_till(), second);
    println!(
        "trap: with a std guard held at .await, the next lock() never returns: {stuck}"
    );
}
