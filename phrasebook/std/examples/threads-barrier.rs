//! Make threads wait for each other, so that all begin the next step together.
//!
//! - **Python:** `threading.Barrier(n)`, `wait()`
//! - **Rust:** `std::sync::Barrier`; one of them is told that it is the leader
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-barrier
//! cook 0 starts to fry when 3 of 3 have chopped
//! cook 1 starts to fry when 3 of 3 have chopped
//! cook 2 starts to fry when 3 of 3 have chopped
//! leaders: 1
//! trap: one cook failed, the other still waits after 50 ms
//! ```
//!
//! **Trap:** there is no timeout and no `abort`, and no `BrokenBarrierError`: if one
//! thread fails before it gets there, the others wait for ever.
//!
//! Neighbours: `threads-condition`, `threads-event`, `async-barrier`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

fn main() {
    let barrier = Barrier::new(3);
    let chopped = AtomicUsize::new(0);
    let mut leaders = 0;
    thread::scope(|scope| {
        let cook = || {
            chopped.fetch_add(1, Relaxed);
            let leader = barrier.wait().is_leader();
            (chopped.load(Relaxed), leader)
        };
        let cooks = [scope.spawn(cook), scope.spawn(cook), scope.spawn(cook)];
        for (number, cook) in cooks.into_iter().enumerate() {
            let (chopped, leader) = cook.join().unwrap();
            println!("cook {number} starts to fry when {chopped} of 3 have chopped");
            leaders += usize::from(leader);
        }
    });
    println!("leaders: {leaders}");

    // Wrong: one cook gives up before the barrier, and nothing tells the other.
    let barrier = Arc::new(Barrier::new(2));
    let (there, got_there) = mpsc::channel::<()>();
    let frying = barrier.clone();
    thread::spawn(move || {
        frying.wait();
        there.send(()).ok();
    });
    let onions: Option<&str> = None;
    if onions.is_some() {
        barrier.wait();
    }
    if got_there.recv_timeout(Duration::from_millis(50)).is_err() {
        println!("trap: one cook failed, the other still waits after 50 ms");
    }
}
