//! Reentrant lock: a method that holds the lock calls a method that takes it again.
//!
//! - **Python:** `threading.RLock()`, `multiprocessing.RLock()`
//! - **Rust:** none in std: a method that locks calls methods that take a `&mut` to what
//!   is locked. If nothing else helps: `ReentrantMutex<RefCell<T>>` of parking_lot
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example rlock
//! pocket 75, savings 25
//! trap: the thread that holds the lock locks again: it would wait for itself
//! ```
//!
//! **Trap:** a thread that locks a `Mutex` twice deadlocks or panics, and the compiler
//! does not warn. A reentrant lock can give only a `&T`, because two guards would be two
//! `&mut` to one value: to change the value, put it into a `RefCell`.
//!
//! Neighbours: `threads-lock`.

use std::sync::{Mutex, TryLockError};

#[derive(Default)]
struct Account {
    pocket: i32,
    savings: i32,
}

impl Account {
    // Does not lock: a caller with a `&mut Account` has locked already.
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
    // Locks once, for all steps.
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

    // Wrong: locks again while the guard `account` lives. `try_lock` only shows it:
    // `lock` would deadlock or panic.
    if let Err(TryLockError::WouldBlock) = bank.0.try_lock() {
        println!(
            "trap: the thread that holds the lock locks again: it would wait for itself"
        );
    }
}
