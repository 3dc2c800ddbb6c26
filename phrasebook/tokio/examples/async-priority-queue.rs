//! Async priority queue: the smallest item comes first.
//!
//! - **Python:** `asyncio.PriorityQueue()`
//! - **Rust:** none; a `BinaryHeap` of `Reverse` in a `Mutex`, and a `Semaphore` that
//!   counts what is in it
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example async-priority-queue
//! 1: a heart
//! 2: an arm
//! 3: a cold
//! trap: without Reverse the largest comes first: 3: a cold
//! ```
//!
//! **Trap:** `BinaryHeap` gives the largest item first, the opposite of `heapq` and
//! `PriorityQueue`. Items must be `Ord`, which `f64` is not.
//!
//! Neighbours: `async-lifo-queue`, `async-queue`, `async-semaphore`.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Mutex;

use tokio::sync::Semaphore;

struct PriorityQueue<T> {
    heap: Mutex<BinaryHeap<Reverse<T>>>,
    ready: Semaphore,
}

impl<T: Ord> PriorityQueue<T> {
    fn new() -> Self {
        Self {
            heap: Mutex::default(),
            ready: Semaphore::new(0),
        }
    }

    fn put(&self, item: T) {
        self.heap.lock().unwrap().push(Reverse(item));
        self.ready.add_permits(1);
    }

    async fn get(&self) -> T {
        let permit = self.ready.acquire().await.expect("it is never closed");
        permit.forget(); // Not released: the item that it stands for is taken.
        let Reverse(item) = self
            .heap
            .lock()
            .unwrap()
            .pop()
            .expect("an item for each permit");
        item
    }
}

#[tokio::main]
async fn main() {
    let waiting_room = PriorityQueue::new();
    let doctor = async {
        for _ in 0..3 {
            let (urgency, what) = waiting_room.get().await;
            println!("{urgency}: {what}");
        }
    };
    let patients = [(3, "a cold"), (1, "a heart"), (2, "an arm")];
    let reception = async {
        for patient in patients {
            waiting_room.put(patient);
        }
    };
    tokio::join!(doctor, reception);

    // Wrong: no `Reverse`. The largest number, the least urgent, comes first.
    let heap = BinaryHeap::from(patients);
    if let Some((urgency, what)) = heap.peek() {
        println!("trap: without Reverse the largest comes first: {urgency}: {what}");
    }
}
