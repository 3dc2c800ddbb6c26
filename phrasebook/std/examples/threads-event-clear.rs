//! A door that opens and shuts: threads wait as long as it is shut.
//!
//! - **Python:** `threading.Event()` with `clear()` and `wait(timeout)`
//! - **Rust:** `Mutex<bool>` and `Condvar`: `wait_while`, `wait_timeout_while`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-event-clear
//! shut: waited in vain
//! opened: went in
//! shut again: waited in vain
//! trap: the flag is an atomic: open, and still waiting
//! ```
//!
//! **Trap:** the flag has to change under the lock. An atomic that is set between a
//! waiter's look at it and its sleep is a wake-up that nobody hears.
//!
//! Neighbours: `threads-event`, `threads-condition`, `async-event-clear`.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

static OPEN: Mutex<bool> = Mutex::new(false);
static CHANGED: Condvar = Condvar::new();

fn set(open: bool) {
    *OPEN.lock().unwrap() = open;
    CHANGED.notify_all();
}

fn wait(timeout: Duration) -> &'static str {
    let open = OPEN.lock().unwrap();
    let (open, _) = CHANGED
        .wait_timeout_while(open, timeout, |open| !*open)
        .unwrap();
    if *open { "went in" } else { "waited in vain" }
}

fn main() {
    let moment = Duration::from_millis(20);
    println!("shut: {}", wait(moment));
    let guest = thread::spawn(|| wait(Duration::from_secs(10)));
    set(true);
    println!("opened: {}", guest.join().unwrap());
    set(false);
    println!("shut again: {}", wait(moment));

    // Wrong: the door opens without the lock, just after the guest has looked.
    let door = AtomicBool::new(false);
    let guard = OPEN.lock().unwrap();
    if !door.load(Relaxed) {
        let open = || {
            door.store(true, Relaxed);
            CHANGED.notify_all();
        };
        thread::scope(|scope| scope.spawn(open).join()).unwrap();
        let (_guard, slept) = CHANGED.wait_timeout(guard, moment).unwrap();
        if door.load(Relaxed) && slept.timed_out() {
            println!("trap: the flag is an atomic: open, and still waiting");
        }
    }
}
