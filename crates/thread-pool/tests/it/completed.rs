//! Results in the order in which tasks finish: rows AC and WT.

use std::sync::mpsc;
use std::time::Duration;

use thread_pool::{Error, ThreadPool, as_completed};

use crate::common::*;

/// A limit that has passed by the time a test looks.
const SHORT: Duration = Duration::from_millis(1);

#[test]
fn ac_01_what_finishes_first_comes_first() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        let (send, receive) = mpsc::channel();
        let slow = pool.submit(move || receive.recv().unwrap());
        let mut completed = as_completed([slow, pool.submit(|| 2)]);
        assert_eq!(completed.len(), 2);
        assert_eq!(completed.next(), Some((1, Ok(2))));
        send.send(1).unwrap();
        assert_eq!(completed.next(), Some((0, Ok(1))));
        assert_eq!(completed.next(), None);
        assert_eq!(completed.next(), None);
    });
}

#[test]
fn ac_01_ac_04_failed_and_cancelled_tasks_come_too() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (open, gate) = gate();
        let boom = pool.submit(move || -> u8 {
            gate.pass();
            panic!("boom")
        });
        let cancelled = pool.submit(|| 1);
        eventually(|| pool.metrics().running == 1);
        // This task has its result before the first `next`, the others after it.
        assert!(cancelled.cancel());
        let mut completed = as_completed([boom, cancelled, pool.submit(|| 2)]);
        assert_eq!(completed.next(), Some((1, Err(Error::Cancelled))));
        drop(open);
        let boom = Err(Error::Panicked("boom".into()));
        assert_eq!(completed.next(), Some((0, boom)));
        assert_eq!(completed.next(), Some((2, Ok(2))));
        assert_eq!(completed.next(), None);
    });
}

#[test]
fn ac_03_one_limit_for_all_and_what_has_finished_comes_first() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let quick = pool.submit(|| 1);
        eventually(|| quick.is_finished());
        let (send, receive) = mpsc::channel();
        let slow = pool.submit(move || receive.recv().unwrap());
        let last = pool.submit(|| 3);
        let mut completed = as_completed([slow, quick, last]).timeout(SHORT);
        std::thread::sleep(SHORT);
        assert_eq!(completed.next(), Some(Ok((1, Ok(1)))));
        let timed_out = completed.next().unwrap().unwrap_err();
        assert_eq!((timed_out.unfinished, timed_out.of), (2, 3));
        assert_eq!(completed.next(), None);
        // It cancels nothing, and can be resumed.
        send.send(2).unwrap();
        let rest: Vec<_> = completed.into_inner().collect();
        assert_eq!(rest, [(0, Ok(2)), (2, Ok(3))]);
    });
}

#[test]
fn ac_03_in_time_everything_comes() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        let handles = (0..100).map(|n| pool.submit(move || n));
        let completed = as_completed(handles).timeout(Duration::MAX);
        let mut all: Vec<_> = completed.map(Result::unwrap).collect();
        all.sort_by_key(|(index, _)| *index);
        assert!(all.into_iter().eq((0..100).map(|n| (n, Ok(n)))));
    });
}

#[test]
fn ac_05_wt_02_the_unfinished_handles_come_back() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (send, receive) = mpsc::channel();
        let quick = pool.submit(|| 0);
        let slow = pool.submit(move || receive.recv().unwrap());
        let last = pool.submit(|| 2);
        let mut completed = as_completed([quick, slow, last]);
        assert_eq!(completed.next(), Some((0, Ok(0))));
        let (indexes, handles): (Vec<_>, Vec<_>) = completed.into_unfinished().unzip();
        assert_eq!(indexes, [1, 2]);
        assert!(handles.iter().all(|handle| !handle.is_finished()));
        send.send(1).unwrap();
        // The handles that are left can be used with `as_completed` again.
        let completed: Vec<_> = as_completed(handles).collect();
        assert_eq!(completed, [(0, Ok(1)), (1, Ok(2))]);
    });
}

#[test]
fn ac_05_dropping_it_cancels_nothing() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let (send, receive) = mpsc::channel();
        let queued = pool.submit(move || send.send(1));
        drop(as_completed([queued]));
        blocker.release();
        assert_eq!(receive.recv(), Ok(1));
        assert_eq!(pool.submit(|| 2).join(), Ok(2));
    });
}

#[test]
fn wt_04_a_task_that_was_waited_for_in_vain_still_comes() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (send, receive) = mpsc::channel();
        let task = pool.submit(move || receive.recv().unwrap());
        assert!(task.join_timeout(SHORT).is_err());
        let mut completed = as_completed([task]);
        send.send(1).unwrap();
        assert_eq!(completed.next(), Some((0, Ok(1))));
        assert_eq!(completed.next(), None);
    });
}

#[test]
fn a_result_that_was_taken_before_comes_as_that() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let task = pool.submit(|| 1);
        assert_eq!(task.join_timeout(Duration::MAX), Ok(Ok(1)));
        assert!(as_completed([task]).eq([(0, Err(Error::Taken))]));
    });
}

#[test]
fn no_tasks_end_immediately() {
    let none: [thread_pool::Handle<u8>; 0] = [];
    assert_eq!(as_completed(none).count(), 0);
}
