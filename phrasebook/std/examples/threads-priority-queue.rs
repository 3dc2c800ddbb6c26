//! Priority queue between threads: the smallest item comes out first.
//!
//! - **Python:** `queue.PriorityQueue()`; `queue.LifoQueue()`: the newest comes out first
//! - **Rust:** none: `Mutex<BinaryHeap<Reverse<_>>>` and a `Condvar`; for `LifoQueue` a
//!   `Vec` in place of the heap
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-priority-queue
//! 1 fire
//! 2 flood
//! 3 cat in a tree
//! trap: without Reverse the first is: 3 cat in a tree
//! ```
//!
//! **Trap:** `BinaryHeap` gives the greatest first, Python's heap the smallest. `Reverse`
//! around the whole item turns the order round.
//!
//! Neighbours: `threads-queue`, `threads-condition`, `async-priority-queue`.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Condvar, Mutex};
use std::thread;

#[derive(Default)]
struct PriorityQueue<T> {
    heap: Mutex<BinaryHeap<Reverse<T>>>,
    filled: Condvar,
}

impl<T: Ord> PriorityQueue<T> {
    fn put(&self, item: T) {
        self.heap.lock().unwrap().push(Reverse(item));
        self.filled.notify_one();
    }

    fn get(&self) -> T {
        let mut heap = self.heap.lock().unwrap();
        loop {
            if let Some(Reverse(item)) = heap.pop() {
                return item;
            }
            heap = self.filled.wait(heap).unwrap();
        }
    }
}

fn main() {
    let calls = [(3, "cat in a tree"), (1, "fire"), (2, "flood")];
    let queue = PriorityQueue::default();
    for call in calls {
        queue.put(call);
    }
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in calls {
                let (priority, what) = queue.get();
                println!("{priority} {what}");
            }
        });
    });

    // Wrong: the biggest number first.
    let (priority, what) = BinaryHeap::from(calls).pop().unwrap();
    println!("trap: without Reverse the first is: {priority} {what}");
}
