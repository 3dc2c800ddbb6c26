//! Event between threads that can be cleared: wait while it is not set, with a timeout.
//!
//! - **Python:** `threading.Event.clear()`, `threading.Event.wait(timeout)`
//! - **Rust:** a `Mutex<bool>` and a `Condvar`: `wait_while`, `wait_timeout_while`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-event-clear
//! not set: timed out
//! set: went on
//! cleared: timed out
//! trap: set and cleared while a thread waits: timed out
//! ```
//!
//! **Trap:** if `clear` follows `set` immediately, a waiting thread may miss the `set`:
//! it looks at the flag again before it goes on. In Python all waiting threads go on. To
//! do the same, count the calls of `set`, and wait until the count changes. Do not
//! replace the `Mutex` by an `AtomicBool`: if it is set after a thread checked it and
//! before that thread sleeps, the wake-up is lost.
//!
//! Neighbours: `threads-event`, `threads-condition`, `async-event-clear`.

use std::sync::{Condvar, Mutex, mpsc};
use std::thread;
use std::time::Duration;

#[derive(Default)]
struct Event {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    fn set(&self) {
        *self.is_set.lock().unwrap() = true;
        self.changed.notify_all();
    }

    fn clear(&self) {
        *self.is_set.lock().unwrap() = false;
    }

    fn wait(&self, timeout: Duration) -> &'static str {
        let is_set = self.is_set.lock().unwrap();
        let (is_set, _) = self
            .changed
            .wait_timeout_while(is_set, timeout, |is_set| !*is_set)
            .unwrap();
        if *is_set { "went on" } else { "timed out" }
    }
}

fn main() {
    let short = Duration::from_millis(20);
    let event = Event::default();
    println!("not set: {}", event.wait(short));
    thread::scope(|scope| {
        let waiter = scope.spawn(|| event.wait(Duration::from_secs(10)));
        event.set();
        println!("set: {}", waiter.join().unwrap());
    });
    event.clear();
    println!("cleared: {}", event.wait(short));

    // Wrong: the flag is `false` again when the waiting thread looks at it. Here that is
    // certain, for both changes are made under one lock.
    let (ready, is_ready) = mpsc::channel();
    thread::scope(|scope| {
        // As `event.wait(short)`, but it reports when it has the lock.
        let waiter = scope.spawn(|| {
            let is_set = event.is_set.lock().unwrap();
            ready.send(()).unwrap();
            let (_guard, result) = event
                .changed
                .wait_timeout_while(is_set, short, |is_set| !*is_set)
                .unwrap();
            result.timed_out()
        });
        is_ready.recv().unwrap();
        let mut is_set = event.is_set.lock().unwrap(); // Blocks until the thread waits.
        *is_set = true;
        event.changed.notify_all();
        *is_set = false;
        drop(is_set);
        let timed_out = waiter.join().unwrap();
        if timed_out {
            println!("trap: set and cleared while a thread waits: timed out");
        }
    });
}
