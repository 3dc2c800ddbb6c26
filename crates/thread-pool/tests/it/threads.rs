//! What happens when the system has no more threads.

#![cfg(target_os = "linux")]

use std::process::Command;
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use thread_pool::{Error, ThreadPool};

use crate::common::*;

const NAME: &str = "threads::without_a_thread_a_task_fails_and_the_pool_goes_on";

/// Runs in a process of its own, with memory for a few threads only.
#[test]
fn without_a_thread_a_task_fails_and_the_pool_goes_on() {
    if std::env::var_os("LITTLE_ROOM").is_none() {
        let output = Command::new("sh")
            .args(["-c", r#"ulimit -v 1500000 && exec "$0" "$@""#])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", NAME])
            .env("LITTLE_ROOM", "")
            .env("RUST_MIN_STACK", "256000000")
            .env("MALLOC_ARENA_MAX", "1") // An arena takes memory, too.
            .output()
            .unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(stdout.contains("1 passed"), "{stdout}");
        return;
    }
    before_the_deadline(|| {
        let pool = Arc::new(ThreadPool::new(2));
        let mut others = take_all_threads();

        let submits = SubmitsWhenDropped(Arc::clone(&pool));
        let refused = pool.submit(move || drop(submits)).join();
        assert!(matches!(refused, Err(Error::NoThread(_))), "{refused:?}");
        assert_eq!(Arc::strong_count(&pool), 1);
        assert_eq!(pool.metrics().queued, 0);

        // Memory for one thread: it also runs the task of the thread that cannot be started.
        others.pop().expect("another thread").end();
        let blocker = Blocker::start(&pool);
        let queued = pool.submit(name);
        blocker.release();
        assert_eq!(queued.join().unwrap(), "thread-pool-0");
        assert_eq!(pool.metrics().workers, 1);

        // Memory for all: now there are two.
        others.into_iter().for_each(Other::end);
        let barrier = Barrier::new(2);
        let met = pool.map(move |_| barrier.wait(), 0..2);
        assert_eq!(met.filter(Result::is_ok).count(), 2);
    });
}

/// A value that a task owns, and that uses the pool when it is dropped.
struct SubmitsWhenDropped(Arc<ThreadPool>);

impl Drop for SubmitsWhenDropped {
    fn drop(&mut self) {
        drop(self.0.submit(|| ()));
    }
}

/// A thread that takes memory until it is ended.
struct Other {
    gate: mpsc::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Other {
    fn start() -> Option<Other> {
        let (gate, opened) = gate();
        let thread = thread::Builder::new().spawn(move || opened.pass());
        Some(Other {
            gate,
            thread: thread.ok()?,
        })
    }

    fn end(self) {
        drop(self.gate);
        self.thread.join().unwrap();
    }
}

/// Starts threads until no other one can be started.
fn take_all_threads() -> Vec<Other> {
    let mut others = Vec::new();
    while let Some(other) = Other::start() {
        others.push(other);
    }
    others
}
