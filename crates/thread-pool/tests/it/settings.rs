//! The number of threads, and the metrics.

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};
use std::thread;

use thread_pool::{
    AsCompleted, BuildError, Handle, Map, Shutdown, ThreadPool, as_completed,
};

use crate::common::*;

#[test]
fn tp_05_an_idle_thread_is_used_again() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(50);
        for _ in 0..1000 {
            assert_eq!(pool.submit(name).join().unwrap(), "thread-pool-0");
        }
        assert_eq!(pool.metrics().workers, 1);
    });
}

#[test]
fn tp_05_tp_10_at_most_max_workers_threads_each_with_its_name() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(4);
        let barrier = Barrier::new(4);
        let names = pool.map(
            move |_| {
                barrier.wait();
                name()
            },
            0..400,
        );
        let names: BTreeSet<_> = names.map(Result::unwrap).collect();
        let expected = (0..4).map(|index| format!("thread-pool-{index}"));
        assert!(names.iter().cloned().eq(expected), "{names:?}");
    });
}

#[test]
fn tp_06_the_default_size_is_that_of_python() {
    before_the_deadline(|| {
        let cpus = thread::available_parallelism().unwrap().get();
        let expected = (cpus + 4).min(32);
        let pool = ThreadPool::builder().build().unwrap();
        let blockers: Vec<_> = (0..expected).map(|_| Blocker::start(&pool)).collect();
        let queued = pool.submit(|| ());
        let metrics = pool.metrics();
        assert_eq!((metrics.workers, metrics.running), (expected, expected));
        assert_eq!(metrics.queued, 1);
        drop(blockers);
        queued.join().unwrap();
    });
}

#[test]
#[should_panic(expected = "max_workers must be greater than 0")]
fn tp_07_a_pool_of_no_threads_panics() {
    ThreadPool::new(0);
}

#[test]
fn tp_07_a_builder_refuses_no_threads() {
    let error = ThreadPool::builder().max_workers(0).build().unwrap_err();
    assert_eq!(error, BuildError::MaxWorkers);
    assert_eq!(error.to_string(), "max_workers must be greater than 0");
}

#[test]
fn metrics_count_queued_and_running_tasks_and_threads() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let numbers = |pool: &ThreadPool| {
            let metrics = pool.metrics();
            (metrics.queued, metrics.running, metrics.workers)
        };
        assert_eq!(numbers(&pool), (0, 0, 0));

        let blocker = Blocker::start(&pool);
        let queued = pool.submit(|| ());
        let cancelled = pool.submit(|| ());
        assert_eq!(numbers(&pool), (2, 1, 1));
        cancelled.cancel();
        assert_eq!(numbers(&pool), (1, 1, 1));

        blocker.release();
        queued.join().unwrap();
        let last = pool.submit(|| ());
        last.join().unwrap();
        assert_eq!(numbers(&pool), (0, 0, 1));

        pool.shutdown(Shutdown::Finish);
        assert_eq!(numbers(&pool), (0, 0, 0));
    });
}

#[test]
fn threads_may_share_a_pool() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(3);
        let submit_and_join = || {
            let handles: Vec<_> = (0..250).map(|n| pool.submit(move || n)).collect();
            for (n, handle) in handles.into_iter().enumerate() {
                assert_eq!(handle.join(), Ok(n));
            }
        };
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(submit_and_join);
            }
        });
        assert!(pool.metrics().workers <= 3);
    });
}

#[test]
fn pools_handles_and_results_may_go_to_other_threads() {
    fn is_send_and_sync<T: Send + Sync>() {}
    fn is_send<T: Send>() {}
    is_send_and_sync::<ThreadPool>();
    is_send_and_sync::<Handle<u8>>();
    is_send_and_sync::<Map<u8>>();
    is_send::<AsCompleted<u8>>();
}

#[test]
fn everything_can_be_printed() {
    before_the_deadline(|| {
        let pool = ThreadPool::builder().max_workers(2).build().unwrap();
        assert!(format!("{pool:?}").contains("max_workers: 2"), "{pool:?}");
        let task = pool.submit(|| 1);
        let (open, gate) = gate();
        let blocked = pool.submit(move || gate.pass());
        eventually(|| format!("{task:?}").contains("finished"));
        eventually(|| format!("{blocked:?}").contains("running"));
        drop(open);
        let completed = as_completed([task]);
        assert!(format!("{completed:?}").contains("remaining: 1"));
    });
}

/// All tasks meet at a barrier, so each of them has a thread.
#[test]
fn tasks_run_at_the_same_time() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(5);
        let barrier = Arc::new(Barrier::new(5));
        let handles = [(); 5].map(|()| {
            let barrier = Arc::clone(&barrier);
            pool.submit(move || barrier.wait().is_leader())
        });
        let leaders = handles.into_iter().filter_map(|handle| handle.join().ok());
        assert_eq!(leaders.filter(|is_leader| *is_leader).count(), 1);
    });
}
