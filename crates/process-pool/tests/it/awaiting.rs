//! Handles as futures, maps with a bound or a deadline, configured commands, and the
//! contents of errors.

use std::error::Error as _;
use std::num::NonZeroUsize;
#[cfg(target_os = "linux")]
use std::os::unix::process::CommandExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use process_pool::{Error, Handle, ProcessPool, StartError};

use crate::common::*;

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Polls a task once.
fn look<O: serde::de::DeserializeOwned>(
    handle: &mut Handle<O>,
    waker: &Waker,
) -> Poll<Result<O, Error>> {
    std::pin::Pin::new(handle).poll(&mut Context::from_waker(waker))
}

#[test]
fn a_handle_is_a_future_that_wakes_its_last_waker_once() {
    race(|| {
        let (pool, gate) = (pool(1), Gate::new());
        let mut handle = pool.submit(pass, gate.ticket());
        let (first, last) = (Arc::<Woken>::default(), Arc::<Woken>::default());
        for woken in [&first, &first, &last] {
            assert!(look(&mut handle, &Waker::from(Arc::clone(woken))).is_pending());
        }
        gate.open();
        eventually("the wake-up", || last.0.load(Ordering::SeqCst) == 1);
        assert_eq!(first.0.load(Ordering::SeqCst), 0);
        match look(&mut handle, Waker::noop()) {
            Poll::Ready(Ok(100)) => {}
            other => panic!("{other:?}"),
        }
        drop(pool);
        assert_eq!(last.0.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn tokio_awaits_handles() {
    race(|| {
        let pool = pool(2);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..20).map(|n| pool.submit(square, n)).collect();
            for (n, task) in (0..).zip(tasks) {
                assert_eq!(task.await.unwrap(), square(n));
            }
            let death = pool.submit(quit, 3).await;
            assert!(matches!(death, Err(Error::Died { .. })));
            let cancelled = {
                let gate = Gate::new();
                let busy = [(); 2].map(|()| pool.submit(pass, gate.ticket()));
                let queued = pool.submit(square, 1);
                assert!(queued.cancel());
                gate.open();
                for task in busy {
                    assert_eq!(task.await.unwrap(), 100);
                }
                queued.await
            };
            assert!(matches!(cancelled, Err(Error::Cancelled)));
        });
    });
}

#[test]
fn dropping_what_awaits_a_handle_leaves_the_task_alone() {
    race(|| {
        let (pool, gate, folder) = (pool(1), Gate::new(), Folder::new());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let first = pool.submit(pass, gate.ticket());
        let last = pool.submit(leave_a_mark, (folder.join("mark"), 0));
        let early = runtime.block_on(async {
            tokio::time::timeout(Duration::from_millis(20), last).await
        });
        assert!(early.is_err());
        gate.open();
        assert_eq!(first.join().unwrap(), 100);
        drop(pool);
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1);
    });
}

#[test]
fn a_bounded_map_draws_no_more_than_its_buffer() {
    race(|| {
        let pool = pool(2);
        for (chunk, buffer) in [(1, 1), (1, 7), (3, 7), (7, 7), (100, 7)] {
            let drawn = Arc::new(AtomicUsize::new(0));
            let items = (0..).inspect({
                let drawn = Arc::clone(&drawn);
                move |_| {
                    drawn.fetch_add(1, Ordering::SeqCst);
                }
            });
            let options = pool.options().chunk_size(count(chunk));
            let mut results = options.map_bounded(square, items, count(buffer));
            let ahead = |taken| drawn.load(Ordering::SeqCst) - taken;
            // The workers get work before the first result is taken.
            assert!((1..=buffer).contains(&ahead(0)));
            for n in 0..50 {
                assert_eq!(results.next().unwrap().unwrap(), square(n));
                let n = n as usize;
                assert!(ahead(n) <= buffer, "{} ahead of {n}", ahead(n));
            }
        }
    });
}

#[test]
fn a_bounded_map_gives_the_same_as_any_other() {
    deadline(|| {
        let pool = pool(2);
        let expected: Vec<_> = (0..100).map(square).collect();
        for (chunk, buffer) in [(1, 1), (1, 10), (7, 10), (10, 10), (200, 1000)] {
            let options = pool.options().chunk_size(count(chunk));
            let results = options.map_bounded(square, 0..100, count(buffer));
            let results: Result<Vec<_>, _> = results.collect();
            assert_eq!(results.unwrap(), expected);
        }
        let mut none = pool.options().map_bounded(square, [], count(3));
        assert!(none.next().is_none());
        assert!(none.next().is_none());
        // The error of an item that cannot be sent stands in its place here, too.
        let traps = [Act::Nothing, Act::Refuse, Act::Nothing].map(|encode| Trap {
            encode,
            decode: Act::Nothing,
        });
        let results: Vec<_> = pool.options().map_bounded(take, traps, count(2)).collect();
        assert!(matches!(results[..], [Ok(1), Err(_), Ok(1)]), "{results:?}");
    });
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "a_bounded_map_needs_no_memory runs it, in a process of its own"]
fn bounded_map() {
    let items: u64 = std::env::var("POOL_ITEMS").unwrap().parse().unwrap();
    let memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.unwrap().trim().trim_end_matches(" kB");
        peak.parse::<u64>().unwrap()
    };
    let pool = pool(2);
    let options = pool.options().chunk_size(count(100));
    let results = options.map_bounded(square, 0..items, count(1000));
    let last = results.map(Result::unwrap).last();
    assert_eq!(last, Some(square(items - 1)));
    println!("peak {} kB", memory());
    assert!(memory() < 20_000, "{} kB", memory());
}

#[cfg(target_os = "linux")]
#[test]
fn a_bounded_map_needs_no_memory() {
    deadline(|| {
        let items = std::env::var("POOL_ITEMS").unwrap_or("200000".to_owned());
        let output = std::process::Command::new("/proc/self/exe")
            .env("POOL_ITEMS", items)
            .args([
                "--exact",
                "awaiting::bounded_map",
                "--ignored",
                "--nocapture",
            ])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("peak "));
    });
}

#[test]
fn a_map_has_one_deadline() {
    race(|| {
        let pool = pool(1);
        let (open, shut) = (Gate::new(), Gate::new());
        open.open();
        let tickets = || {
            let mut tickets = vec![shut.ticket(); 5];
            tickets[0] = open.ticket();
            tickets
        };
        let mut results = pool
            .map(pass, tickets())
            .timeout(Duration::from_millis(100));
        // This test must not fail because a worker starts slowly.
        let first = results.next().unwrap();
        if first.is_ok() {
            let late = results.next().unwrap().unwrap_err();
            assert_eq!((late.unfinished, late.of), (4, 5));
        }
        assert!(results.next().is_none(), "it ends with the failure");
        // The tasks that had not started were cancelled. Those that have started go on.
        shut.open();
        let arrivals = shut.arrivals();
        drop(results);
        assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
        assert!(arrivals <= 1);
        assert!(shut.arrivals() <= 1);

        // With a bound, and with the longest possible limit.
        let results = pool.map(square, 0..10).timeout(Duration::MAX);
        assert!(results.eq((0..10).map(|n| Ok(square(n))).map(Wrap)));
        let results = pool.options().map_bounded(square, 0.., count(4));
        let results = results.timeout(Duration::from_secs(60)).take(10);
        assert!(results.eq((0..10).map(|n| Ok(square(n))).map(Wrap)));
    });
}

/// Can be compared with the items of a map with a limit.
struct Wrap(Result<u64, ()>);

impl PartialEq<Wrap> for Result<Result<u64, Error>, process_pool::TimedOut> {
    fn eq(&self, other: &Wrap) -> bool {
        matches!((self, &other.0), (Ok(Ok(a)), Ok(b)) if a == b)
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_may_be_configured() {
    race(|| {
        let folder = Folder::new();
        let place = folder.join("");
        let pool = builder()
            .max_workers(1)
            .configure_command(move |command| {
                command
                    .env("POOL_TEST_VARIABLE", "seen")
                    .current_dir(&place)
                    .process_group(0);
            })
            .build()
            .unwrap();
        let (variable, place, leads) = pool.submit(surroundings, ()).join().unwrap();
        assert_eq!(variable, "seen");
        assert_eq!(
            std::path::Path::new(&place),
            folder.0.canonicalize().unwrap()
        );
        assert!(leads, "it is in a process group of its own");
    });
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "workers_in_their_own_group_survive_an_interrupt runs it, in a group of its own"]
fn interrupted_program() {
    // Children inherit that a signal is ignored, but not its handler.
    let interrupted = Arc::<std::sync::atomic::AtomicBool>::default();
    signal_hook::flag::register(2, Arc::clone(&interrupted)).unwrap();
    let pool = builder()
        .max_workers(1)
        .configure_command(|command| {
            command.process_group(0);
        })
        .build()
        .unwrap();
    let gate = Gate::new();
    let task = pool.submit(pass, gate.ticket());
    eventually("its start", || gate.arrivals() == 1);
    std::fs::write(std::env::var("PLACE").unwrap(), "").unwrap();
    eventually("the interrupt", || interrupted.load(Ordering::SeqCst));
    gate.open();
    assert_eq!(task.join().unwrap(), 100);
}

#[cfg(target_os = "linux")]
#[test]
fn workers_in_their_own_group_survive_an_interrupt() {
    race(|| {
        let folder = Folder::new();
        let ready = folder.join("ready");
        let mut program = this_program()
            .args(["--exact", "awaiting::interrupted_program", "--ignored"])
            .env("PLACE", &ready)
            .stdout(std::process::Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        eventually("a busy worker", || std::fs::exists(&ready).unwrap());
        // To every process in the program's group, as the terminal sends it.
        let group = rustix::process::Pid::from_child(&program);
        rustix::process::kill_process_group(group, rustix::process::Signal::INT).unwrap();
        assert!(program.wait().unwrap().success());
    });
}

#[test]
fn a_configuration_that_panics_is_a_failed_start() {
    deadline(|| {
        let builder = builder().configure_command(|_| panic!("no command"));
        let pool = builder.build().unwrap();
        let error = pool.submit(square, 1).join().unwrap_err();
        assert!(
            matches!(error, Error::Broken(StartError::Spawn(_))),
            "{error}"
        );
    });
}

#[test]
fn errors_have_their_sources() {
    deadline(|| {
        let pool = ProcessPool::builder()
            .worker_command(|| std::process::Command::new("/nowhere/at-all"))
            .build()
            .unwrap();
        let error = pool.submit(square, 1).join().unwrap_err();
        let reason = error.source().unwrap();
        assert!(reason.is::<StartError>());
        let reason = reason.source().unwrap();
        // It is in an `Arc`, so that errors can be cloned.
        let reason = reason.downcast_ref::<Arc<std::io::Error>>();
        assert_eq!(reason.unwrap().kind(), std::io::ErrorKind::NotFound);
    });
}

#[test]
fn a_panic_has_its_backtrace_when_asked_for() {
    deadline(|| {
        for (setting, expected) in [("0", false), ("1", true)] {
            let pool = builder()
                .configure_command(move |command| {
                    command.env("RUST_BACKTRACE", setting);
                })
                .build()
                .unwrap();
            let error = pool.submit(panic_with, "text".to_owned()).join();
            match error {
                Err(Error::Panicked {
                    backtrace, message, ..
                }) => {
                    assert_eq!(message, "text");
                    assert_eq!(backtrace.is_some(), expected);
                    let named = backtrace.is_some_and(|text| text.contains("panic_with"));
                    assert_eq!(named, expected);
                }
                other => panic!("{other:?}"),
            }
        }
    });
}
