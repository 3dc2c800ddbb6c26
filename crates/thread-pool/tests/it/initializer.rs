//! The initializer: rows IN.

use std::cell::Cell;
use std::panic::panic_any;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};

use thread_pool::{Builder, Error, InitializerResult, ThreadPool};

use crate::common::*;

thread_local! {
    static STARTS: Cell<u32> = const { Cell::new(0) };
}

#[test]
fn in_01_it_runs_once_in_each_thread_before_its_first_task() {
    before_the_deadline(|| {
        let starts = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&starts);
        let pool = ThreadPool::builder()
            .max_workers(3)
            .initializer(move || {
                counter.fetch_add(1, SeqCst);
                STARTS.set(STARTS.get() + 1);
            })
            .build()
            .unwrap();
        // It is not run without work.
        assert_eq!(starts.load(SeqCst), 0);
        let barrier = Barrier::new(3);
        let results = pool.map(
            move |_| {
                barrier.wait();
                STARTS.get()
            },
            0..300,
        );
        assert!(results.eq((0..300).map(|_| Ok(1))));
        drop(pool);
        assert_eq!(starts.load(SeqCst), 3);
    });
}

/// A pool whose initializer fails when the gate is opened. Its tasks are queued by then.
fn breaks_the_pool<R: InitializerResult + 'static>(
    reason: &str,
    fail: impl Fn() -> R + Send + Sync + 'static,
) {
    let (open, gate) = gate();
    let gate = Mutex::new(gate);
    let pool = ThreadPool::builder()
        .max_workers(2)
        .initializer(move || {
            gate.lock()
                .unwrap_or_else(|poison| poison.into_inner())
                .pass();
            fail()
        })
        .build()
        .unwrap();
    let ran = Arc::new(AtomicUsize::new(0));
    let submit = || {
        let counter = Arc::clone(&ran);
        pool.submit(move || counter.fetch_add(1, SeqCst))
    };
    let pending: Vec<_> = (0..5).map(|_| submit()).collect();
    let cancelled = submit();
    assert!(cancelled.cancel());
    drop(open);
    let broken = Error::Broken(reason.to_owned());
    for task in pending {
        assert_eq!(task.join(), Err(broken.clone()));
    }
    assert_eq!(cancelled.join(), Err(Error::Cancelled));
    assert_eq!(submit().join(), Err(broken.clone()));
    let results: Vec<_> = pool.map(|n| n, [1, 2]).collect();
    assert_eq!(results, [Err(broken.clone()), Err(broken.clone())]);
    let text = format!("the pool is broken: the initializer failed: {reason}");
    assert_eq!(broken.to_string(), text);
    // The threads end by themselves.
    eventually(|| pool.metrics().workers == 0);
    drop(pool);
    assert_eq!(ran.load(SeqCst), 0);
}

#[test]
fn in_02_an_error_breaks_the_pool() {
    before_the_deadline(|| {
        breaks_the_pool("no dictionary", || Err::<(), _>("no dictionary"));
    });
}

#[test]
fn in_02_a_panic_breaks_the_pool() {
    before_the_deadline(|| {
        breaks_the_pool("boom", || -> () { panic!("boom") });
        breaks_the_pool("a panic without a message", || -> () {
            panic_any(PanicsWhenDropped);
        });
    });
}

/// The first thread starts well, the second does not.
fn second_start_fails() -> Builder {
    let starts = AtomicUsize::new(0);
    ThreadPool::builder().initializer(move || match starts.fetch_add(1, SeqCst) {
        0 => Ok(()),
        _ => Err("the second"),
    })
}

#[test]
fn in_02_what_runs_in_another_thread_is_finished() {
    before_the_deadline(|| {
        let pool = second_start_fails().max_workers(2).build().unwrap();
        let blocker = Blocker::start(&pool);
        let broken = Err(Error::Broken("the second".into()));
        assert_eq!(pool.submit(|| 1).join(), broken);
        assert_eq!(pool.submit(|| 2).join(), broken);
        assert!(!blocker.handle.is_finished());
        blocker.release();
        eventually(|| pool.metrics().workers == 0);
    });
}

#[test]
fn in_02_the_first_reason_counts() {
    before_the_deadline(|| {
        let (starts, barrier) = (AtomicUsize::new(0), Barrier::new(2));
        let builder = ThreadPool::builder().max_workers(2).initializer(move || {
            let start = starts.fetch_add(1, SeqCst);
            barrier.wait();
            Err::<(), _>(format!("start {start}"))
        });
        let pool = builder.build().unwrap();
        let pending = [1, 2].map(|n| pool.submit(move || n));
        let errors = pending.map(|task| task.join().unwrap_err());
        assert_eq!(errors[0], errors[1]);
        eventually(|| pool.metrics().workers == 0);
        assert_eq!(pool.submit(|| 3).join(), Err(errors[0].clone()));
    });
}

#[test]
fn in_02_callbacks_hear_of_it_and_may_drop_the_pool() {
    before_the_deadline(|| {
        let (open, gate) = gate();
        let gate = Mutex::new(gate);
        let builder = ThreadPool::builder().initializer(move || {
            gate.lock().unwrap().pass();
            Err("no dictionary")
        });
        let pool = Arc::new(builder.build().unwrap());
        let task = pool.submit(|| 1);
        let (send, called) = std::sync::mpsc::channel();
        let last = Arc::clone(&pool);
        task.on_finished(move || {
            drop(last);
            send.send(()).unwrap();
        });
        drop(pool);
        drop(open);
        called.recv().unwrap();
        assert_eq!(task.join(), Err(Error::Broken("no dictionary".into())));
    });
}
