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
    const fn new() -> Self {
        Self {
            stack: Mutex::new(Vec::new()),
            ready: Semaphore::const_new(0),
        }
    }

    fn put(&self, item: T) {
        self.stack.lock().unwrap().push(item);
        self.ready.add_permits(1); // After the push: who wakes finds something.
    }

    async fn get(&self) -> Option<T> {
        self.ready.acquire().await.ok()?.forget();
        self.stack.lock().unwrap().pop()
    }

    async fn get_wrong(&self) -> Option<T> {
        let _permit = self.ready.acquire().await.ok()?; // Wrong: it goes back.
        self.stack.lock().unwrap().pop()
    }
}

#[tokio::main]
async fn main() {
    let plates = LifoQueue::new();
    plates.put("white");
    plates.put("blue");
    for _ in 0..2 {
        println!("on the table: the {} plate", plates.get().await.unwrap());
    }
    println!("plates left: {}", plates.ready.available_permits());

    plates.put("green");
    plates.get_wrong().await;
    let (permits, left) = (
        plates.ready.available_permits(),
        plates.stack.lock().unwrap().len(),
    );
    println!("trap: the permit was not forgotten: {permits} permit for {left} plates");
}
