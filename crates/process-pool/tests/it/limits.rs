//! Ending single tasks: `kill` and time limits.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use process_pool::{Error, Shutdown};

use crate::common::*;

const SOON: Duration = Duration::from_millis(50);

#[test]
fn a_killed_task_fails_alone_and_a_replacement_comes() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(2));
        let (gate, shut) = (Gate::new(), Gate::new());
        let other = pool.submit(pass, gate.ticket());
        let victim = pool.submit(pass, shut.ticket());
        let queued: Vec<_> = (0..5).map(|n| pool.submit(square, n)).collect();
        eventually("their start", || gate.arrivals() + shut.arrivals() == 2);
        assert!(victim.kill());
        assert!(victim.kill(), "once killed, it stays so");
        assert!(!other.is_finished());
        let error = victim.join_timeout(Duration::from_secs(60)).unwrap();
        let error = error.unwrap_err();
        let worker = match error {
            Error::Killed { worker } => worker,
            other => panic!("{other:?}"),
        };
        assert!(started.pids().contains(&worker));
        assert!(victim.kill(), "and also when it has finished");
        for (n, task) in (0..).zip(queued) {
            assert_eq!(task.join().unwrap(), square(n));
        }
        assert!(!exists(worker), "a killed worker was not reaped");
        gate.open();
        assert_eq!(other.join().unwrap(), 100);
        assert_eq!(started.pids().len(), 3);
    });
}

#[test]
fn killing_a_queued_task_cancels_it() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(1));
        let gate = Gate::new();
        let running = pool.submit(pass, gate.ticket());
        eventually("its start", || gate.arrivals() == 1);
        let queued = pool.submit(square, 1);
        assert!(queued.kill());
        assert!(matches!(queued.join(), Err(Error::Cancelled)));
        gate.open();
        assert_eq!(running.join().unwrap(), 100);
        assert_eq!(started.pids().len(), 1);
    });
}

#[test]
fn a_kill_that_comes_too_late_says_so_and_harms_nobody() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(1));
        let done = pool.submit(square, 3);
        assert_eq!(
            done.join_timeout(Duration::from_secs(60)).unwrap().unwrap(),
            9
        );
        // The worker has another task now, which the kill must not hit.
        let gate = Gate::new();
        let next = pool.submit(pass, gate.ticket());
        eventually("its start", || gate.arrivals() == 1);
        assert!(!done.kill());
        gate.open();
        assert_eq!(next.join().unwrap(), 100);
        assert_eq!(done.join().unwrap(), 9);
        assert_eq!(started.pids().len(), 1);
    });
}

#[test]
fn a_kill_at_any_moment_hits_its_own_task_or_nobody() {
    race(|| {
        let pool = Arc::new(pool(2));
        // Tasks that end by themselves at about the time when they are killed.
        for round in 0..40 {
            let bystanders: Vec<_> = (0..6).map(|_| pool.submit(nap, 1)).collect();
            let victim = pool.submit(nap, 1);
            std::thread::sleep(Duration::from_micros(100 * round));
            let killed = victim.kill();
            match victim.join() {
                Ok(1) => assert!(!killed, "a result after a kill"),
                Err(Error::Cancelled | Error::Killed { .. }) => assert!(killed),
                other => panic!("{other:?}"),
            }
            for task in bystanders {
                assert_eq!(task.join().unwrap(), 1, "a bystander was hit");
            }
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_task_that_was_killed_on_its_way_is_not_sent_again() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(1));
        pool.submit(square, 1).join().unwrap();
        // The stopped worker does not read.
        stop(started.pids()[0]);
        let victim = pool.submit(square, 2);
        eventually("its start", || !format!("{victim:?}").contains("queued"));
        assert!(victim.kill());
        assert!(matches!(victim.join(), Err(Error::Killed { .. })));
        assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
    });
}

#[test]
fn a_task_beyond_its_time_limit_fails_alone() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(2));
        let gate = Gate::new();
        let other = pool.submit(pass, gate.ticket());
        eventually("its start", || gate.arrivals() == 1);
        let slow = pool.options().time_limit(SOON).submit(nap, 60_000);
        let queued = pool.submit(square, 3);
        let worker = match slow.join().unwrap_err() {
            Error::TimeLimit { worker, limit } => {
                assert_eq!(limit, SOON);
                worker
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(queued.join().unwrap(), 9);
        assert!(!exists(worker));
        assert!(!other.is_finished());
        gate.open();
        assert_eq!(other.join().unwrap(), 100);
        assert_eq!(started.pids().len(), 3);
    });
}

#[test]
fn the_time_of_a_task_begins_with_its_worker() {
    race(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let first = pool.submit(pass, gate.ticket());
        eventually("its start", || gate.arrivals() == 1);
        let limited = pool.options().time_limit(Duration::from_secs(30));
        let none = pool.options().time_limit(Duration::MAX);
        let short = pool.options().time_limit(SOON);
        let waits = short.submit(pass, gate.ticket());
        let tasks = [limited.submit(square, 2), none.submit(square, 2)];
        // Longer than the limit of the second task. It is still queued, so its time has
        // not started.
        std::thread::sleep(3 * SOON);
        assert!(!waits.is_finished());
        gate.open();
        assert_eq!(first.join().unwrap(), 100);
        for task in tasks {
            assert_eq!(task.join().unwrap(), 4);
        }
        // The limit of one task does not hold for the next.
        assert_eq!(pool.submit(nap, 100).join().unwrap(), 100);
    });
}

#[test]
fn a_chunk_has_one_limit() {
    race(|| {
        let pool = pool(1);
        // Long enough for the second chunk on a busy machine.
        let options = pool.options().time_limit(Duration::from_secs(2));
        let options = options.chunk_size(NonZeroUsize::new(3).unwrap());
        let results: Vec<_> = options.map(nap, [1, 60_000, 1, 2, 3]).collect();
        assert_eq!(results.len(), 5);
        for late in &results[..3] {
            assert!(matches!(late, Err(Error::TimeLimit { .. })), "{late:?}");
        }
        assert!(matches!(results[3..], [Ok(2), Ok(3)]));
    });
}

#[test]
fn killing_the_pool_is_not_killing_its_tasks() {
    race(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let task = pool.submit(pass, gate.ticket());
        eventually("its start", || gate.arrivals() == 1);
        pool.shutdown(Shutdown::Kill);
        let killed = task.kill();
        let error = task.join().unwrap_err();
        assert!(matches!(error, Error::Died { how: KILLED, .. }));
        assert!(!killed, "too late");
    });
}

#[test]
fn a_task_may_be_killed_from_a_callback() {
    race(|| {
        let pool = pool(2);
        let gate = Gate::new();
        let victim = Arc::new(pool.submit(pass, gate.ticket()));
        eventually("its start", || gate.arrivals() == 1);
        let killed = Arc::new(AtomicBool::new(false));
        let first = pool.submit(square, 2);
        first.on_finished({
            let (victim, killed) = (Arc::clone(&victim), Arc::clone(&killed));
            move || killed.store(victim.kill(), Ordering::Relaxed)
        });
        assert_eq!(first.join().unwrap(), 4);
        eventually("the end", || victim.is_finished());
        assert!(killed.load(Ordering::Relaxed));
    });
}
