//! `ThreadPool` against what `ThreadPoolExecutor` promises. The names of the tests are the rows
//! of the project's list of those promises (TP: thread pool).
//!
//! Not here: TP-04 and TP-15 (a map has neither a timeout nor a buffer), TP-06 (no default
//! size), TP-09 (scoped threads), TP-11 (a documented mistake of the caller's).

use std::collections::{BTreeSet, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use thread_pool::{Error, ThreadPool, as_completed};

/// Far above what any test takes, so that a hang is a failure.
const DEADLINE: Duration = Duration::from_secs(60);

fn before_the_deadline(test: impl FnOnce() + Send + 'static) {
    let (guard, ended) = mpsc::channel::<()>();
    let thread = thread::spawn(move || {
        let _guard = guard;
        test();
    });
    let ended = ended.recv_timeout(DEADLINE).unwrap_err();
    assert_eq!(
        ended,
        mpsc::RecvTimeoutError::Disconnected,
        "the deadline passed"
    );
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

fn name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

/// The second item ends first, because the first one waits for it.
#[test]
fn tp_01_tp_02_map_runs_everything_at_once_and_keeps_the_order() {
    before_the_deadline(|| {
        let (pool, barrier) = (ThreadPool::new(3), Arc::new(Barrier::new(4)));
        let theirs = barrier.clone();
        let results = pool.map(move |n| (theirs.wait(), n).1, [3, 1, 2]);
        // All three are under way, though nobody has asked for a result.
        barrier.wait();
        assert_eq!(results.collect::<Vec<_>>(), [Ok(3), Ok(1), Ok(2)]);
    });
}

#[test]
fn tp_03_a_dropped_map_cancels_what_has_not_started() {
    before_the_deadline(|| {
        let (pool, ran) = (ThreadPool::new(1), Arc::new(AtomicUsize::new(0)));
        let (go, gate) = mpsc::channel::<()>();
        let (started, first) = mpsc::channel();
        let _busy = pool.submit(move || (started.send(()), gate.recv()).1.is_ok());
        first.recv().unwrap();
        let counts = ran.clone();
        drop(pool.map(move |_| counts.fetch_add(1, SeqCst), 0..10));
        go.send(()).unwrap();
        drop(pool);
        assert_eq!(ran.load(SeqCst), 0);
    });
}

#[test]
fn tp_03_tp_08_a_failure_has_its_own_place_among_the_results() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        let inverse = |n: u8| 12_u8.checked_div(n).expect("not zero");
        let results: Vec<_> = pool.map(inverse, [1, 0, 3]).collect();
        let failure = Err(Error::Panicked("not zero".into()));
        assert_eq!(results, [Ok(12), failure, Ok(4)]);
    });
}

#[test]
fn tp_05_an_idle_thread_is_used_again() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(50);
        let join = |_| pool.submit(name).join().unwrap();
        let names: HashSet<_> = (0..100).map(join).collect();
        assert_eq!(names.len(), 1);
    });
}

#[test]
fn tp_05_tp_10_as_many_threads_as_allowed_each_with_its_name() {
    before_the_deadline(|| {
        let (pool, barrier) = (ThreadPool::new(4), Arc::new(Barrier::new(4)));
        let meet = move |_| (barrier.wait(), name()).1;
        let names: BTreeSet<_> = pool.map(meet, 0..400).map(Result::unwrap).collect();
        let expected = (0..4).map(|index| format!("thread-pool-{index}"));
        assert!(names.iter().cloned().eq(expected), "{names:?}");
    });
}

#[test]
#[should_panic(expected = "max_workers must be greater than 0")]
fn tp_07_no_workers_are_refused() {
    ThreadPool::new(0);
}

#[test]
fn tp_08_a_panic_stays_in_its_task() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let before = pool.submit(name).join();
        let boom = pool.submit(|| -> u8 { panic!("boom {}", 1 + 1) });
        assert_eq!(boom.join(), Err(Error::Panicked("boom 2".into())));
        assert_eq!(pool.submit(name).join(), before);
    });
}

#[test]
fn tp_12_results_and_arguments_are_released_at_once() {
    before_the_deadline(|| {
        let (pool, item) = (ThreadPool::new(2), Arc::new(()));
        let mut results = pool.map(|item| item, vec![item.clone(); 10]);
        for left in (0..10).rev() {
            drop(results.next().unwrap().unwrap());
            assert!(Arc::strong_count(&item) <= left + 1);
        }
    });
}

#[test]
fn tp_13_nothing_to_do_ends_at_once() {
    before_the_deadline(|| {
        assert_eq!(ThreadPool::new(1).map(|n: u8| n, []).count(), 0);
    });
}

#[test]
fn tp_14_a_panic_of_the_items_leaves_what_was_submitted_and_the_pool() {
    before_the_deadline(|| {
        let (pool, ran) = (ThreadPool::new(1), Arc::new(AtomicUsize::new(0)));
        let counts = ran.clone();
        let items = (0..5).inspect(|n| assert!(*n < 3, "no such item"));
        let map = || {
            pool.map(move |_| counts.fetch_add(1, SeqCst), items)
                .count()
        };
        assert!(catch_unwind(AssertUnwindSafe(map)).is_err());
        assert_eq!(pool.submit(|| 7).join(), Ok(7));
        assert_eq!(ran.load(SeqCst), 3);
    });
}

#[test]
fn a_drop_finishes_what_was_submitted_also_while_unwinding() {
    before_the_deadline(|| {
        let ran = Arc::new(AtomicUsize::new(0));
        let counts = ran.clone();
        let unwound = catch_unwind(move || {
            let pool = ThreadPool::new(2);
            for _ in 0..100 {
                let counts = counts.clone();
                let _ = pool.submit(move || counts.fetch_add(1, SeqCst));
            }
            panic!("out of here");
        });
        assert!(unwound.is_err());
        assert_eq!(ran.load(SeqCst), 100);
    });
}

#[test]
fn a_handle_waits_is_asked_and_cancels() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (go, gate) = mpsc::channel::<()>();
        let (started, first) = mpsc::channel();
        let busy = pool.submit(move || (started.send(()), gate.recv()).1);
        first.recv().unwrap();
        let queued = pool.submit(|| 1);
        assert!(queued.cancel() && queued.cancel() && queued.is_finished());
        assert_eq!(queued.join(), Err(Error::Cancelled));
        assert!(!busy.cancel() && !busy.is_finished());
        let busy = busy.join_timeout(Duration::from_millis(1)).unwrap_err();
        go.send(()).unwrap();
        assert_eq!(busy.join(), Ok(Ok(())));
    });
}

/// Whoever comes first, the canceller or a thread: never both, never neither.
#[test]
fn a_task_is_either_run_or_cancelled() {
    before_the_deadline(|| {
        let (pool, ran) = (ThreadPool::new(2), Arc::new(AtomicUsize::new(0)));
        let submit = |_| {
            let counts = ran.clone();
            pool.submit(move || _ = counts.fetch_add(1, SeqCst))
        };
        let mut tasks: Vec<_> = (0..1000).map(submit).collect();
        let mut cancelled = 0;
        while let Some(task) = tasks.pop() {
            let said = task.cancel();
            cancelled += usize::from(said);
            let expected = if said { Err(Error::Cancelled) } else { Ok(()) };
            assert_eq!(task.join(), expected);
        }
        assert_eq!(ran.load(SeqCst) + cancelled, 1000);
    });
}

#[test]
fn many_threads_may_submit_at_once() {
    before_the_deadline(|| {
        let (pool, names) = (ThreadPool::new(3), Mutex::new(HashSet::new()));
        let caller = || {
            let task = |n| pool.submit(move || (n, name()));
            let tasks: Vec<_> = (0..250).map(task).collect();
            for (n, task) in tasks.into_iter().enumerate() {
                let (number, name) = task.join().unwrap();
                assert_eq!(number, n);
                names.lock().unwrap().insert(name);
            }
        };
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(caller);
            }
        });
        let names = names.into_inner().unwrap();
        assert!(names.len() <= 3, "{names:?}");
    });
}

#[test]
fn as_completed_gives_those_first_that_end_first() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(2);
        let (go, gate) = mpsc::channel();
        let slow = pool.submit(move || gate.recv().unwrap());
        let mut ended = as_completed([slow, pool.submit(|| 2)]);
        assert_eq!(ended.next(), Some((1, Ok(2))));
        go.send(1).unwrap();
        assert_eq!(ended.next(), Some((0, Ok(1))));
        assert_eq!(ended.next(), None);
    });
}

#[test]
fn as_completed_gives_panicked_and_cancelled_tasks_too() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (go, gate) = mpsc::channel::<()>();
        let (started, first) = mpsc::channel();
        let boom = pool.submit(move || -> u8 {
            started.send(()).unwrap();
            gate.recv().unwrap();
            panic!("boom")
        });
        first.recv().unwrap();
        let (before, after) = (pool.submit(|| 1), pool.submit(|| 2));
        before.cancel(); // One has its result before anybody asks, one after that.
        let mut ended = as_completed([boom, before, after, pool.submit(|| 3)]);
        assert_eq!(ended.next(), Some((1, Err(Error::Cancelled))));
        go.send(()).unwrap();
        assert_eq!(ended.next(), Some((0, Err(Error::Panicked("boom".into())))));
        assert_eq!(ended.next(), Some((2, Ok(2))));
        drop(ended); // Cancels nothing, nor does it harm the task that wants to tell.
        assert_eq!(pool.submit(|| 4).join(), Ok(4));
    });
}

#[test]
fn join_timeout_gives_the_handle_back_until_there_is_a_result() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (go, gate) = mpsc::channel();
        let mut task = pool.submit(move || gate.recv().unwrap());
        for _ in 0..3 {
            task = task.join_timeout(Duration::ZERO).unwrap_err();
        }
        go.send(1).unwrap();
        assert!(matches!(task.join_timeout(Duration::MAX), Ok(Ok(1))));

        let boom = pool.submit(|| -> u8 { panic!("boom") });
        while !boom.is_finished() {
            thread::yield_now();
        }
        let boom = boom.join_timeout(Duration::ZERO).ok().unwrap();
        assert_eq!(boom, Err(Error::Panicked("boom".into())));
    });
}

/// Who waits in vain leaves nothing behind that the next one to ask would trip over.
#[test]
fn after_a_timeout_as_completed_still_hears_of_the_task() {
    before_the_deadline(|| {
        let pool = ThreadPool::new(1);
        let (go, gate) = mpsc::channel();
        let task = pool.submit(move || gate.recv().unwrap());
        let task = task.join_timeout(Duration::ZERO).unwrap_err();
        let mut ended = as_completed([task]);
        go.send(1).unwrap();
        assert_eq!(ended.next(), Some((0, Ok(1))));
        assert_eq!(ended.next(), None);
    });
}

/// Runs in a process of its own, which has room for a few threads only.
#[test]
#[cfg(target_os = "linux")]
fn without_a_thread_a_task_says_so_and_the_pool_goes_on() {
    if std::env::var_os("LITTLE_ROOM").is_none() {
        let room = r#"ulimit -v 1500000 && exec "$0" "$@""#;
        let output = std::process::Command::new("sh")
            .args(["-c", room])
            .arg(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "without_a_thread_a_task_says_so_and_the_pool_goes_on",
            ])
            .env("LITTLE_ROOM", "")
            .env("RUST_MIN_STACK", "256000000")
            .env("MALLOC_ARENA_MAX", "1") // An arena is room too.
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("1 passed"), "{said}");
        return;
    }
    before_the_deadline(|| {
        /// What a task owns may use the pool when it is dropped.
        struct Farewell(Arc<ThreadPool>);
        impl Drop for Farewell {
            fn drop(&mut self) {
                let _ = self.0.submit(|| ());
            }
        }

        let pool = Arc::new(ThreadPool::new(2));
        let start = |_| {
            let (go, gate) = mpsc::channel::<()>();
            let thread = thread::Builder::new().spawn(move || gate.recv());
            Some((go, thread.ok()?))
        };
        let end = |(go, thread): (mpsc::Sender<()>, thread::JoinHandle<_>)| {
            drop(go);
            let _ = thread.join().unwrap();
        };
        let mut others: Vec<_> = (0..).map_while(start).collect();

        let farewell = Farewell(pool.clone());
        let refused = pool.submit(move || drop(farewell)).join();
        assert!(matches!(refused, Err(Error::NoThread(_))), "{refused:?}");
        assert_eq!(Arc::strong_count(&pool), 1);

        // Room for one thread: it does the work of that which cannot be started, too.
        others.pop().map(end).expect("another thread");
        let (go, gate) = mpsc::channel::<()>();
        let (started, first) = mpsc::channel();
        let busy = pool.submit(move || (started.send(()), gate.recv(), name()).2);
        first.recv().unwrap();
        let queued = pool.submit(name);
        go.send(()).unwrap();
        assert_eq!(busy.join(), queued.join());

        // Room for all: now there are two.
        others.into_iter().for_each(end);
        let barrier = Arc::new(Barrier::new(2));
        let met = pool.map(move |_| barrier.wait(), 0..2);
        assert_eq!(met.filter(Result::is_ok).count(), 2);
    });
}

#[test]
fn a_task_may_own_the_pool() {
    before_the_deadline(|| {
        let pool = Arc::new(ThreadPool::new(1));
        let (theirs, (go, gate)) = (pool.clone(), mpsc::channel::<()>());
        let owner = pool.submit(move || (gate.recv(), drop(theirs)).0);
        let last = pool.submit(|| 2);
        drop(pool);
        go.send(()).unwrap();
        assert_eq!((owner.join(), last.join()), (Ok(Ok(())), Ok(2)));
    });
}
