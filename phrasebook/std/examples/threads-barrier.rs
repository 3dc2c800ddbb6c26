//! Barrier for threads: all wait until the last one has arrived, then all go on.
//!
//! - **Python:** `threading.Barrier(n)`, `Barrier.wait()`; `Barrier.abort()`, after which
//!   the others get a `threading.BrokenBarrierError`
//! - **Rust:** `std::sync::Barrier`; `wait().is_leader()` is true in one of the threads.
//!   There is no `abort`
//! - **Needs:** nothing but std
//!
//! ```console
//! $ cargo run --example threads-barrier
//! thread 0 goes on when 3 of 3 have arrived
//! thread 1 goes on when 3 of 3 have arrived
//! thread 2 goes on when 3 of 3 have arrived
//! leaders: 1
//! one of 2 threads failed: the other stops
//! trap: one of 2 threads failed, the other still waits after 50 ms
//! ```
//!
//! **Trap:** there is no timeout and no `abort`: if one thread returns or panics before
//! it calls `wait`, the others wait for ever. Let each thread call `wait` in any case,
//! and store its failure for the others.
//!
//! Neighbours: `threads-condition`, `threads-event`, `async-barrier`.

use std::num::ParseIntError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

fn main() {
    let barrier = Barrier::new(3);
    let arrived = AtomicUsize::new(0);
    let mut leaders = 0;
    thread::scope(|scope| {
        let work = || {
            arrived.fetch_add(1, Relaxed);
            let is_leader = barrier.wait().is_leader();
            (arrived.load(Relaxed), is_leader)
        };
        let threads = [scope.spawn(work), scope.spawn(work), scope.spawn(work)];
        for (number, thread) in threads.into_iter().enumerate() {
            let (arrived, is_leader) = thread.join().unwrap();
            println!("thread {number} goes on when {arrived} of 3 have arrived");
            leaders += usize::from(is_leader);
        }
    });
    println!("leaders: {leaders}");

    // A thread that fails calls `wait` as well, and the others look at the flag.
    let barrier = Barrier::new(2);
    let failed = AtomicBool::new(false);
    let read = |text: &str| {
        if text.parse::<u32>().is_err() {
            failed.store(true, Relaxed);
        }
        barrier.wait();
        if failed.load(Relaxed) {
            "stops"
        } else {
            "goes on"
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| read("three"));
        let other = scope.spawn(|| read("4")).join().unwrap();
        println!("one of 2 threads failed: the other {other}");
    });

    // Wrong: `?` leaves before the barrier. (No scope here: it would wait for ever.)
    let barrier = Arc::new(Barrier::new(2));
    let (passed, has_passed) = mpsc::channel();
    thread::spawn({
        let barrier = barrier.clone();
        move || {
            barrier.wait();
            passed.send(())
        }
    });
    let failing = thread::spawn(move || {
        let number: u32 = "three".parse()?;
        barrier.wait();
        Ok::<u32, ParseIntError>(number)
    });
    let failed = failing.join().unwrap().is_err();
    let waited = has_passed.recv_timeout(Duration::from_millis(50));
    if failed && waited == Err(RecvTimeoutError::Timeout) {
        println!("trap: one of 2 threads failed, the other still waits after 50 ms");
    }
}
