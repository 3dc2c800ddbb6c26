//! `thread-pool` and `process-pool` have the same interface with the same meaning: the same
//! tests are compiled for both. They differ in one thing, which a few lines of each module
//! handle: a process gets the name of a function and a copy of its argument.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// What the workers of the process pool run. As a test it does nothing.
#[test]
fn worker() {
    process_pool::worker_entry()
        .function(square)
        .function(pass)
        .function(fail)
        .function(panic_with)
        .function(panic_twice)
        .initializer(refuse)
        .enter();
}

fn square(n: u64) -> u64 {
    n * n
}

fn fail(text: String) -> Result<u64, String> {
    Err(text)
}

fn panic_with(text: String) -> u64 {
    panic!("{text}")
}

/// Panics with a payload that panics as well when it is dropped.
fn panic_twice(_: ()) -> u64 {
    struct Twice;
    impl Drop for Twice {
        fn drop(&mut self) {
            panic!("again");
        }
    }
    std::panic::panic_any(Twice)
}

fn refuse(text: String) -> Result<(), String> {
    Err(text)
}

/// A gate at which tasks wait until it is opened. It is a folder, so threads and processes can
/// share it.
struct Gate(PathBuf);

impl Gate {
    fn new() -> Gate {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("gate-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        Gate(folder)
    }

    /// The argument of [`pass`], for a task of this number.
    fn ticket(&self, number: u64) -> (PathBuf, u64) {
        (self.0.clone(), number)
    }

    /// Returns when there are `arrivals` files in the gate: one for each task that has come.
    fn wait_for(&self, arrivals: usize) {
        while fs::read_dir(&self.0).unwrap().count() < arrivals {
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn open(&self) {
        fs::write(self.0.join("open"), "").unwrap();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Waits at a gate until it is open or removed.
fn pass((gate, number): (PathBuf, u64)) -> u64 {
    let _ = fs::write(gate.join(number.to_string()), "");
    while gate.exists() && !gate.join("open").exists() {
        thread::sleep(Duration::from_millis(1));
    }
    number
}

/// Runs a test. If it has not ended after a minute it hangs, and fails.
fn within_a_minute(test: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel::<()>();
    let thread = thread::spawn(move || {
        let _done = done;
        test();
    });
    let ended = ended.recv_timeout(Duration::from_secs(60));
    assert_eq!(ended, Err(mpsc::RecvTimeoutError::Disconnected), "it hangs");
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

/// This program as a worker.
fn worker_command() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--nocapture", "-q", "pools::worker"])
        .stdout(Stdio::null()); // The test harness prints there.
    command
}

/// Awaits something on a runtime of its own.
fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

/// The tests for both pools. `$pools` is the crate. Each module also defines `builder`,
/// `failing_initializer` and `submit`.
macro_rules! shared_contract {
    ($pools:ident, $pool:ident) => {
        use std::num::NonZeroUsize;
        use std::sync::Arc;
        use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
        use std::sync::mpsc;
        use std::time::Duration;

        use $pools::{Error, Handle, Shutdown, TimedOut, as_completed};

        use super::*;

        const SHORT: Duration = Duration::from_millis(10);
        const LONG: Duration = Duration::from_secs(60);

        fn pool(max_workers: usize) -> $pool {
            builder().max_workers(max_workers).build().unwrap()
        }

        /// A task that waits at the gate, on the only worker.
        fn busy(pool: &$pool, gate: &Gate) -> Handle<u64> {
            let handle = submit(pool, pass, gate.ticket(0));
            gate.wait_for(1);
            handle
        }

        #[test]
        fn results_come_as_they_are_and_in_order() {
            within_a_minute(|| {
                let pool = pool(2);
                assert_eq!(submit(&pool, square, 3).join().unwrap(), 9);
                let map = pool.map(square, 0..5);
                assert_eq!(map.len(), 5);
                let squares: Vec<_> = map.map(Result::unwrap).collect();
                assert_eq!(squares, [0, 1, 4, 9, 16]);
                // An error of the function is a value.
                let failed = submit(&pool, fail, "no".to_owned()).join();
                assert_eq!(failed.unwrap(), Err("no".to_owned()));
            });
        }

        #[test]
        fn a_panic_is_one_item_and_costs_no_worker() {
            within_a_minute(|| {
                let pool = pool(1);
                let texts = ["a", "b"].map(str::to_owned);
                let results: Vec<_> = pool.map(panic_with, texts).collect();
                assert_eq!(results.len(), 2);
                for (result, text) in results.into_iter().zip(["a", "b"]) {
                    let error = result.unwrap_err();
                    assert!(matches!(error, Error::Panicked { .. }), "{error}");
                    assert!(error.to_string().ends_with(&format!(": {text}")), "{error}");
                }
                let error = submit(&pool, panic_twice, ()).join().unwrap_err();
                assert!(matches!(error, Error::Panicked { .. }), "{error}");
                assert_eq!(submit(&pool, square, 3).join().unwrap(), 9);
                assert_eq!(pool.metrics().workers, 1);
            });
        }

        #[test]
        fn a_bounded_map_draws_no_further_than_its_buffer() {
            within_a_minute(|| {
                let pool = pool(2);
                let drawn = Arc::new(AtomicU64::new(0));
                let counter = Arc::clone(&drawn);
                let endless =
                    (0..).inspect(move |_| _ = counter.fetch_add(1, Ordering::SeqCst));
                let buffer = NonZeroUsize::new(3).unwrap();
                let mut results = pool.map_bounded(square, endless, buffer);
                assert_eq!(drawn.load(Ordering::SeqCst), 3);
                for n in 0..10 {
                    assert_eq!(results.next().unwrap().unwrap(), n * n);
                    assert_eq!(drawn.load(Ordering::SeqCst), n + 3);
                }
            });
        }

        #[test]
        fn a_wait_with_a_limit_leaves_the_task_alone() {
            within_a_minute(|| {
                let (pool, gate) = (pool(1), Gate::new());
                let handle = busy(&pool, &gate);
                for _ in 0..2 {
                    let late = handle.join_timeout(SHORT);
                    assert!(matches!(
                        late,
                        Err(TimedOut {
                            unfinished: 1,
                            of: 1,
                            ..
                        })
                    ));
                }
                assert!(!handle.is_finished());
                gate.open();
                assert_eq!(handle.join_timeout(LONG).unwrap().unwrap(), 0);
                assert!(handle.is_finished());
            });
        }

        #[test]
        fn a_handle_can_be_awaited() {
            within_a_minute(|| {
                let (pool, gate) = (pool(1), Gate::new());
                let (first, second) = (busy(&pool, &gate), submit(&pool, square, 3));
                gate.open();
                let both = async { (first.await.unwrap(), second.await.unwrap()) };
                assert_eq!(block_on(both), (0, 9));
                assert_eq!(block_on(submit(&pool, square, 4)).unwrap(), 16);
            });
        }

        #[test]
        fn what_runs_is_not_cancelled_and_what_waits_is() {
            within_a_minute(|| {
                let (pool, gate) = (pool(1), Gate::new());
                let running = busy(&pool, &gate);
                let waiting = submit(&pool, pass, gate.ticket(1));
                assert!(!running.cancel());
                assert!(waiting.cancel() && waiting.cancel() && waiting.is_finished());
                assert!(matches!(waiting.join(), Err(Error::Cancelled)));
                gate.open();
                assert_eq!(running.join_timeout(LONG).unwrap().unwrap(), 0);
                assert!(!running.cancel());
                drop(pool);
                gate.wait_for(2); // One task, and the file that opens the gate.
                assert_eq!(std::fs::read_dir(&gate.0).unwrap().count(), 2);
            });
        }

        #[test]
        fn a_dropped_handle_leaves_its_task_alone_and_a_dropped_map_cancels() {
            within_a_minute(|| {
                let (pool, gate) = (pool(1), Gate::new());
                let running = busy(&pool, &gate);
                drop(submit(&pool, pass, gate.ticket(1)));
                drop(pool.map(pass, (2..5).map(|n| gate.ticket(n))));
                gate.open();
                drop(pool);
                assert!(running.is_finished());
                // Tasks 0 and 1, and the file that opens the gate.
                assert_eq!(std::fs::read_dir(&gate.0).unwrap().count(), 3);
            });
        }

        #[test]
        fn callbacks_run_once_whatever_has_come_of_the_task() {
            within_a_minute(|| {
                let (pool, gate) = (pool(1), Gate::new());
                let (sender, receiver) = mpsc::channel();
                let tell = |what: &'static str| {
                    let sender = sender.clone();
                    move || sender.send(what).unwrap()
                };
                let running = busy(&pool, &gate);
                let cancelled = submit(&pool, square, 1);
                let failed = submit(&pool, panic_with, "no".to_owned());
                running.on_finished(tell("result"));
                cancelled.on_finished(tell("cancelled"));
                failed.on_finished(tell("failed"));
                failed.on_finished(|| panic!("a callback's own affair"));
                cancelled.cancel();
                gate.open();
                assert!(
                    running.join().is_ok() && failed.join_timeout(LONG).unwrap().is_err()
                );
                failed.on_finished(tell("at once"));
                pool.shutdown(Shutdown::Finish);
                drop(sender);
                let mut told: Vec<_> = receiver.iter().collect();
                told.sort_unstable();
                assert_eq!(told, ["at once", "cancelled", "failed", "result"]);
            });
        }

        #[test]
        fn as_completed_gives_those_first_that_finish_first() {
            within_a_minute(|| {
                let (pool, gate) = (pool(2), Gate::new());
                let slow = busy(&pool, &gate);
                let handles = [slow, submit(&pool, square, 3)];
                let mut finished =
                    as_completed(handles).timeout(Duration::from_millis(500));
                let (index, result) = finished.next().unwrap().unwrap();
                assert_eq!((index, result.unwrap()), (1, 9));
                let late = finished.next().unwrap().unwrap_err();
                assert_eq!((late.unfinished, late.of), (1, 2));
                assert!(finished.next().is_none());
                let rest: Vec<_> = finished.into_inner().into_unfinished().collect();
                assert!(matches!(rest[..], [(0, _)]));
                gate.open();
                for (index, result) in as_completed(rest.into_iter().map(|(_, it)| it)) {
                    assert_eq!((index, result.unwrap()), (0, 0));
                }
            });
        }

        #[test]
        fn one_limit_for_a_map_cancels_what_has_not_started() {
            within_a_minute(|| {
                let (pool, gate) = (pool(1), Gate::new());
                let mut results = pool
                    .map(pass, (0..3).map(|n| gate.ticket(n)))
                    .timeout(SHORT);
                let late = results.next().unwrap().unwrap_err();
                assert_eq!((late.unfinished, late.of), (3, 3));
                assert!(results.next().is_none());
                gate.open();
                let after: Vec<_> = results.into_inner().collect();
                assert_eq!(after.len(), 3);
                assert!(matches!(after[2], Err(Error::Cancelled)), "{after:?}");
            });
        }

        #[test]
        fn each_end_of_a_pool_does_what_it_says() {
            within_a_minute(|| {
                for how in [None, Some(Shutdown::Finish), Some(Shutdown::CancelQueued)] {
                    let (pool, gate) = (pool(1), Gate::new());
                    let running = busy(&pool, &gate);
                    let waiting = submit(&pool, pass, gate.ticket(1));
                    std::thread::scope(|scope| {
                        let end = scope.spawn(|| match how {
                            None => pool.close(),
                            Some(how) => pool.shutdown(how),
                        });
                        if how.is_none() {
                            end.join().unwrap(); // It waits for nothing.
                        }
                        if how == Some(Shutdown::CancelQueued) {
                            let cancelled = waiting.join_timeout(LONG).unwrap();
                            assert!(matches!(cancelled, Err(Error::Cancelled)));
                        }
                        gate.open();
                    });
                    assert_eq!(running.join().unwrap(), 0);
                    if how != Some(Shutdown::CancelQueued) {
                        assert_eq!(waiting.join().unwrap(), 1);
                    }
                    let refused = submit(&pool, square, 1).join();
                    assert!(matches!(refused, Err(Error::ShutDown)), "{refused:?}");
                    let refused = pool.map(square, 0..2);
                    assert!(
                        refused
                            .into_iter()
                            .all(|it| matches!(it, Err(Error::ShutDown)))
                    );
                    pool.shutdown(Shutdown::Finish); // Twice is harmless.
                    assert_eq!(pool.metrics().workers, 0);
                }
            });
        }

        #[test]
        fn dropping_a_pool_finishes_what_was_submitted_also_while_unwinding() {
            within_a_minute(|| {
                let finished = Arc::new(AtomicUsize::new(0));
                let counter = Arc::clone(&finished);
                let block = move || {
                    let pool = pool(2);
                    for n in 0..20 {
                        let counter = Arc::clone(&counter);
                        submit(&pool, square, n).on_finished(move || {
                            counter.fetch_add(1, Ordering::SeqCst);
                        });
                    }
                    panic!("out of here");
                };
                let block = std::panic::AssertUnwindSafe(block);
                assert!(std::panic::catch_unwind(block).is_err());
                assert_eq!(finished.load(Ordering::SeqCst), 20);
            });
        }

        #[test]
        fn a_failing_initializer_breaks_the_pool() {
            within_a_minute(|| {
                let builder = builder().max_workers(2);
                let pool = failing_initializer(builder, "not today").build().unwrap();
                let tasks: Vec<_> = (0..5).map(|n| submit(&pool, square, n)).collect();
                for task in tasks {
                    let error = task.join().unwrap_err();
                    assert!(matches!(error, Error::Broken { .. }), "{error}");
                    assert!(error.to_string().contains("not today"), "{error}");
                }
                let later = submit(&pool, square, 1).join().unwrap_err();
                assert!(matches!(later, Error::Broken { .. }), "{later}");
            });
        }

        #[test]
        fn the_figures_say_what_there_is() {
            within_a_minute(|| {
                let (pool, gate) = (pool(1), Gate::new());
                let running = busy(&pool, &gate);
                let waiting = [1, 2].map(|n| submit(&pool, square, n));
                let metrics = pool.metrics();
                let counts = (metrics.queued, metrics.running, metrics.workers);
                assert_eq!(counts, (2, 1, 1));
                gate.open();
                assert!(running.join().is_ok());
                for task in waiting {
                    assert!(task.join().is_ok());
                }
                let metrics = pool.metrics();
                let counts = (metrics.queued, metrics.running, metrics.workers);
                assert_eq!(counts, (0, 0, 1));
            });
        }

        #[test]
        fn no_workers_at_all_are_refused() {
            let error = builder().max_workers(0).build().unwrap_err();
            assert!(error.to_string().contains("max_workers"), "{error}");
        }
    };
}

mod threads {
    use thread_pool::{Builder, ThreadPool};

    fn builder() -> Builder {
        ThreadPool::builder()
    }

    fn failing_initializer(builder: Builder, text: &'static str) -> Builder {
        builder.initializer(|| refuse(text.to_owned()))
    }

    /// In this pool a task is a closure, which may capture its argument.
    fn submit<I: Send + 'static, O: Send + 'static>(
        pool: &ThreadPool,
        function: impl FnOnce(I) -> O + Send + 'static,
        argument: I,
    ) -> Handle<O> {
        pool.submit(move || function(argument))
    }

    shared_contract!(thread_pool, ThreadPool);
}

mod processes {
    use process_pool::{Builder, ProcessPool};
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    fn builder() -> Builder {
        ProcessPool::builder().worker_command(worker_command)
    }

    fn failing_initializer(builder: Builder, text: &'static str) -> Builder {
        builder.initializer(refuse, text.to_owned())
    }

    /// In this pool a task is the name of a function and a copy of its argument.
    fn submit<I: Serialize, O: DeserializeOwned>(
        pool: &ProcessPool,
        function: impl Fn(I) -> O + 'static,
        argument: I,
    ) -> Handle<O> {
        pool.submit(function, argument)
    }

    shared_contract!(process_pool, ProcessPool);
}
