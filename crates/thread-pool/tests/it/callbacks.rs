//! `on_finished`: row CA-03.

use std::panic::panic_any;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use thread_pool::{Error, Shutdown, ThreadPool, as_completed};

use crate::common::*;

#[test]
fn ca_03_a_callback_is_called_once_on_success_failure_and_cancellation() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let (send, called) = mpsc::channel();
        let report = |what| {
            let send = send.clone();
            move || send.send(what).unwrap()
        };
        let success = pool.submit(|| ());
        success.on_finished(report("success"));
        let failure = pool.submit(|| panic!("boom"));
        failure.on_finished(report("failure"));
        let cancelled = pool.submit(|| ());
        cancelled.on_finished(report("cancelled"));
        assert!(called.try_recv().is_err());

        assert!(cancelled.cancel());
        assert!(cancelled.cancel());
        assert_eq!(called.try_recv(), Ok("cancelled"));
        blocker.release();
        drop(pool);
        drop(send);
        assert_eq!(called.iter().collect::<Vec<_>>(), ["success", "failure"]);
    });
}

#[test]
fn ca_03_callbacks_run_in_their_order_when_the_result_is_there() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let (send, called) = mpsc::channel();
        let task = Arc::new(pool.submit(|| 7));
        for n in 0..3 {
            let (handle, send) = (Arc::clone(&task), send.clone());
            task.on_finished(move || {
                send.send((n, handle.is_finished(), name())).unwrap();
            });
        }
        drop(send);
        blocker.release();
        let expected = (0..3).map(|n| (n, true, "thread-pool-0".to_owned()));
        assert!(called.iter().eq(expected));
        assert_eq!(task.join_timeout(Duration::MAX), Ok(Ok(7)));
    });
}

#[test]
fn ca_03_a_callback_of_a_finished_task_is_called_immediately_on_this_thread() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let finished = pool.submit(|| 1);
        eventually(|| finished.is_finished());
        let cancelled = {
            let _blocker = Blocker::start(&pool);
            let queued = pool.submit(|| 2);
            queued.cancel();
            queued
        };
        pool.close();
        let refused = pool.submit(|| 3);
        let (send, called) = mpsc::channel();
        for task in [finished, cancelled, refused] {
            // Also when the result has been taken.
            for _ in 0..2 {
                let send = send.clone();
                task.on_finished(move || send.send(thread::current().id()).unwrap());
                assert_eq!(called.try_recv(), Ok(thread::current().id()));
                let _ = task.join_timeout(Duration::ZERO);
            }
        }
    });
}

#[test]
fn ca_03_a_callback_that_panics_harms_nothing() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let (send, called) = mpsc::channel();
        let task = pool.submit(|| 1);
        task.on_finished(|| panic!("boom"));
        task.on_finished(|| panic_any(PanicsWhenDropped));
        let owned = PanicsWhenDropped;
        task.on_finished(move || {
            let _owned = owned;
        });
        task.on_finished(move || send.send(()).unwrap());
        blocker.release();
        assert_eq!(task.join(), Ok(1));
        called.recv().unwrap();
        assert_eq!(pool.submit(name).join().unwrap(), "thread-pool-0");

        let late = pool.submit(|| 2);
        eventually(|| late.is_finished());
        late.on_finished(|| panic_any(PanicsWhenDropped));
        assert_eq!(late.join(), Ok(2));
    });
}

#[test]
fn a_slow_callback_holds_up_no_other_task() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        let blocker = Blocker::start(&pool);
        let (started, is_running) = mpsc::channel();
        let (open, gate) = gate();
        blocker.handle.on_finished(move || {
            started.send(()).unwrap();
            gate.pass();
        });
        blocker.release();
        is_running.recv().unwrap();
        assert_eq!(pool.metrics().running, 1);
        for n in 0..3 {
            assert_eq!(pool.submit(move || n).join(), Ok(n));
        }
        drop(open);
    });
}

/// After its result is published and before its callback starts, the thread of the first task
/// counts as idle. A task that is submitted at that moment needs another thread.
#[test]
fn a_callback_may_wait_for_a_task_that_was_submitted_just_before_it() {
    before_the_deadline(|| {
        for _ in 0..300 {
            let pool = ThreadPool::new(2);
            let (open, gate) = gate();
            let first = pool.submit(move || gate.pass());
            let (send, receive) = mpsc::channel();
            first.on_finished(move || receive.recv().unwrap());
            drop(open);
            while !first.is_finished() {
                std::hint::spin_loop();
            }
            let second = pool.submit(move || send.send(()).unwrap());
            assert_eq!(second.join(), Ok(()));
        }
    });
}

/// The pool is closed before the callback waits.
#[test]
fn a_callback_may_wait_for_a_task_of_a_pool_that_closes() {
    before_the_deadline(|| {
        for _ in 0..300 {
            let pool = ThreadPool::new(2);
            let (open, gate) = gate();
            let first = pool.submit(move || gate.pass());
            let (send, receive) = mpsc::channel();
            first.on_finished(move || receive.recv().unwrap());
            drop(open);
            while !first.is_finished() {
                std::hint::spin_loop();
            }
            let second = pool.submit(move || {
                send.send(()).unwrap();
                thread::sleep(Duration::from_millis(1));
            });
            drop(pool);
            assert!(second.is_finished());
            assert_eq!(second.join(), Ok(()));
        }
    });
}

#[test]
fn a_callback_may_submit() {
    before_the_deadline(|| {
        let pool = Arc::new(ThreadPool::new(1));
        let blocker = Blocker::start(&pool);
        let (send, receive) = mpsc::channel();
        let again = Arc::clone(&pool);
        blocker.handle.on_finished(move || {
            let next = again.submit(|| 2);
            drop(again);
            send.send(next).unwrap();
        });
        blocker.release();
        assert_eq!(receive.recv().unwrap().join(), Ok(2));
    });
}

#[test]
fn the_callback_of_a_task_that_a_shutdown_cancels_is_refused_a_new_one() {
    before_the_deadline(|| {
        let pool = Arc::new(ThreadPool::new(1));
        let blocker = Blocker::start(&pool);
        let queued = pool.submit(|| 1);
        let (send, receive) = mpsc::channel();
        let again = Arc::clone(&pool);
        queued.on_finished(move || send.send(again.submit(|| 2).join()).unwrap());
        thread::scope(|scope| {
            scope.spawn(|| pool.shutdown(Shutdown::CancelQueued));
            assert_eq!(receive.recv(), Ok(Err(Error::ShutDown)));
            blocker.release();
        });
        assert_eq!(queued.join(), Err(Error::Cancelled));
    });
}

/// All tasks are cancelled before the first callback runs.
#[test]
fn a_callback_of_a_cancelled_task_may_wait_for_another_cancelled_task() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let (first, second) = (pool.submit(|| 1), pool.submit(|| 2));
        let (sender, told) = mpsc::channel();
        first.on_finished(move || sender.send(second.join()).unwrap());
        thread::scope(|scope| {
            scope.spawn(|| pool.shutdown(Shutdown::CancelQueued));
            assert_eq!(told.recv(), Ok(Err(Error::Cancelled)));
            assert_eq!(first.join(), Err(Error::Cancelled));
            blocker.release();
        });
    });
}

#[test]
fn as_completed_does_not_wait_for_callbacks() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        let (open, gate) = gate();
        let blocker = Blocker::start(&pool);
        blocker.handle.on_finished(move || gate.pass());
        let (gate_of_task, handle) = blocker.into_parts();
        let mut completed = as_completed([handle]);
        drop(gate_of_task);
        assert_eq!(completed.next(), Some((0, Ok(()))));
        // The next task does not need the thread of the callback.
        assert_eq!(pool.submit(|| 7).join(), Ok(7));
        drop(open);
    });
}
