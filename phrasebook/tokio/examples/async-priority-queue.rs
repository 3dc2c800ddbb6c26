//! Take from a queue what is most urgent, whenever it was put in.
//!
//! - **Python:** `asyncio.PriorityQueue()`: the smallest comes first
//! - **Rust:** none; a `BinaryHeap` of `Reverse` in a `Mutex`, and a `Semaphore` that
//!   counts what is in it
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example async-priority-queue
//! 1: a heart
//! 2: an arm
//! 3: a cold
//! trap: without Reverse the first is 3: a cold
//! ```
//!
//! **Trap:** `BinaryHeap` gives the largest first, the other way round than `heapq` and
//! `PriorityQueue`.
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
        let permit = self.ready.acquire().await.expect("nobody closes it");
        permit.forget(); // Not given back: what it stood for is taken.
        let Reverse(item) = self.heap.lock().unwrap().pop().expect("as many as permits");
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
    let came = [(3, "a cold"), (1, "a heart"), (2, "an arm")];
    let reception = async { came.map(|patient| waiting_room.put(patient)) };
    tokio::join!(doctor, reception); // The doctor waits already when the first one comes.

    // Wrong: the largest number is the least urgent.
    let heap = BinaryHeap::from(came);
    if let Some((urgency, what)) = heap.peek() {
        println!("trap: without Reverse the first is {urgency}: {what}");
    }
}
