//! Handles: cancelling, waiting, and results in the order in which tasks finish. Rows CA,
//! AC, WT.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use process_pool::{Error, Handle, ProcessPool, Shutdown, as_completed};

use crate::common::*;

/// A pool with one worker, the handle of the task that it runs, and the gate at which
/// this task waits.
fn occupied() -> (ProcessPool, Handle<u32>, Gate) {
    let (pool, gate) = (pool(1), Gate::new());
    let running = pool.submit(pass, gate.ticket());
    eventually("its start", || gate.arrivals() == 1);
    (pool, running, gate)
}

#[test]
fn only_what_has_not_started_can_be_cancelled() {
    race(|| {
        let (pool, running, gate) = occupied();
        let queued = pool.submit(square, 2);
        let last = pool.submit(square, 3);
        assert!(!running.cancel());
        assert!(queued.cancel());
        assert!(queued.cancel(), "once cancelled, it stays so");
        assert!(queued.is_finished());
        gate.open();
        assert_eq!(
            last.join_timeout(Duration::from_secs(60)).unwrap().unwrap(),
            9
        );
        assert!(!last.cancel());
        assert_eq!(running.join().unwrap(), 100);
        assert!(matches!(queued.join(), Err(Error::Cancelled)));
    });
}

#[test]
fn no_worker_holds_a_task_back() {
    race(|| {
        // All queued tasks can be cancelled, but not the running one.
        let (pool, running, gate) = occupied();
        let queued: Vec<_> = (0..6).map(|n| pool.submit(square, n)).collect();
        assert!(queued.iter().all(Handle::cancel));
        gate.open();
        assert_eq!(running.join().unwrap(), 100);
    });
}

#[test]
fn a_cancelled_task_never_runs() {
    race(|| {
        let folder = Folder::new();
        let (pool, running, gate) = occupied();
        let queued = pool.submit(leave_a_mark, (folder.join("mark"), 0));
        assert!(queued.cancel());
        gate.open();
        drop(pool);
        assert_eq!(running.join().unwrap(), 100);
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0);
    });
}

#[test]
fn who_waits_for_a_cancelled_task_is_told() {
    race(|| {
        let (pool, running, gate) = occupied();
        let queued = pool.submit(square, 2);
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| queued.join_timeout(Duration::from_secs(60)));
            std::thread::sleep(Duration::from_millis(10));
            assert!(queued.cancel());
            assert!(matches!(waiter.join().unwrap(), Ok(Err(Error::Cancelled))));
        });
        assert!(!running.is_finished());
        gate.open();
    });
}

#[test]
fn callbacks_run_once_for_every_end() {
    race(|| {
        let (pool, running, gate) = occupied();
        let fails = pool.submit(quit, 1);
        let cancelled = pool.submit(pid, ());
        let calls = Arc::new(AtomicU32::new(0));
        let (sender, receiver) = channel();
        for (n, handle) in [(0, &running), (1, &fails), (2, &cancelled)] {
            handle.on_finished(|| panic!("this callback panics, which is no matter"));
            let (calls, sender) = (Arc::clone(&calls), sender.clone());
            handle.on_finished(move || {
                calls.fetch_add(1, Ordering::Relaxed);
                sender.send(n).unwrap();
            });
        }
        assert!(cancelled.cancel());
        gate.open();
        assert_eq!(receiver.recv().unwrap(), 2);
        assert_eq!(receiver.recv().unwrap(), 0);
        assert_eq!(receiver.recv().unwrap(), 1);
        // It is called immediately if the task has finished.
        let calls_late = Arc::clone(&calls);
        running.on_finished(move || {
            calls_late.fetch_add(10, Ordering::Relaxed);
        });
        assert_eq!(calls.load(Ordering::Relaxed), 13);
        assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
    });
}

#[test]
fn giving_up_a_wait_leaves_the_task_running() {
    race(|| {
        let (_pool, running, gate) = occupied();
        let early = running.join_timeout(Duration::from_millis(1));
        let early = early.unwrap_err();
        assert_eq!((early.unfinished, early.of), (1, 1));
        assert!(!running.is_finished());
        gate.open();
        assert_eq!(running.join_timeout(Duration::MAX).unwrap().unwrap(), 100);
        assert_eq!(
            running.join_timeout(Duration::ZERO).unwrap().unwrap(),
            100,
            "still there"
        );
        assert!(running.is_finished());
        assert_eq!(running.join().unwrap(), 100);
    });
}

#[test]
fn a_handle_outlives_its_pool() {
    deadline(|| {
        let handle = pool(1).submit(square, 12);
        assert_eq!(handle.join().unwrap(), 144);
    });
}

#[test]
fn a_dropped_handle_leaves_the_task_alone() {
    deadline(|| {
        let folder = Folder::new();
        let pool = pool(1);
        drop(pool.submit(leave_a_mark, (folder.join("mark"), 5)));
        drop(pool);
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1);
    });
}

#[test]
fn as_completed_gives_each_once_in_order_of_completion() {
    race(|| {
        let pool = pool(1);
        // With one worker they finish in the order of submission. The list has another
        // order.
        let first = pool.submit(nap, 30);
        let second = pool.submit(nap, 1);
        let crash = pool.submit(panic_with, "third".to_owned());
        let last = pool.submit(nap, 2);
        let cancelled = pool.submit(nap, 3);
        cancelled.cancel();
        let mut seen = Vec::new();
        for (index, result) in as_completed([last, second, cancelled, first]) {
            match result {
                Ok(ms) => seen.push((index, ms)),
                Err(Error::Cancelled) => seen.push((index, 0)),
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(seen, [(2, 0), (3, 30), (1, 1), (0, 2)]);
        assert!(matches!(crash.join(), Err(Error::Panicked { .. })));
        assert_eq!(
            as_completed(Vec::<Handle<u64>>::new())
                .next()
                .map(|(n, _)| n),
            None
        );
    });
}

#[test]
fn one_failure_does_not_end_as_completed() {
    race(|| {
        let pool = pool(2);
        let tasks = [0, 1, 2].map(|n| pool.submit(quit, n));
        let all: Vec<_> = as_completed(tasks).collect();
        assert_eq!(all.len(), 3);
        assert!(
            all.iter()
                .all(|(_, result)| matches!(result, Err(Error::Died { .. })))
        );
    });
}

#[test]
fn as_completed_has_one_limit_for_all() {
    race(|| {
        let pool = pool(1);
        let (open, shut) = (Gate::new(), Gate::new());
        open.open();
        let submit = |gate: &Gate| pool.submit(pass, gate.ticket());
        let done = submit(&open);
        assert_eq!(
            done.join_timeout(Duration::from_secs(60)).unwrap().unwrap(),
            100
        );
        let tasks = [submit(&shut), done, submit(&open)];
        let mut iterator = as_completed(tasks).timeout(Duration::from_millis(20));
        assert!(
            matches!(iterator.next(), Some(Ok((1, Ok(100))))),
            "what is finished comes first"
        );
        let late = iterator.next().unwrap().unwrap_err();
        assert_eq!((late.unfinished, late.of), (2, 3));
        assert_eq!(late.to_string(), "timed out with 2 of 3 tasks unfinished");
        assert!(iterator.next().is_none());
        // The timeout has cancelled nothing.
        shut.open();
        let values: Vec<_> = iterator
            .into_inner()
            .into_unfinished()
            .map(|(index, handle)| (index, handle.join().unwrap()))
            .collect();
        assert_eq!(values, [(0, 100), (2, 100)]);
    });
}

#[test]
fn as_completed_can_be_left_and_resumed() {
    race(|| {
        let pool = pool(2);
        let tasks: Vec<_> = (0..6).map(|_| pool.submit(nap, 2)).collect();
        let mut iterator = as_completed(tasks);
        assert_eq!(iterator.by_ref().take(2).count(), 2);
        assert_eq!(iterator.len(), 4);
        assert!(iterator.by_ref().take(2).all(|(_, result)| result.is_ok()));
        assert_eq!(
            iterator
                .into_unfinished()
                .map(|(_, h)| h.join().unwrap())
                .sum::<u64>(),
            4
        );
    });
}

#[test]
fn tasks_go_on_while_the_consumer_is_busy() {
    race(|| {
        let pool = pool(2);
        let tasks: Vec<_> = (0..6).map(|_| pool.submit(nap, 2)).collect();
        let iterator = as_completed(tasks);
        drop(pool);
        // No item has been taken yet.
        assert_eq!(iterator.len(), 6);
        let all = iterator.timeout(Duration::ZERO);
        assert!(all.into_iter().all(|item| item.unwrap().1.is_ok()));
    });
}

#[test]
fn waiting_for_the_first_and_for_a_failure() {
    race(|| {
        // Python's FIRST_COMPLETED: one is done, the others keep running.
        let pool = pool(2);
        let (open, shut) = (Gate::new(), Gate::new());
        open.open();
        let tasks = [&shut, &open].map(|gate| pool.submit(pass, gate.ticket()));
        let mut iterator = as_completed(tasks);
        assert!(matches!(iterator.next(), Some((1, Ok(100)))));
        let pending: Vec<_> = iterator.into_unfinished().collect();
        assert!(matches!(&pending[..], [(0, _)]));
        assert!(!pending[0].1.is_finished());

        // FIRST_EXCEPTION: up to the first failure.
        let acts = [Act::Nothing, Act::Refuse, Act::Nothing];
        let tasks = acts.map(|act| pool.submit(make, (act, Act::Nothing)));
        let mut iterator = as_completed(tasks);
        assert!(matches!(
            iterator.find(|(_, result)| result.is_err()),
            Some((1, _))
        ));
        shut.open();
        for (_, handle) in pending {
            assert_eq!(handle.join().unwrap(), 100);
        }
        pool.shutdown(Shutdown::Finish);
        // ALL_COMPLETED, without an error being raised: count.
        assert_eq!(iterator.count(), 1);
    });
}
