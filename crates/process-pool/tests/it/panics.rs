//! Which panic of a task is reported. A panic on a thread of the pool loses no task and
//! no worker.

use std::panic::{catch_unwind, panic_any};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};

use process_pool::{Error, Shutdown, WorkerEntry};

use crate::common::*;

pub fn functions(entry: WorkerEntry) -> WorkerEntry {
    entry
        .function(catch_and_panic)
        .function(catch_and_go_on)
        .function(panic_after_a_drop)
        .function(panic_before_a_drop)
}

/// Panics with a payload whose destructor panics. `catch_unwind` alone does not catch
/// that one.
pub fn panic_twice() -> ! {
    struct Twice;
    impl Drop for Twice {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("again, while the payload is dropped");
            }
        }
    }
    panic_any(Twice)
}

/// The line of the last panic.
const OUTER: u32 = line!() + 6;

fn catch_and_panic(times: u32) -> u32 {
    for _ in 0..times {
        let _ = catch_unwind(|| panic!("the inner one"));
    }
    panic!("the outer one")
}

fn catch_and_go_on(n: u32) -> u32 {
    let _ = catch_unwind(|| panic!("the inner one"));
    n
}

/// Its destructor catches a panic, possibly during the unwinding of another one.
struct CatchesInDrop;

impl Drop for CatchesInDrop {
    fn drop(&mut self) {
        let _ = catch_unwind(|| panic!("the inner one"));
    }
}

/// The line of its last panic.
const AFTER_A_DROP: u32 = line!() + 7;

fn panic_after_a_drop(_: ()) -> u32 {
    let _ = catch_unwind(|| {
        let _catches = CatchesInDrop;
        panic!("the middle one")
    });
    panic!("the outer one")
}

/// The line of its own panic.
const BEFORE_A_DROP: u32 = line!() + 4;

fn panic_before_a_drop(_: ()) -> u32 {
    let _catches = CatchesInDrop;
    panic!("the outer one")
}

/// The location in the error of a panicked task.
#[track_caller]
fn place(error: Error) -> String {
    match error {
        Error::Panicked {
            message,
            location: Some(location),
            ..
        } => {
            assert_eq!(message, "the outer one");
            location
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_panic_that_ends_a_task_is_told_with_its_own_place() {
    promptly(|| {
        let pool = pool(1);
        for times in [0, 1, 3] {
            let error = pool.submit(catch_and_panic, times).join();
            let place = place(error.unwrap_err());
            assert!(place.contains(&format!("panics.rs:{OUTER}:")), "{place}");
        }
        let error = pool.submit(panic_after_a_drop, ()).join();
        let place = place(error.unwrap_err());
        assert!(
            place.contains(&format!("panics.rs:{AFTER_A_DROP}:")),
            "{place}"
        );
    });
}

#[test]
fn a_panic_caught_on_the_way_out_does_not_take_its_place() {
    promptly(|| {
        let pool = pool(1);
        let error = pool.submit(panic_before_a_drop, ()).join();
        let place = place(error.unwrap_err());
        assert!(
            place.contains(&format!("panics.rs:{BEFORE_A_DROP}:")),
            "{place}"
        );
    });
}

#[test]
fn the_panic_that_ends_a_task_is_not_printed_as_well() {
    promptly(|| {
        let output = this_program()
            .args(["--exact", "panics::prints", "--ignored", "--nocapture"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!text.contains("the outer one"), "{text}");
    });
}

#[test]
#[ignore = "the_panic_that_ends_a_task_is_not_printed_as_well runs it"]
fn prints() {
    let pool = pool(1);
    for times in [0, 1] {
        let task = pool.submit(catch_and_panic, times);
        assert!(task.join().is_err());
    }
}

#[test]
fn a_panic_that_a_task_has_caught_is_no_failure() {
    promptly(|| {
        let pool = pool(1);
        assert_eq!(pool.submit(catch_and_go_on, 5).join().unwrap(), 5);
    });
}

#[test]
fn a_hook_that_panics_twice_costs_no_worker() {
    promptly(|| {
        let pool = builder()
            .max_workers(2)
            .on_worker_start(|_| panic_twice())
            .build()
            .unwrap();
        for n in 0..10 {
            assert_eq!(pool.submit(square, n).join().unwrap(), square(n));
        }
        drop(pool);
    });
}

#[test]
fn a_command_that_panics_twice_is_a_failed_start() {
    promptly(|| {
        // If it always panics, the pool breaks and ends.
        let pool = builder()
            .max_workers(2)
            .worker_command(|| panic_twice())
            .build()
            .unwrap();
        let tasks: Vec<_> = (0..5).map(|n| pool.submit(square, n)).collect();
        assert!(!tasks.is_empty());
        for task in tasks {
            let error = task.join().unwrap_err();
            assert!(matches!(error, Error::Broken(_)), "{error}");
        }
        drop(pool);

        // If another worker lives, that one does the work.
        let calls = AtomicU32::new(0);
        let pool = builder()
            .max_workers(2)
            .worker_command(move || match calls.fetch_add(1, Ordering::Relaxed) {
                1 => panic_twice(),
                _ => worker_program(),
            })
            .build()
            .unwrap();
        let gate = Gate::new();
        let first = pool.submit(pass, gate.ticket());
        eventually("its start", || gate.arrivals() == 1);
        let second = pool.submit(square, 3);
        gate.open();
        assert_eq!(first.join().unwrap(), 100);
        assert_eq!(second.join().unwrap(), 9);
        drop(pool);
    });
}

#[test]
fn a_callback_that_panics_twice_costs_nothing() {
    promptly(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let first = pool.submit(pass, gate.ticket());
        let (sender, receiver) = mpsc::channel();
        first.on_finished(|| panic_twice());
        first.on_finished(move || sender.send(()).unwrap());
        gate.open();
        assert_eq!(first.join().unwrap(), 100);
        receiver.recv().unwrap();
        for n in 0..5 {
            assert_eq!(pool.submit(square, n).join().unwrap(), square(n));
        }
        drop(pool);
    });
}

#[test]
fn a_callback_that_panics_twice_is_nothing_to_who_cancels_or_comes_late() {
    promptly(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let running = pool.submit(pass, gate.ticket());
        eventually("its start", || gate.arrivals() == 1);
        let queued = pool.submit(square, 1);
        let (sender, receiver) = mpsc::channel();
        queued.on_finished(|| panic_twice());
        let again = sender.clone();
        queued.on_finished(move || again.send(()).unwrap());
        assert!(queued.cancel());
        receiver.recv().unwrap();
        queued.on_finished(|| panic_twice());
        queued.on_finished(move || sender.send(()).unwrap());
        receiver.recv().unwrap();
        gate.open();
        assert_eq!(running.join().unwrap(), 100);
        pool.shutdown(Shutdown::Finish);
    });
}

#[test]
fn a_panic_in_the_callback_of_a_broken_pool_hangs_nobody() {
    promptly(|| {
        let pool = Arc::new(
            builder()
                .max_workers(1)
                .initializer(refuse, "no".to_owned())
                .build()
                .unwrap(),
        );
        let tasks: Vec<_> = (0..3).map(|n| pool.submit(square, n)).collect();
        for task in &tasks {
            task.on_finished(|| panic_twice());
        }
        for task in tasks {
            assert!(matches!(task.join(), Err(Error::Broken(_))));
        }
        drop(pool);
    });
}
