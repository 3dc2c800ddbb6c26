//! What callbacks may do, and what cancelled tasks do not cause.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use process_pool::{Error, Handle, Shutdown};
#[cfg(target_os = "linux")]
use rustix::process::Signal;

use crate::common::*;

#[test]
fn a_slow_callback_holds_up_no_task() {
    race(|| {
        promptly(|| {
            let pool = pool(1);
            let (finished, wait) = channel::<()>();
            // If the task had finished already, the callback would run on this thread.
            let gate = Gate::new();
            let slow = pool.submit(pass, gate.ticket());
            slow.on_finished(move || {
                // Wait for the other task. It would never finish if it needed this
                // thread.
                let _ = wait.recv_timeout(Duration::from_secs(20));
            });
            gate.open();
            let next = pool.submit(square, 3);
            let after = pool.submit(square, 4);
            let limit = Duration::from_secs(10);
            assert_eq!(next.join_timeout(limit).unwrap().unwrap(), 9);
            assert_eq!(after.join_timeout(limit).unwrap().unwrap(), 16);
            drop(finished);
        });
    });
}

#[test]
fn a_slow_callback_holds_up_no_replacement() {
    race(|| {
        promptly(|| {
            let pool = builder()
                .max_workers(1)
                .max_tasks_per_child(1)
                .build()
                .unwrap();
            let limit = Duration::from_secs(10);
            // One worker reaches its maximum number of tasks, the next one dies.
            let mut open = Vec::new();
            let mut hold = |on_finished: &dyn Fn(Box<dyn FnOnce() + Send>)| {
                let (finished, wait) = channel::<()>();
                open.push(finished);
                on_finished(Box::new(move || {
                    let _ = wait.recv_timeout(Duration::from_secs(20));
                }));
            };
            let gate = Gate::new();
            let share = pool.submit(pass, gate.ticket());
            hold(&|callback| share.on_finished(callback));
            let death = pool.submit(quit, 1);
            hold(&|callback| death.on_finished(callback));
            gate.open();
            let next = pool.submit(square, 3);
            assert_eq!(next.join_timeout(limit).unwrap().unwrap(), 9);
            drop(open);
        });
    });
}

#[test]
fn a_callback_that_submits_again_is_refused_once_the_pool_is_shut_down() {
    race(|| {
        promptly(|| {
            for how in [Shutdown::CancelQueued, Shutdown::Kill] {
                let folder = Folder::new();
                let pool = Arc::new(pool(1));
                let gate = Gate::new();
                let running = pool.submit(pass, gate.ticket());
                eventually("its start", || gate.arrivals() == 1);
                let queued = pool.submit(square, 2);
                let (sender, receiver) = channel();
                let (again, mark) = (Arc::clone(&pool), folder.join("mark"));
                queued.on_finished(move || {
                    let result = again.submit(leave_a_mark, (mark, 0)).join();
                    drop(again);
                    sender.send(result).unwrap();
                });
                std::thread::scope(|scope| {
                    scope.spawn(|| pool.shutdown(how));
                    assert!(matches!(queued.join(), Err(Error::Cancelled)));
                    let result = receiver.recv().unwrap();
                    assert!(
                        matches!(result, Err(Error::ShutDown)),
                        "{how:?}: {result:?}"
                    );
                    gate.open();
                });
                drop(running);
                drop(pool);
                let marks = std::fs::read_dir(&folder.0).unwrap().count();
                assert_eq!(marks, 0, "{how:?}: a task ran after the shutdown");
            }
        });
    });
}

#[test]
fn cancelled_tasks_leave_the_queue() {
    promptly(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let running = pool.submit(pass, gate.ticket());
        eventually("its start", || gate.arrivals() == 1);
        let queued = pool.submit(square, 1);
        let cancelled: Vec<_> = (0..50).map(|n| pool.submit(square, n)).collect();
        assert!(cancelled.iter().all(Handle::cancel));
        drop(pool.map(square, 0..1000));
        assert!(format!("{pool:?}").contains("queued: 1,"), "{pool:?}");
        gate.open();
        assert_eq!(running.join().unwrap(), 100);
        assert_eq!(queued.join().unwrap(), 1);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn cancelled_tasks_start_no_worker() {
    race(|| {
        promptly(|| {
            // A worker that has reached its maximum is not replaced.
            let (pool, started) = watched(|b| b.max_workers(1).max_tasks_per_child(1));
            let gate = Gate::new();
            let running = pool.submit(pass, gate.ticket());
            eventually("its start", || gate.arrivals() == 1);
            drop(pool.map(square, 0..1000));
            gate.open();
            assert_eq!(running.join().unwrap(), 100);
            drop(pool);
            assert_eq!(started.pids().len(), 1);

            // A worker that died is not replaced either.
            let (pool, started) = watched(|b| b.max_workers(1));
            let running = pool.submit(nap, 60_000);
            eventually("a worker", || started.pids().len() == 1);
            eventually("the task's start", || {
                !format!("{running:?}").contains("queued")
            });
            // Until it is its own.
            std::thread::sleep(Duration::from_millis(50));
            drop(pool.map(square, 0..1000));
            kill(started.pids()[0], Signal::KILL);
            assert!(matches!(running.join(), Err(Error::Died { .. })));
            drop(pool);
            assert_eq!(started.pids().len(), 1);
        });
    });
}
