//! Shared state between tasks: `Arc`, cloned for each task before `async move`.
//!
//! - **Python:** a task uses what its function sees: arguments, closures, `nonlocal`
//! - **Rust:** `Arc<T>` to read, `Arc<Mutex<T>>` to change. Clone it before `async move`:
//!   a spawned task must own what it uses. `join!` may borrow
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread`
//!
//! ```console
//! $ cargo run --example async-shared-state
//! 2 tasks added 3 and 5: 8
//! awaited together, not spawned: 8
//! trap: async move copied the number: 1 in the task, still 0 in main
//! ```
//!
//! **Trap:** `spawn` wants `'static` and `Send`. Borrowed values are E0373 and E0597. An
//! `Rc`, or a std guard across an `.await`: "future cannot be sent between threads safely".
//! `async move`, which rustc suggests, copies a number: the task changes its own copy.
//!
//! Neighbours: `create-task`, `async-lock`, `new-event-loop`, `lock-across-await`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::task::{JoinSet, yield_now};

type Prices = HashMap<&'static str, u32>;

async fn price(prices: &Prices, dish: &str) -> u32 {
    yield_now().await; // Asking takes time.
    prices[dish]
}

#[tokio::main]
async fn main() {
    let prices = Arc::new(Prices::from([("tea", 3), ("cake", 5)]));
    let sum = Arc::new(Mutex::new(0));

    // error[E0373]: async block may outlive the current function, but it borrows `prices`
    // tokio::spawn(async { price(&prices, "tea").await });
    // error[E0597]: `prices` does not live long enough
    // tokio::spawn(price(&prices, "tea"));

    let mut tasks = JoinSet::new();
    for dish in ["tea", "cake"] {
        // A second owner of the same value. Without it, the first task takes the only one.
        let prices = Arc::clone(&prices);
        let sum = Arc::clone(&sum);
        tasks.spawn(async move {
            // error: future cannot be sent between threads safely
            // let mut guard = sum.lock().unwrap();
            // *guard += price(&prices, dish).await;
            let cost = price(&prices, dish).await;
            *sum.lock().unwrap() += cost; // Locked for this statement only.
        });
    }
    tasks.join_all().await;
    println!("2 tasks added 3 and 5: {}", sum.lock().unwrap());

    // error: future cannot be sent between threads safely. `Rc` is for one thread.
    // let till = std::rc::Rc::new(1);
    // tokio::spawn(async move { yield_now().await; println!("till {till}") });

    // These futures are not spawned: they end before `prices` does.
    let (tea, cake) = tokio::join!(price(&prices, "tea"), price(&prices, "cake"));
    println!("awaited together, not spawned: {}", tea + cake);

    // Wrong: a number is `Copy`. For a shared one: `Arc<AtomicU32>`, `Arc<Mutex<u32>>`.
    let mut count = 0;
    let task = tokio::spawn(async move {
        count += 1;
        count
    });
    let counted = task.await.expect("the task does not panic");
    println!(
        "trap: async move copied the number: {counted} in the task, still {count} in main"
    );
}
