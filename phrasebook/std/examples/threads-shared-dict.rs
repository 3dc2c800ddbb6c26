//! Dict, list or counter shared by threads: a `Mutex` around it, and an `Arc` if needed.
//!
//! - **Python:** a `dict`, a `list`, a `collections.Counter` or an `int`, global or passed
//!   to several threads; `with lock:`, `dict.setdefault`, `collections.defaultdict`
//! - **Rust:** `&Mutex<HashMap<K, V>>` in a `thread::scope`; `Arc<Mutex<Vec<T>>>` if the
//!   threads may outlive their caller; an atomic for one number; `HashMap::entry`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-shared-dict
//! dict: 2 times to, 2 times be
//! list: Ada, Bob
//! counter: 4000
//! trap: 2 threads found no plan and wrote one, 1 plan is left
//! ```
//!
//! **Trap:** as in Python, two locks in a row are two steps: between `contains_key` and
//! `insert` another thread may insert. Use `entry` under one lock. What Python accepts
//! does not compile: E0373 (clone an `Arc`, and `move` it into the closure) and E0277
//! (`Rc` and `RefCell` are for one thread).
//!
//! Neighbours: `threads-lock`, `module-global`, `thread`, `threads-queue`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

fn count(words: [&'static str; 3], counts: &Mutex<HashMap<&'static str, u32>>) {
    for word in words {
        *counts.lock().unwrap().entry(word).or_insert(0) += 1;
    }
}

fn main() {
    // The threads of a scope may borrow.
    let counts = Mutex::new(HashMap::new());
    thread::scope(|scope| {
        scope.spawn(|| count(["to", "be", "or"], &counts));
        scope.spawn(|| count(["not", "to", "be"], &counts));
    });
    let counts = counts.into_inner().unwrap(); // No thread is left: no lock is needed.
    println!("dict: {} times to, {} times be", counts["to"], counts["be"]);

    // Other threads may outlive their caller: each owns an `Arc` of the same list.
    let names = Arc::new(Mutex::new(Vec::new()));
    // thread::spawn(|| names.lock().unwrap().push("Ada"));
    // error[E0373]: closure may outlive the current function, but it borrows `names`
    // With `move`, and an `Rc` instead of the `Arc`:
    // error[E0277]: `Rc<Mutex<Vec<&str>>>` cannot be sent between threads safely
    let threads = ["Bob", "Ada"].map(|name| {
        let names = Arc::clone(&names);
        thread::spawn(move || names.lock().unwrap().push(name))
    });
    for thread in threads {
        thread.join().unwrap();
    }
    let mut names = names.lock().unwrap();
    names.sort();
    println!("list: {}", names.join(", "));

    // For one number an atomic is enough.
    let counter = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    counter.fetch_add(1, Relaxed);
                }
            });
        }
    });
    println!("counter: {}", counter.into_inner());

    // Wrong: unlocked between the test and the change. Both threads pass the test.
    let plans = Mutex::new(HashMap::new());
    let written = AtomicUsize::new(0);
    let both_have_looked = Barrier::new(2);
    let plan = |author| {
        if !plans.lock().unwrap().contains_key("monday") {
            both_have_looked.wait();
            plans.lock().unwrap().insert("monday", author);
            written.fetch_add(1, Relaxed);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| plan("Ada"));
        scope.spawn(|| plan("Bob"));
    });
    let written = written.into_inner();
    let left = plans.lock().unwrap().len();
    println!("trap: {written} threads found no plan and wrote one, {left} plan is left");
}
