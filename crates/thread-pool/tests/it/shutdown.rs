//! The end of a pool: rows SD.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use thread_pool::{Error, Shutdown, ThreadPool};

use crate::common::*;

#[test]
fn sd_01_sd_06_dropping_a_pool_finishes_everything_also_while_unwinding() {
    before_the_deadline(|| {
        for unwinding in [false, true] {
            let ran = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&ran);
            let block = catch_unwind(move || {
                let pool = ThreadPool::new(2);
                for _ in 0..100 {
                    let counter = Arc::clone(&counter);
                    drop(pool.submit(move || counter.fetch_add(1, SeqCst)));
                }
                assert!(!unwinding, "out of here");
            });
            assert_eq!(block.is_err(), unwinding);
            assert_eq!(ran.load(SeqCst), 100);
        }
    });
}

#[test]
fn sd_02_sd_12_nothing_is_taken_after_a_shutdown_and_a_second_is_harmless() {
    before_the_deadline(|| {
        let close = |pool: &ThreadPool| pool.close();
        let finish = |pool: &ThreadPool| pool.shutdown(Shutdown::Finish);
        let cancel = |pool: &ThreadPool| pool.shutdown(Shutdown::CancelQueued);
        for end in [close, finish, cancel] {
            for has_worked in [false, true] {
                let pool = ThreadPool::new(2);
                if has_worked {
                    pool.submit(|| 1).join().unwrap();
                }
                end(&pool);
                end(&pool);
                assert_eq!(pool.submit(|| 1).join(), Err(Error::ShutDown));
                let results = pool.map(|n| n, [1, 2]);
                assert!(results.eq([Err(Error::ShutDown), Err(Error::ShutDown)]));
                let results = pool.map_bounded(|n| n, [1], NonZeroUsize::MIN);
                assert!(results.eq([Err(Error::ShutDown)]));
            }
        }
    });
}

#[test]
fn sd_03_close_returns_immediately_and_everything_is_finished() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let queued: Vec<_> = (0..5).map(|n| pool.submit(move || n)).collect();
        pool.close();
        assert!(!blocker.handle.is_finished());
        assert_eq!(pool.submit(|| 9).join(), Err(Error::ShutDown));
        blocker.release();
        for (n, task) in queued.into_iter().enumerate() {
            assert_eq!(task.join(), Ok(n));
        }
        eventually(|| pool.metrics().workers == 0);
    });
}

#[test]
fn sd_04_cancelling_the_queue_leaves_what_runs_alone() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        let blockers = [Blocker::start(&pool), Blocker::start(&pool)];
        let queued: Vec<_> = (0..10).map(|n| pool.submit(move || n)).collect();
        thread::scope(|scope| {
            let shutdown = scope.spawn(|| pool.shutdown(Shutdown::CancelQueued));
            for task in queued {
                assert_eq!(task.join(), Err(Error::Cancelled));
            }
            for blocker in blockers {
                assert!(!blocker.handle.is_finished());
                assert!(!shutdown.is_finished());
                blocker.release();
            }
        });
        assert_eq!(pool.metrics().workers, 0);
    });
}

/// A thread that runs a callback has not taken the next task.
#[test]
fn sd_04_a_task_behind_a_slow_callback_is_cancelled_too() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let (started, is_running) = mpsc::channel();
        let (open, gate) = gate();
        blocker.handle.on_finished(move || {
            started.send(()).unwrap();
            gate.pass();
        });
        let queued = [1, 2].map(|n| pool.submit(move || n));
        blocker.release();
        is_running.recv().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| pool.shutdown(Shutdown::CancelQueued));
            for task in queued {
                assert_eq!(task.join(), Err(Error::Cancelled));
            }
            drop(open);
        });
    });
}

#[test]
fn sd_04_after_a_close_the_queue_can_still_be_cancelled() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let queued = pool.submit(|| 1);
        pool.close();
        thread::scope(|scope| {
            scope.spawn(|| pool.shutdown(Shutdown::CancelQueued));
            assert_eq!(queued.join(), Err(Error::Cancelled));
            blocker.release();
        });
    });
}

#[test]
fn sd_11_races_at_the_end_end_cleanly() {
    before_the_deadline(|| {
        for round in 0..200 {
            let pool = ThreadPool::new(2);
            let tasks: Vec<_> = (0..20).map(|n| pool.submit(move || n)).collect();
            tasks[round % 20].cancel();
            match round % 3 {
                0 => drop(pool),
                1 => pool.shutdown(Shutdown::CancelQueued),
                _ => pool.close(),
            }
            for (n, task) in tasks.into_iter().enumerate() {
                let result = task.join();
                assert!(
                    result == Ok(n) || result == Err(Error::Cancelled),
                    "{result:?}"
                );
            }
        }
    });
}

#[test]
fn sd_12_threads_may_shut_down_while_others_submit() {
    before_the_deadline(|| {
        for _ in 0..100 {
            let pool = ThreadPool::new(2);
            let ran = Arc::new(AtomicUsize::new(0));
            let submit = || {
                let counter = Arc::clone(&ran);
                pool.submit(move || {
                    counter.fetch_add(1, SeqCst);
                })
            };
            let finished = AtomicUsize::new(0);
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        for _ in 0..50 {
                            match submit().join() {
                                Ok(()) => _ = finished.fetch_add(1, SeqCst),
                                Err(error) => assert_eq!(error, Error::ShutDown),
                            }
                        }
                    });
                    scope.spawn(|| {
                        pool.shutdown(Shutdown::Finish);
                        assert_eq!(pool.metrics().workers, 0);
                    });
                }
            });
            assert_eq!(ran.load(SeqCst), finished.load(SeqCst));
        }
    });
}

thread_local! {
    static LAST_WORDS: RefCell<Option<LastWords>> = const { RefCell::new(None) };
}

/// A thread-local value: it is dropped when the thread ends.
struct LastWords(Arc<AtomicUsize>);

impl Drop for LastWords {
    fn drop(&mut self) {
        thread::sleep(Duration::from_millis(20));
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn sd_12_every_shutdown_waits_for_the_end_of_the_threads() {
    before_the_deadline(|| {
        let ended = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&ended);
        let pool = ThreadPool::builder()
            .max_workers(3)
            .initializer(move || LAST_WORDS.set(Some(LastWords(Arc::clone(&counter)))))
            .build()
            .unwrap();
        let blockers = [(); 3].map(|()| Blocker::start(&pool));
        thread::scope(|scope| {
            for how in [Shutdown::Finish, Shutdown::CancelQueued] {
                let (pool, ended) = (&pool, &ended);
                scope.spawn(move || {
                    pool.shutdown(how);
                    assert_eq!(ended.load(SeqCst), 3);
                });
            }
            for blocker in blockers {
                blocker.release();
            }
        });
    });
}

#[test]
fn a_shutdown_in_a_task_does_not_wait() {
    before_the_deadline(|| {
        for how in [Shutdown::Finish, Shutdown::CancelQueued] {
            let pool = Arc::new(ThreadPool::new(1));
            let same = Arc::clone(&pool);
            let (open, gate) = gate();
            let ends = pool.submit(move || {
                gate.pass();
                same.shutdown(how);
                same.submit(|| 1).join()
            });
            let queued = pool.submit(|| 2);
            drop(open);
            assert_eq!(ends.join(), Ok(Err(Error::ShutDown)));
            let expected = match how {
                Shutdown::Finish => Ok(2),
                _ => Err(Error::Cancelled),
            };
            assert_eq!(queued.join(), expected);
            pool.shutdown(how);
        }
    });
}

#[test]
fn a_shutdown_in_a_callback_does_not_wait() {
    before_the_deadline(|| {
        let pool = Arc::new(ThreadPool::new(1));
        let blocker = Blocker::start(&pool);
        let same = Arc::clone(&pool);
        blocker
            .handle
            .on_finished(move || same.shutdown(Shutdown::CancelQueued));
        let queued = pool.submit(|| 1);
        blocker.release();
        assert_eq!(queued.join(), Err(Error::Cancelled));
        eventually(|| pool.metrics().workers == 0);
    });
}

/// The callback runs on a thread outside the pool, so the shutdown waits for the end.
#[test]
fn the_callback_of_a_cancelled_task_may_shut_down() {
    before_the_deadline(|| {
        let pool = Arc::new(ThreadPool::new(1));
        let blocker = Blocker::start(&pool);
        let queued = [1, 2].map(|n| pool.submit(move || n));
        let (send, called) = mpsc::channel();
        let same = Arc::clone(&pool);
        queued[0].on_finished(move || {
            send.send(()).unwrap();
            same.shutdown(Shutdown::Finish);
        });
        thread::scope(|scope| {
            scope.spawn(|| pool.shutdown(Shutdown::CancelQueued));
            called.recv().unwrap();
            blocker.release();
        });
        for task in queued {
            assert_eq!(task.join(), Err(Error::Cancelled));
        }
    });
}

#[test]
fn a_task_may_own_the_pool() {
    before_the_deadline(|| {
        let pool = Arc::new(ThreadPool::new(1));
        let theirs = Arc::clone(&pool);
        let (open, gate) = gate();
        let owner = pool.submit(move || {
            gate.pass();
            drop(theirs);
        });
        let last = pool.submit(|| 2);
        drop(pool);
        drop(open);
        assert_eq!(owner.join(), Ok(()));
        assert_eq!(last.join(), Ok(2));
    });
}

#[test]
fn a_callback_may_own_the_pool() {
    before_the_deadline(|| {
        let pool = Arc::new(ThreadPool::new(1));
        let blocker = Blocker::start(&pool);
        let theirs = Arc::clone(&pool);
        blocker.handle.on_finished(move || drop(theirs));
        let last = pool.submit(|| 2);
        drop(pool);
        blocker.release();
        assert_eq!(last.join(), Ok(2));
    });
}

/// The thread that cancels the task drops the pool and waits for its end. It must not hold a
/// lock.
#[test]
fn a_cancelled_task_may_own_the_pool() {
    before_the_deadline(|| {
        let pool = Arc::new(ThreadPool::new(1));
        let blocker = Blocker::start(&pool);
        let theirs = Arc::clone(&pool);
        let owner = pool.submit(move || drop(theirs));
        drop(pool);
        thread::scope(|scope| {
            let canceller = scope.spawn(|| owner.cancel());
            eventually(|| owner.is_finished());
            assert!(!canceller.is_finished());
            blocker.release();
            assert!(canceller.join().unwrap());
        });
        assert_eq!(owner.join(), Err(Error::Cancelled));
    });
}
