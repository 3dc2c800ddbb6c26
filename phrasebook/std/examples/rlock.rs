//! Call, under a lock, a function that takes the same lock.
//!
//! - **Python:** `threading.RLock()`
//! - **Rust:** none in std: methods that lock call methods that are given what is locked
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example rlock
//! pocket 75, savings 25
//! trap: locked twice by one thread: would block
//! ```
//!
//! **Trap:** a `Mutex` that its own thread locks again deadlocks or panics, and no
//! compiler warns. Two guards would be two `&mut` to one value, so even the reentrant
//! locks of other crates give only `&`.
//!
//! Neighbours: `threads-lock`.

use std::sync::{Mutex, TryLockError};

#[derive(Default)]
struct Account {
    pocket: i32,
    savings: i32,
}

impl Account {
    // Never locks: whoever has a `&mut Account` has the lock already.
    fn deposit(&mut self, amount: i32) {
        self.pocket += amount;
    }

    fn save(&mut self, amount: i32) {
        self.deposit(-amount);
        self.savings += amount;
    }
}

struct Bank(Mutex<Account>);

impl Bank {
    // Locks once, for all the steps.
    fn payday(&self, wage: i32) {
        let mut account = self.0.lock().unwrap();
        account.deposit(wage);
        account.save(wage / 4);
    }
}

fn main() {
    let bank = Bank(Mutex::default());
    bank.payday(100);
    let account = bank.0.lock().unwrap();
    println!("pocket {}, savings {}", account.pocket, account.savings);

    // Wrong: `lock` instead of `try_lock` would never come back.
    if let Err(TryLockError::WouldBlock) = bank.0.try_lock() {
        println!("trap: locked twice by one thread: would block");
    }
}
