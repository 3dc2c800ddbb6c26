//! Handles: the result, whether it is there, and cancelling.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use thread_pool::{Error, ThreadPool};

use crate::common::*;

#[test]
fn ca_01_ca_02_a_queued_task_can_be_cancelled_and_again() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let queued = pool.submit(|| 1);
        assert!(!queued.is_finished());
        assert!(queued.cancel());
        assert!(queued.is_finished());
        assert!(queued.cancel());
        // Unlike a value, an error can be taken more than once.
        let cancelled = Ok(Err(Error::Cancelled));
        assert_eq!(queued.join_timeout(Duration::ZERO), cancelled);
        assert!(queued.cancel());
        assert_eq!(queued.join(), Err(Error::Cancelled));
        blocker.release();
    });
}

#[test]
fn ca_01_what_runs_or_has_finished_cannot_be_cancelled() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        assert!(!blocker.handle.cancel());
        assert!(!blocker.handle.is_finished());
        blocker.release();

        let task = pool.submit(|| 1);
        eventually(|| task.is_finished());
        assert!(!task.cancel());
        assert_eq!(task.join(), Ok(1));
    });
}

#[test]
fn ca_02_a_thread_that_waits_hears_of_the_cancellation() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let queued = pool.submit(|| 1);
        thread::scope(|scope| {
            let waits = scope.spawn(|| queued.join_timeout(Duration::MAX));
            assert!(queued.cancel());
            assert_eq!(waits.join().unwrap(), Ok(Err(Error::Cancelled)));
        });
        blocker.release();
    });
}

/// Either the pool starts the task or it is cancelled: never both, never neither.
#[test]
fn a_task_is_either_run_or_cancelled() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        let ran = Arc::new(AtomicUsize::new(0));
        let submit = |_| {
            let counter = Arc::clone(&ran);
            pool.submit(move || {
                counter.fetch_add(1, SeqCst);
            })
        };
        let mut tasks: Vec<_> = (0..1000).map(submit).collect();
        let mut cancelled = 0;
        while let Some(task) = tasks.pop() {
            if task.cancel() {
                cancelled += 1;
                assert_eq!(task.join(), Err(Error::Cancelled));
            } else {
                assert_eq!(task.join(), Ok(()));
            }
        }
        assert_eq!(ran.load(SeqCst) + cancelled, 1000);
    });
}

#[test]
fn two_threads_that_cancel_one_task_get_the_same_answer() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        for _ in 0..2000 {
            let task = pool.submit(|| ());
            let (mine, theirs) = thread::scope(|scope| {
                let other = scope.spawn(|| task.cancel());
                (task.cancel(), other.join().unwrap())
            });
            let expected = match task.join() {
                Ok(()) => false,
                Err(error) => error == Error::Cancelled,
            };
            assert_eq!((mine, theirs), (expected, expected));
        }
    });
}

#[test]
fn join_timeout_can_be_called_until_there_is_a_result() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (send, receive) = mpsc::channel();
        let task = pool.submit(move || receive.recv().unwrap());
        for _ in 0..3 {
            let timed_out = task.join_timeout(Duration::from_millis(1)).unwrap_err();
            assert_eq!((timed_out.unfinished, timed_out.of), (1, 1));
        }
        send.send(1).unwrap();
        assert_eq!(task.join_timeout(Duration::MAX), Ok(Ok(1)));

        let boom = pool.submit(|| -> u8 { panic!("boom") });
        eventually(|| boom.is_finished());
        let error = boom.join_timeout(Duration::ZERO).unwrap();
        assert_eq!(error, Err(Error::Panicked("boom".into())));
    });
}

#[test]
fn a_value_is_given_once_and_an_error_always() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let task = pool.submit(|| 1);
        assert_eq!(task.join_timeout(Duration::MAX), Ok(Ok(1)));
        assert_eq!(task.join_timeout(Duration::MAX), Ok(Err(Error::Taken)));
        assert!(task.is_finished());
        assert!(!task.cancel());
        assert_eq!(task.join(), Err(Error::Taken));

        let boom = pool.submit(|| -> u8 { panic!("boom") });
        let error = Err(Error::Panicked("boom".into()));
        assert_eq!(boom.join_timeout(Duration::MAX), Ok(error.clone()));
        assert_eq!(boom.join(), error);
    });
}

#[test]
fn a_dropped_handle_cancels_nothing() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let (send, receive) = mpsc::channel();
        drop(pool.submit(move || send.send(1)));
        blocker.release();
        assert_eq!(receive.recv(), Ok(1));
    });
}

#[test]
fn a_task_owns_nothing_any_more_when_its_result_is_there() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let item = Arc::new(());
        for _ in 0..100 {
            let owned = Arc::clone(&item);
            let task = pool.submit(move || drop(owned));
            task.join().unwrap();
            assert_eq!(Arc::strong_count(&item), 1);
        }
    });
}
