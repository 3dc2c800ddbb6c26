//! Take from a queue what was put in last.
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
//! trap: the permit was not forgotten: 1 permit for 0 plates
//! ```
//!
//! **Trap:** a permit goes back when it is dropped. Here it stands for a plate that is
//! gone, so it has to be forgotten, or the next one comes for nothing.
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
        self.ready.add_permits(1); // After the push: whoever wakes finds something.
    }

    async fn get(&self) -> T {
        let permit = self.ready.acquire().await.expect("nobody closes it");
        permit.forget(); // Not given back: what it stood for is taken.
        self.stack
            .lock()
            .unwrap()
            .pop()
            .expect("as many as permits")
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
    // Wrong: the permit goes back, the plate does not.
    let _ = plates.ready.acquire().await;
    plates.stack.lock().unwrap().pop();
    let permits = plates.ready.available_permits();
    let left = plates.stack.lock().unwrap().len();
    println!("trap: the permit was not forgotten: {permits} permit for {left} plates");
}
