//! Many calls of one function: `map`, `map_bounded`, and both with a time limit.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use thread_pool::{Error, Shutdown, ThreadPool};

use crate::common::*;

/// A limit that has passed by the time a test looks.
const SHORT: Duration = Duration::from_millis(1);

fn square(n: u32) -> u32 {
    n * n
}

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

/// The second item ends first, because the first one waits for it.
#[test]
fn tp_01_tp_02_map_starts_everything_and_keeps_the_order() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(3);
        let barrier = Arc::new(Barrier::new(4));
        let theirs = Arc::clone(&barrier);
        let results = pool.map(
            move |n| {
                theirs.wait();
                n
            },
            [3, 1, 2],
        );
        // All three are running, though no result has been asked for.
        barrier.wait();
        assert_eq!(results.collect::<Vec<_>>(), [Ok(3), Ok(1), Ok(2)]);
    });
}

#[test]
fn tp_03_a_dropped_map_cancels_what_has_not_started() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let ran = Arc::new(AtomicUsize::new(0));
        let blocker = Blocker::start(&pool);
        let counter = Arc::clone(&ran);
        drop(pool.map(move |_| counter.fetch_add(1, SeqCst), 0..10));
        blocker.release();
        drop(pool);
        assert_eq!(ran.load(SeqCst), 0);
    });
}

#[test]
fn tp_03_tp_08_a_failure_has_its_own_position_among_the_results() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        let inverse = |n: u8| 12_u8.checked_div(n).expect("not zero");
        let results: Vec<_> = pool.map(inverse, [1, 0, 3]).collect();
        let failure = Err(Error::Panicked("not zero".into()));
        assert_eq!(results, [Ok(12), failure, Ok(4)]);
    });
}

/// Runs three items on one thread. Returns when the first has ended, the second waits for the
/// gate, and the third is queued.
fn blocked_at_the_second(
    pool: &ThreadPool,
) -> (
    mpsc::Sender<()>,
    impl Fn(u32) -> u32 + Send + Sync + 'static,
    mpsc::Receiver<()>,
) {
    assert_eq!(pool.metrics().workers, 0);
    let (open, gate) = gate();
    let (started, is_running) = mpsc::channel();
    let gate = std::sync::Mutex::new(gate);
    let function = move |n| {
        if n == 2 {
            started.send(()).unwrap();
            gate.lock().unwrap().pass();
        }
        n
    };
    (open, function, is_running)
}

#[test]
fn tp_04_a_map_has_one_time_limit_and_cancels_the_rest_when_it_has_passed() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (open, function, is_running) = blocked_at_the_second(&pool);
        let mut results = pool.map(function, 1..=4).timeout(SHORT);
        is_running.recv().unwrap();
        // The result is there, so it is delivered after the limit, too.
        assert_eq!(results.next(), Some(Ok(Ok(1))));
        let timed_out = results.next().unwrap().unwrap_err();
        assert_eq!((timed_out.unfinished, timed_out.of), (3, 4));
        assert_eq!(
            timed_out.to_string(),
            "timed out with 3 of 4 tasks unfinished"
        );
        assert_eq!(results.next(), None);
        drop(open);
        // What had started goes on.
        let rest: Vec<_> = results.into_inner().collect();
        assert_eq!(rest, [Ok(2), Err(Error::Cancelled), Err(Error::Cancelled)]);
    });
}

/// Every item takes less than the limit, but all together take more.
#[test]
fn tp_04_the_limit_does_not_start_again_with_each_item() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let sleep = |_| std::thread::sleep(Duration::from_millis(50));
        let results = pool.map(sleep, 0..10).timeout(Duration::from_millis(200));
        blocker.release();
        assert!(results.last().unwrap().is_err());
    });
}

#[test]
fn tp_04_a_bounded_map_has_one_time_limit_too() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (open, function, is_running) = blocked_at_the_second(&pool);
        let results = pool.map_bounded(function, 1.., count(3));
        let mut results = results.timeout(SHORT);
        is_running.recv().unwrap();
        thread::sleep(2 * SHORT);
        // From now on no item is drawn: the second runs, and the third waits.
        assert_eq!(results.next(), Some(Ok(Ok(1))));
        let timed_out = results.next().unwrap().unwrap_err();
        assert_eq!((timed_out.unfinished, timed_out.of), (2, 3));
        assert_eq!(results.next(), None);
        drop(open);
        let rest: Vec<_> = results.into_inner().take(4).collect();
        assert_eq!(rest, [Ok(2), Err(Error::Cancelled), Ok(4), Ok(5)]);
    });
}

#[test]
fn tp_04_in_time_everything_comes() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        let results = pool.map(square, 0..100).timeout(Duration::MAX);
        assert!(results.eq((0..100).map(|n| Ok(Ok(n * n)))));
        let results = pool.map_bounded(square, 0.., count(4));
        let results = results.timeout(Duration::MAX).take(100);
        assert!(results.eq((0..100).map(|n| Ok(Ok(n * n)))));
    });
}

#[test]
fn tp_12_results_and_items_are_released_when_they_are_taken() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        let item = Arc::new(());
        let mut results = pool.map(|item| item, vec![Arc::clone(&item); 10]);
        for left in (0..10).rev() {
            drop(results.next().unwrap().unwrap());
            assert!(Arc::strong_count(&item) <= left + 1);
        }
    });
}

#[test]
fn tp_13_no_items_need_no_thread() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        assert_eq!(pool.map(square, []).count(), 0);
        assert_eq!(pool.map_bounded(square, [], count(1)).count(), 0);
        assert_eq!(pool.metrics().workers, 0);
    });
}

/// Python finishes what was submitted before. Here the map is dropped, which cancels.
#[test]
fn tp_14_a_panic_of_the_items_leaves_what_was_submitted_and_the_pool() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let ran = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&ran);
        let items = (0..5).inspect(|n| assert!(*n < 3, "no such item"));
        let map = || {
            let results = pool.map(move |_| counter.fetch_add(1, SeqCst), items);
            results.count()
        };
        assert!(catch_unwind(AssertUnwindSafe(map)).is_err());
        blocker.release();
        assert_eq!(pool.submit(|| 7).join(), Ok(7));
        assert_eq!(ran.load(SeqCst), 3);
    });
}

#[test]
fn tp_15_a_bounded_map_draws_no_more_than_its_buffer() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        for buffer in [1, 2, 7] {
            let drawn = AtomicUsize::new(0);
            let items = (0..).inspect(|_| {
                drawn.fetch_add(1, SeqCst);
            });
            let mut results = pool.map_bounded(square, items, count(buffer));
            // The threads have work before the first result is asked for.
            assert_eq!(drawn.load(SeqCst), buffer);
            for n in 0..50 {
                assert_eq!(results.next(), Some(Ok(n * n)));
                assert!(drawn.load(SeqCst) - n as usize <= buffer);
            }
            drop(results);
        }
    });
}

#[test]
fn tp_15_a_bounded_map_gives_the_same_as_a_map() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        for buffer in [1, 10, 100, 1000] {
            let results = pool.map_bounded(square, 0..100, count(buffer));
            assert_eq!(results.size_hint(), (100, Some(100)));
            assert!(results.eq((0..100).map(|n| Ok(n * n))));
        }
        let fail = |n: u32| 12_u32.checked_div(n).expect("not zero");
        let results: Vec<_> = pool.map_bounded(fail, [1, 0, 3], count(2)).collect();
        let failure = Err(Error::Panicked("not zero".into()));
        assert_eq!(results, [Ok(12), failure, Ok(4)]);
    });
}

#[test]
fn tp_15_a_dropped_bounded_map_cancels_what_has_not_started() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let ran = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&ran);
        let count_up = move |_| counter.fetch_add(1, SeqCst);
        drop(pool.map_bounded(count_up, 0.., count(10)));
        blocker.release();
        drop(pool);
        assert_eq!(ran.load(SeqCst), 0);
    });
}

#[test]
fn tp_15_a_bounded_map_without_its_pool_fails_item_by_item() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let mut results = pool.map_bounded(square, 1..=3, count(2));
        pool.shutdown(Shutdown::Finish);
        assert_eq!(results.next(), Some(Ok(1)));
        assert_eq!(results.next(), Some(Ok(4)));
        assert_eq!(results.next(), Some(Err(Error::ShutDown)));
        assert_eq!(results.next(), None);
    });
}

/// The results are always ready, but no item is drawn after the deadline.
#[test]
fn the_limit_of_an_endless_map_holds_for_a_slow_consumer() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let buffer = NonZeroUsize::new(2).unwrap();
        let results = pool.map_bounded(|n: u64| n, 0.., buffer);
        let limited = results.timeout(Duration::from_millis(20));
        for (given, result) in limited.enumerate() {
            match result {
                Ok(value) => assert_eq!(value, Ok(given as u64)),
                Err(timed_out) => {
                    // On a busy machine up to two items of the buffer may not have begun.
                    assert!((given..=given + 2).contains(&timed_out.of));
                    return;
                }
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("it ended without a word");
    });
}

#[test]
fn cancelled_tasks_take_no_memory_while_the_threads_are_busy() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let item = Arc::new(());
        let kept = pool.submit(|| 7);
        for _ in 0..50_000 {
            let item = Arc::clone(&item);
            assert!(pool.submit(move || drop(item)).cancel());
        }
        assert_eq!(Arc::strong_count(&item), 1);
        assert_eq!(pool.metrics().queued, 1);
        blocker.release();
        assert_eq!(kept.join(), Ok(7));
    });
}
