//! Module global: a `static`, which all threads share, and a cache of a function's results.
//!
//! - **Python:** `global`, a name of the module; `@functools.cache`, `@functools.lru_cache`
//! - **Rust:** a `static`: an atomic, a `Mutex`, a `LazyLock` (made at its first use), or a
//!   `OnceLock` (set once, in `main`). A cache: a `Mutex<HashMap>`, or the crate cached
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example module-global
//! the shop is in Paris
//! 2 requests, from Ada and Bob
//! the table is made at its first use
//! price of bread: 3
//! fibonacci(50) is 12586269025, computed with 51 calls
//! trap: the function computes under the lock of its cache: a second lock would hang
//! ```
//!
//! **Trap:** do not compute under the lock of a cache: a function that calls itself would
//! lock twice, which deadlocks or panics. E0594 and E0133: to change a `static`, put an
//! atomic or a `Mutex` into it, not `static mut`. E0015: a value that no `const fn`
//! can make needs a `LazyLock`. No static is dropped when the program ends.
//!
//! Neighbours: `threads-shared-dict`, `thread-local`, `threads-event`, `rlock`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{LazyLock, Mutex, OnceLock};
use std::thread;

// static mut REQUESTS: u64 = 0;
// error[E0133]: use of mutable static is unsafe and requires unsafe block
static REQUESTS: AtomicU64 = AtomicU64::new(0);
static CUSTOMERS: Mutex<Vec<&str>> = Mutex::new(Vec::new());

/// For what only `main` knows, such as the command line.
static CITY: OnceLock<String> = OnceLock::new();

// static PRICES: HashMap<&str, u32> = HashMap::from([("bread", 3)]);
// error[E0015]: cannot call non-const associated function … in statics
static PRICES: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
    println!("the table is made at its first use");
    HashMap::from([("bread", 3), ("rolls", 1)])
});

/// How many values `fibonacci` has computed: a value from the cache is not counted.
static CALLS: AtomicU64 = AtomicU64::new(0);
static CACHE: LazyLock<Mutex<HashMap<u64, u64>>> = LazyLock::new(Mutex::default);

/// `@functools.cache`: two threads may both compute a value that is missing.
fn fibonacci(n: u64) -> u64 {
    let known = CACHE.lock().unwrap().get(&n).copied(); // Unlocked after this statement.
    if let Some(known) = known {
        return known;
    }
    CALLS.fetch_add(1, Relaxed);
    let value = match n {
        0 | 1 => n,
        _ => fibonacci(n - 1) + fibonacci(n - 2),
    };
    CACHE.lock().unwrap().insert(n, value);
    value
}

fn serve(customer: &'static str) {
    REQUESTS.fetch_add(1, Relaxed);
    CUSTOMERS.lock().unwrap().push(customer);
}

fn main() {
    CITY.set("Paris".to_owned()).expect("nothing else sets it");
    println!("the shop is in {}", CITY.get().expect("`main` has set it"));

    thread::scope(|scope| {
        scope.spawn(|| serve("Bob"));
        scope.spawn(|| serve("Ada"));
    });
    let mut customers = CUSTOMERS.lock().unwrap();
    customers.sort();
    let requests = REQUESTS.load(Relaxed);
    println!("{requests} requests, from {}", customers.join(" and "));

    println!("price of bread: {}", PRICES["bread"]);

    let value = fibonacci(50);
    let calls = CALLS.load(Relaxed);
    println!("fibonacci(50) is {value}, computed with {calls} calls");

    // Wrong: the lock is held while the value is computed. `fibonacci(60)` in the closure
    // would lock a second time. `try_lock` shows that without a hang.
    CACHE.lock().unwrap().entry(60).or_insert_with(|| {
        if CACHE.try_lock().is_err() {
            println!(
                "trap: the function computes under the lock of its cache: \
                 a second lock would hang"
            );
        }
        0
    });
}
