//! Helpers for all tests.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use thread_pool::{Handle, ThreadPool};

/// Far above what any test takes, so that a hang is a failure.
const DEADLINE: Duration = Duration::from_secs(60);

/// Runs a test, which fails if it has not ended by the deadline.
#[track_caller]
pub fn before_the_deadline(test: impl FnOnce() + Send + 'static) {
    let (guard, ended) = mpsc::channel::<()>();
    let thread = thread::spawn(move || {
        let _guard = guard;
        test();
    });
    let ended = ended.recv_timeout(DEADLINE).unwrap_err();
    let hangs = ended == mpsc::RecvTimeoutError::Timeout;
    assert!(!hangs, "the deadline passed");
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

/// Waits until something is true.
pub fn eventually(mut check: impl FnMut() -> bool) {
    while !check() {
        thread::sleep(Duration::from_millis(1));
    }
}

/// The name of this thread.
pub fn name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

/// A task that keeps a thread busy until [`Blocker::release`], or until this is dropped.
pub struct Blocker {
    gate: Sender<()>,
    pub handle: Handle<()>,
}

impl Blocker {
    /// Returns when a thread of the pool runs it.
    pub fn start(pool: &ThreadPool) -> Blocker {
        let (started, is_running) = mpsc::channel();
        let (gate, opened) = gate();
        let handle = pool.submit(move || {
            started.send(()).unwrap();
            opened.pass();
        });
        is_running.recv().unwrap();
        Blocker { gate, handle }
    }

    /// The gate, which keeps the task busy until it is dropped, and the task's handle.
    pub fn into_parts(self) -> (Sender<()>, Handle<()>) {
        (self.gate, self.handle)
    }

    /// Lets the task end, and returns when it has.
    pub fn release(self) {
        drop(self.gate);
        self.handle.join().unwrap();
    }
}

/// The far side of a gate: it opens when the sender sends or is dropped.
pub struct Gate(Receiver<()>);

impl Gate {
    pub fn pass(&self) {
        let _ = self.0.recv();
    }
}

pub fn gate() -> (Sender<()>, Gate) {
    let (open, opened) = mpsc::channel();
    (open, Gate(opened))
}

/// A value whose destructor panics.
pub struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("dropped");
    }
}
