//! Panics in all code of the user: tasks, payloads, destructors.

use std::panic::panic_any;
use std::sync::Mutex;
use std::sync::mpsc::{self, Sender};

use thread_pool::{Error, Shutdown, ThreadPool};

use crate::common::*;

#[test]
fn tp_08_a_panic_stays_in_its_task() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let thread = pool.submit(name).join();
        let boom = pool.submit(|| -> u8 { panic!("boom {}", 1 + 1) });
        assert_eq!(boom.join(), Err(Error::Panicked("boom 2".into())));
        let boom = pool.submit(|| -> u8 { panic!("boom") });
        assert_eq!(boom.join(), Err(Error::Panicked("boom".into())));
        let boom = pool.submit(|| -> u8 { panic_any(1) });
        let without = Err(Error::Panicked("a panic without a message".into()));
        assert_eq!(boom.join(), without);
        assert_eq!(pool.submit(name).join(), thread);
    });
}

#[test]
fn tp_08_a_panic_payload_whose_destructor_panics_harms_nothing() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let thread = pool.submit(name).join();
        for _ in 0..3 {
            let boom = pool.submit(|| -> u8 { panic_any(PanicsWhenDropped) });
            assert!(matches!(boom.join(), Err(Error::Panicked(_))));
        }
        assert_eq!(pool.submit(name).join(), thread);
        assert_eq!(pool.metrics().workers, 1);
    });
}

#[test]
fn the_destructor_of_an_unclaimed_result_may_panic() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        for _ in 0..3 {
            drop(pool.submit(|| PanicsWhenDropped));
        }
        let thread = pool.submit(name);
        blocker.release();
        assert_eq!(thread.join().unwrap(), "thread-pool-0");
        assert_eq!(pool.metrics().workers, 1);
    });
}

#[test]
fn the_destructor_of_what_a_task_owns_may_panic() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let owned = PanicsWhenDropped;
        let task = pool.submit(move || {
            let _owned = owned;
        });
        assert_eq!(task.join(), Err(Error::Panicked("dropped".into())));
        assert_eq!(pool.submit(name).join().unwrap(), "thread-pool-0");
    });
}

#[test]
fn the_destructor_of_what_a_cancelled_task_owns_may_panic() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let submit = || {
            let owned = PanicsWhenDropped;
            pool.submit(move || {
                let _owned = owned;
            })
        };
        assert!(submit().cancel());
        drop(pool.map(|_| (), [PanicsWhenDropped, PanicsWhenDropped]));

        let queued = [submit(), submit(), submit()];
        pool.close();
        assert_eq!(submit().join(), Err(Error::ShutDown));
        std::thread::scope(|scope| {
            scope.spawn(|| pool.shutdown(Shutdown::CancelQueued));
            for task in queued {
                assert_eq!(task.join(), Err(Error::Cancelled));
            }
            blocker.release();
        });
    });
}

/// While the destructor runs, its thread does not count as idle.
#[test]
fn a_slow_destructor_of_an_unclaimed_result_holds_up_no_other_task() {
    struct BlocksWhenDropped {
        started: Sender<()>,
        gate: Mutex<Gate>,
    }
    impl Drop for BlocksWhenDropped {
        fn drop(&mut self) {
            self.started.send(()).unwrap();
            self.gate.lock().unwrap().pass();
        }
    }
    before_the_deadline(|| {
        let pool = ThreadPool::builder().max_workers(2).build().unwrap();
        let blocker = Blocker::start(&pool);
        let (open, gate) = gate();
        let (started, is_running) = mpsc::channel();
        let result = BlocksWhenDropped {
            started,
            gate: Mutex::new(gate),
        };
        // The handle must be dropped before the result is there.
        let (go, waits) = mpsc::channel::<()>();
        let task = pool.submit(move || {
            waits.recv().unwrap();
            result
        });
        drop(task);
        go.send(()).unwrap();
        is_running.recv().unwrap();
        blocker.release();
        assert_eq!(pool.metrics().running, 1);
        for n in 0..3 {
            assert_eq!(pool.submit(move || n).join(), Ok(n));
        }
        drop(open);
    });
}
