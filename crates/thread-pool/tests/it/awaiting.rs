//! Handles as futures, polled by hand.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use thread_pool::{Error, Handle, ThreadPool};

use crate::common::*;

/// Counts how often it is woken.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Counting {
    fn wake_ups(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Counting {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

fn poll<T>(handle: &mut Handle<T>, waker: &Waker) -> Poll<Result<T, Error>> {
    Pin::new(handle).poll(&mut Context::from_waker(waker))
}

/// Runs a future to its end on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unparking(Thread);
    impl Wake for Unparking {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unparking(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn a_handle_wakes_the_last_waker_once() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (send, receive) = mpsc::channel();
        let mut task = pool.submit(move || receive.recv().unwrap());
        let first = Arc::<Counting>::default();
        let last = Arc::<Counting>::default();
        for counting in [&first, &first, &last] {
            let waker = Waker::from(Arc::clone(counting));
            assert!(poll(&mut task, &waker).is_pending());
        }
        send.send(1).unwrap();
        eventually(|| last.wake_ups() == 1);
        assert_eq!(poll(&mut task, Waker::noop()), Poll::Ready(Ok(1)));
        let taken = Poll::Ready(Err(Error::Taken));
        assert_eq!(poll(&mut task, Waker::noop()), taken);
        drop(pool);
        assert_eq!((first.wake_ups(), last.wake_ups()), (0, 1));
        // The pool keeps no waker.
        assert_eq!(
            (Arc::strong_count(&first), Arc::strong_count(&last)),
            (1, 1)
        );
    });
}

#[test]
fn a_cancellation_wakes_too() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let _blocker = Blocker::start(&pool);
        let mut queued = pool.submit(|| 1);
        let counting = Arc::<Counting>::default();
        let waker = Waker::from(Arc::clone(&counting));
        assert!(poll(&mut queued, &waker).is_pending());
        assert!(queued.cancel());
        assert_eq!(counting.wake_ups(), 1);
        let cancelled = Poll::Ready(Err(Error::Cancelled));
        assert_eq!(poll(&mut queued, &waker), cancelled);
    });
}

#[test]
fn handles_are_awaited_one_after_the_other() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        block_on(async {
            for n in 0..1000 {
                assert_eq!(pool.submit(move || n).await, Ok(n));
            }
            let boom = pool.submit(|| -> u8 { panic!("boom") }).await;
            assert_eq!(boom, Err(Error::Panicked("boom".into())));
        });
        // The thread was idle again before the `await` went on.
        assert_eq!(pool.metrics().workers, 1);
    });
}

#[test]
fn dropping_what_awaits_a_handle_leaves_the_task_alone() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let (send, receive) = mpsc::channel();
        let mut queued = pool.submit(move || send.send(1));
        let counting = Arc::<Counting>::default();
        let waker = Waker::from(Arc::clone(&counting));
        assert!(poll(&mut queued, &waker).is_pending());
        drop(queued);
        blocker.release();
        assert_eq!(receive.recv(), Ok(1));
    });
}

#[test]
fn a_waker_that_panics_harms_nothing() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            std::panic::panic_any(PanicsWhenDropped);
        }
    }
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let blocker = Blocker::start(&pool);
        let mut task = pool.submit(|| 1);
        assert!(poll(&mut task, &Waker::from(Arc::new(Panics))).is_pending());
        blocker.release();
        assert_eq!(task.join(), Ok(1));
        assert_eq!(pool.submit(name).join().unwrap(), "thread-pool-0");
    });
}

/// The next poll replaces the waker. This drops the waker and the pool, so no lock may be
/// held then.
#[test]
fn a_waker_may_own_the_pool() {
    struct Owner {
        _pool: ThreadPool,
    }
    impl Wake for Owner {
        fn wake(self: Arc<Self>) {}
    }
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (open, gate) = gate();
        let mut task = pool.submit(move || gate.pass());
        let waker = Waker::from(Arc::new(Owner { _pool: pool }));
        assert!(poll(&mut task, &waker).is_pending());
        drop(waker);
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            drop(open);
        });
        // Returns when the pool has finished its task.
        let _ = poll(&mut task, Waker::noop());
        assert!(task.is_finished());
    });
}
