//! Async lock (mutex): one task at a time in a section of code that awaits.
//!
//! - **Python:** `asyncio.Lock()`, `async with lock:`
//! - **Rust:** `tokio::sync::Mutex` if the section has an `.await`, else
//!   `std::sync::Mutex`; both own the value that they guard
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example async-lock
//! 10 withdrawals of 10 leave 0
//! trap: a std guard is held across .await, the next lock() would deadlock
//! ```
//!
//! **Trap:** the compiler accepts a std guard that is held across an `.await`, unless you
//! pass the future to `tokio::spawn`. Clippy warns (`await_holding_lock`). The next
//! `lock()` can block the very thread that has to release the guard: a deadlock.
//!
//! Neighbours: `lock-across-await`, `async-condition`, `async-semaphore`,
//! `async-shared-state`.

use std::sync::{Arc, TryLockError};

use tokio::task::{JoinSet, yield_now};

struct Account {
    balance: tokio::sync::Mutex<u32>,
    // Locked only for a moment, without an `.await`: there std's mutex is faster.
    withdrawals: std::sync::Mutex<u32>,
}

async fn ask_the_bank() {
    yield_now().await; // This takes time.
}

async fn withdraw(account: Arc<Account>, amount: u32) {
    let mut balance = account.balance.lock().await;
    let seen = *balance;
    ask_the_bank().await;
    *balance = seen - amount;
    *account.withdrawals.lock().unwrap() += 1;
}

#[expect(clippy::await_holding_lock, reason = "this is the trap")]
async fn withdraw_wrongly(balance: &std::sync::Mutex<u32>, amount: u32) {
    let mut balance = balance.lock().unwrap(); // Wrong: held across the .await.
    ask_the_bank().await;
    *balance -= amount;
}

#[tokio::main]
async fn main() {
    let account = Arc::new(Account {
        balance: tokio::sync::Mutex::new(100),
        withdrawals: std::sync::Mutex::new(0),
    });
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        tasks.spawn(withdraw(account.clone(), 10));
    }
    tasks.join_all().await;
    let withdrawals = *account.withdrawals.lock().unwrap(); // A copy: no guard is kept.
    let balance = *account.balance.lock().await;
    println!("{withdrawals} withdrawals of 10 leave {balance}");

    let balance = std::sync::Mutex::new(100);
    // `lock()` instead of `try_lock()` would never return.
    let second = async { matches!(balance.try_lock(), Err(TryLockError::WouldBlock)) };
    // `biased` polls the first future first, so that it has the lock.
    let ((), is_locked) = tokio::join!(biased; withdraw_wrongly(&balance, 10), second);
    if is_locked {
        println!(
            "trap: a std guard is held across .await, the next lock() would deadlock"
        );
    }
}
