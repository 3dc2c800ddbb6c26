//! Async stack (LIFO queue): the item that was put in last comes out first.
//!
//! - **Python:** `asyncio.LifoQueue()`
//! - **Rust:** none; a `Vec` in a `Mutex`, and a `Semaphore` that counts what is in it
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,sync`
//!
//! ```console
//! $ cargo run --example async-lifo-queue
//! on the table: the blue plate
//! on the table: the white plate
//! plates left: 0
//! trap: the permit was not forgotten: 1 permit for 0 items
//! ```
//!
//! **Trap:** a permit is released when it is dropped. Here each permit stands for an
//! item. If you take the item, `forget` the permit: otherwise the next `get` finds a
//! permit, but no item.
//!
//! Neighbours: `async-priority-queue`, `async-queue`, `async-semaphore`.

use std::sync::Mutex;

use tokio::sync::Semaphore;

struct LifoQueue<T> {
    stack: Mutex<Vec<T>>,
    ready: Semaphore,
}

impl<T> LifoQueue<T> {
    fn new() -> Self {
        Self {
            stack: Mutex::default(),
            ready: Semaphore::new(0),
        }
    }

    fn put(&self, item: T) {
        self.stack.lock().unwrap().push(item);
        self.ready.add_permits(1); // After the push: a task that wakes up finds an item.
    }

    async fn get(&self) -> T {
        let permit = self.ready.acquire().await.expect("it is never closed");
        permit.forget(); // Not released: the item that it stands for is taken.
        self.stack
            .lock()
            .unwrap()
            .pop()
            .expect("an item for each permit")
    }
}

#[tokio::main]
async fn main() {
    let plates = LifoQueue::new();
    plates.put("white");
    plates.put("blue");
    for _ in 0..2 {
        println!("on the table: the {} plate", plates.get().await);
    }
    println!("plates left: {}", plates.ready.available_permits());

    plates.put("green");
    // Wrong: the permit is released, though its item is taken.
    let _ = plates.ready.acquire().await;
    plates.stack.lock().unwrap().pop();
    let permits = plates.ready.available_permits();
    let left = plates.stack.lock().unwrap().len();
    println!("trap: the permit was not forgotten: {permits} permit for {left} items");
}
