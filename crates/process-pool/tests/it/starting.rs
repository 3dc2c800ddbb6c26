//! Failed starts and their timeouts: a temporary shortage costs only time, and workers
//! that run are not affected.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use process_pool::Transport;
use process_pool::{Builder, Error};
#[cfg(target_os = "linux")]
use rustix::process::Signal;

use crate::common::*;

/// A way in which a start fails.
#[derive(Clone, Copy, Debug)]
enum Failure {
    /// There is no such program.
    NotFound,
    /// It ends before it sends anything.
    ExitsAtOnce,
    /// It is killed before it sends anything.
    #[cfg(unix)]
    Killed,
}

const FAILURES: &[Failure] = &[
    Failure::NotFound,
    Failure::ExitsAtOnce,
    #[cfg(unix)]
    Failure::Killed,
];

impl Failure {
    fn command(self) -> Command {
        match self {
            Failure::NotFound => Command::new("/nowhere/at-all"),
            Failure::ExitsAtOnce => {
                let mut command = this_program();
                command
                    .args(["--exact", "no-such-test"])
                    .stdout(Stdio::null());
                command
            }
            #[cfg(unix)]
            Failure::Killed => {
                let mut command = Command::new("sh");
                command.args(["-c", "kill -9 $$"]);
                command
            }
        }
    }
}

/// A pool whose starts fail while the switch is on, the switch, and the number of starts.
fn with_shortages(failure: Failure) -> (Builder, Arc<AtomicBool>, Arc<AtomicU32>) {
    let (short, starts) = (Arc::<AtomicBool>::default(), Arc::<AtomicU32>::default());
    let (is_short, count) = (Arc::clone(&short), Arc::clone(&starts));
    let builder = builder().worker_command(move || {
        count.fetch_add(1, Ordering::Relaxed);
        if is_short.load(Ordering::Relaxed) {
            failure.command()
        } else {
            worker_program()
        }
    });
    (builder, short, starts)
}

#[test]
fn an_endless_start_timeout_is_none() {
    promptly(|| {
        for limit in [Duration::MAX, Duration::from_secs(u64::MAX / 2)] {
            let pool = builder().start_timeout(limit).build().unwrap();
            assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
            drop(pool);
        }
    });
}

#[test]
fn a_start_timeout_of_nothing_is_refused() {
    promptly(|| {
        let error = builder().start_timeout(Duration::ZERO).build().unwrap_err();
        let text = error.to_string();
        assert!(text.contains("start_timeout"), "{text}");
    });
}

#[cfg(unix)]
#[test]
fn a_start_that_takes_too_long_is_tried_again() {
    race(|| {
        promptly(|| {
            let starts = AtomicU32::new(0);
            let pool = builder()
                .max_workers(1)
                // Long enough for the second start, also on a busy machine.
                .start_timeout(Duration::from_secs(2))
                .worker_command(move || match starts.fetch_add(1, Ordering::Relaxed) {
                    0 => {
                        let mut command = Command::new("sh");
                        command.args(["-c", "exec sleep 60"]);
                        command
                    }
                    _ => worker_program(),
                })
                .build()
                .unwrap();
            assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
            assert_eq!(pool.metrics().deaths, 0, "the pool itself has ended it");
        });
    });
}

#[test]
fn a_failed_start_is_tried_again() {
    race(|| {
        promptly(|| {
            for &failure in FAILURES {
                let starts = AtomicU32::new(0);
                let pool = builder()
                    .max_workers(1)
                    .worker_command(move || {
                        match starts.fetch_add(1, Ordering::Relaxed) {
                            0 => failure.command(),
                            _ => worker_program(),
                        }
                    })
                    .build()
                    .unwrap();
                let results: Vec<_> = pool.map(square, 0..3).collect();
                let right = matches!(results[..], [Ok(0), Ok(1), Ok(4)]);
                assert!(right, "{failure:?}: {results:?}");
            }
        });
    });
}

#[test]
fn starts_that_always_fail_break_the_pool_after_a_few() {
    race(|| {
        promptly(|| {
            for &failure in FAILURES {
                let (builder, short, starts) = with_shortages(failure);
                short.store(true, Ordering::Relaxed);
                let pool = builder.max_workers(4).build().unwrap();
                let results: Vec<_> = pool.map(square, 0..50).collect();
                let broken = |result| matches!(result, &Err(Error::Broken(_)));
                assert!(results.iter().all(broken), "{failure:?}: {results:?}");
                assert!(matches!(
                    pool.submit(square, 1).join(),
                    Err(Error::Broken(_))
                ));
                drop(pool);
                let starts = starts.load(Ordering::Relaxed);
                assert!(starts <= 40, "{failure:?}: {starts} starts");
            }
        });
    });
}

#[test]
fn a_passing_shortage_harms_nobody() {
    race(|| {
        promptly(|| {
            for &failure in FAILURES {
                let (builder, short, starts) = with_shortages(failure);
                let pool = builder.max_workers(3).build().unwrap();
                let gate = Gate::new();
                let busy = pool.submit(pass, gate.ticket());
                eventually("its start", || gate.arrivals() == 1);
                short.store(true, Ordering::Relaxed);
                let waiting: Vec<_> = (0..5).map(|n| pool.submit(square, n)).collect();
                eventually("a failed start", || starts.load(Ordering::Relaxed) > 1);
                std::thread::sleep(Duration::from_millis(50));
                assert!(!busy.is_finished(), "{failure:?}: {:?}", busy.join());
                short.store(false, Ordering::Relaxed);
                gate.open();
                assert_eq!(busy.join().unwrap(), 100, "{failure:?}");
                for (n, task) in (0..).zip(waiting) {
                    assert_eq!(task.join().unwrap(), square(n), "{failure:?}");
                }
                // The pool grows again, at the latest when a worker ends after the last
                // failed start. Some failed starts may still be under way.
                let grows = || {
                    assert!(pool.submit(quit, 1).join().is_err());
                    let gate = Gate::new();
                    let tasks = [(); 3].map(|()| pool.submit(pass, gate.ticket()));
                    let start = Instant::now();
                    while gate.arrivals() < 3 && start.elapsed() < Duration::from_secs(4)
                    {
                        std::thread::sleep(Duration::from_millis(2));
                    }
                    let arrivals = gate.arrivals();
                    gate.open();
                    assert!(tasks.into_iter().all(|task| task.join().is_ok()));
                    arrivals == 3
                };
                assert!((0..3).any(|_| grows()), "{failure:?}");
            }
        });
    });
}

#[cfg(target_os = "linux")]
#[test]
fn failures_of_the_past_break_nothing() {
    race(|| {
        promptly(|| {
            for &failure in FAILURES {
                let (builder, short, starts) = with_shortages(failure);
                let started = Arc::<Started>::default();
                let pool = builder
                    .max_workers(5)
                    .on_worker_start(started.hook())
                    .build()
                    .unwrap();
                let gate = Gate::new();
                let busy = [(); 5].map(|()| pool.submit(pass, gate.ticket()));
                eventually("their start", || gate.arrivals() == 5);
                let queued: Vec<_> = (0..5).map(|n| pool.submit(square, n)).collect();
                short.store(true, Ordering::Relaxed);
                let (last, others) = started.pids().split_last().map_or_else(
                    || panic!("no workers"),
                    |(last, others)| (*last, others.to_vec()),
                );
                for worker in others {
                    let before = starts.load(Ordering::Relaxed);
                    kill(worker, Signal::KILL);
                    eventually("a failed start", || {
                        starts.load(Ordering::Relaxed) > before
                    });
                }
                // Wait for the failed starts that are still under way.
                let stress = std::env::var("POOL_STRESS").is_ok();
                let settled = if stress { 1000 } else { 50 };
                std::thread::sleep(Duration::from_millis(settled));
                // Now a start would succeed. Then the last worker ends.
                short.store(false, Ordering::Relaxed);
                kill(last, Signal::KILL);
                for task in busy {
                    let error = task.join().unwrap_err();
                    let died = matches!(error, Error::Died { .. });
                    assert!(died, "{failure:?}: {error}");
                }
                for (n, task) in (0..).zip(queued) {
                    let result = task.join();
                    assert!(result.is_ok(), "{failure:?}: {result:?}");
                    assert_eq!(result.unwrap(), square(n));
                }
            }
        });
    });
}

#[test]
fn a_shortage_ends_by_itself() {
    race(|| {
        promptly(|| {
            for &failure in FAILURES {
                let (builder, short, starts) = with_shortages(failure);
                let pool = builder.max_workers(3).build().unwrap();
                let gate = Gate::new();
                let busy = pool.submit(pass, gate.ticket());
                eventually("its start", || gate.arrivals() == 1);
                short.store(true, Ordering::Relaxed);
                let waiting: Vec<_> = (0..5).map(|n| pool.submit(square, n)).collect();
                eventually("failed starts", || starts.load(Ordering::Relaxed) > 3);
                short.store(false, Ordering::Relaxed);
                // No other worker ends, and no task is submitted.
                for (n, task) in (0..).zip(waiting) {
                    assert_eq!(task.join().unwrap(), square(n), "{failure:?}");
                }
                assert!(!busy.is_finished(), "{failure:?}");
                gate.open();
                assert_eq!(busy.join().unwrap(), 100, "{failure:?}");
            }
        });
    });
}

#[test]
fn a_pool_ends_at_once_whose_starts_rest() {
    race(|| {
        promptly(|| {
            let (builder, short, starts) = with_shortages(Failure::NotFound);
            let pool = builder.max_workers(2).build().unwrap();
            let gate = Gate::new();
            let busy = pool.submit(pass, gate.ticket());
            eventually("its start", || gate.arrivals() == 1);
            short.store(true, Ordering::Relaxed);
            let waiting = pool.submit(square, 3);
            eventually("failed starts", || starts.load(Ordering::Relaxed) > 4);
            pool.shutdown(process_pool::Shutdown::Kill);
            assert!(matches!(waiting.join(), Err(Error::Cancelled)));
            assert!(matches!(busy.join(), Err(Error::Died { .. })));
        });
    });
}

#[test]
fn a_lasting_shortage_leaves_the_work_to_those_there_are() {
    race(|| {
        promptly(|| {
            for &failure in FAILURES {
                let (builder, short, starts) = with_shortages(failure);
                let pool = builder.max_workers(4).build().unwrap();
                let gate = Gate::new();
                let busy = pool.submit(pass, gate.ticket());
                eventually("its start", || gate.arrivals() == 1);
                short.store(true, Ordering::Relaxed);
                let waiting: Vec<_> = (0..100).map(|n| pool.submit(square, n)).collect();
                gate.open();
                assert_eq!(busy.join().unwrap(), 100, "{failure:?}");
                for (n, task) in (0..).zip(waiting) {
                    assert_eq!(task.join().unwrap(), square(n), "{failure:?}");
                }
                // The pool tried again after a change or a pause, not all the time.
                let starts = starts.load(Ordering::Relaxed);
                assert!(starts <= 200, "{failure:?}: {starts} starts");
            }
        });
    });
}

#[cfg(target_os = "linux")]
#[test]
fn few_descriptors_are_enough_for_fewer_workers() {
    promptly(|| {
        for (transport, limit) in [("socketpair", 16), ("tcp", 20)] {
            let program = crate::program::probe();
            let program = program.get_program().to_str().unwrap();
            let output = Command::new("bash")
                .args(["-c", &format!("ulimit -n {limit}; exec \"$@\""), "bash"])
                .args([program, "--transport", transport, "--workers", "30"])
                .arg("60*sleep:30")
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            let results = text.lines().filter(|line| line.starts_with("result "));
            assert_eq!(results.count(), 60, "{transport}: {text}");
            assert!(output.status.success());
        }
    });
}

#[test]
fn a_death_in_the_initializer_is_told_as_such() {
    promptly(|| {
        for act in [Act::Abort, Act::Exit, Act::KillSelf] {
            let pool = builder().initializer(perform, act).build().unwrap();
            let error = pool.submit(square, 1).join().unwrap_err();
            assert!(matches!(error, Error::Broken(_)), "{error}");
            let text = error.to_string();
            assert!(text.contains("initializer"), "{act:?}: {text}");
        }
        // A death before the initializer is no failure of the initializer.
        for &failure in &FAILURES[1..] {
            let pool = builder()
                .initializer(perform, Act::Nothing)
                .worker_command(move || failure.command())
                .build()
                .unwrap();
            let error = pool.submit(square, 1).join().unwrap_err();
            let text = error.to_string();
            assert!(!text.contains("initializer"), "{failure:?}: {text}");
        }
    });
}

#[test]
fn a_death_in_the_initializer_is_not_tried_again() {
    promptly(|| {
        let (builder, _, starts) = with_shortages(Failure::NotFound);
        let pool = builder
            .max_workers(1)
            .initializer(perform, Act::KillSelf)
            .build()
            .unwrap();
        assert!(pool.submit(square, 1).join().is_err());
        drop(pool);
        assert_eq!(starts.load(Ordering::Relaxed), 1);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_waits_for_a_worker_that_does_not_come() {
    promptly(|| {
        for transport in [Transport::SocketPair, Transport::Tcp] {
            for kill_it in [true, false] {
                // The first worker does not answer. A second one would break the pool.
                let folder = Folder::new();
                let arrival = folder.join("arrived");
                let starts = AtomicU32::new(0);
                let mark = arrival.clone();
                let pool = builder()
                    .transport(transport)
                    .max_workers(2)
                    .start_timeout(Duration::from_secs(600))
                    .initializer(refuse, "no".to_owned())
                    .worker_command(move || {
                        if starts.fetch_add(1, Ordering::Relaxed) > 0 {
                            return worker_program();
                        }
                        let mut command = Command::new("sh");
                        command
                            .args(["-c", "touch \"$0\"; exec sleep 600"])
                            .arg(&mark);
                        command
                    })
                    .build()
                    .unwrap();
                let first = pool.submit(square, 1);
                eventually("its start", || std::fs::exists(&arrival).unwrap());
                if kill_it {
                    pool.shutdown(process_pool::Shutdown::Kill);
                    assert!(matches!(first.join(), Err(Error::Cancelled)));
                } else {
                    let second = pool.submit(square, 2);
                    assert!(matches!(second.join(), Err(Error::Broken(_))));
                    assert!(matches!(first.join(), Err(Error::Broken(_))));
                    drop(pool);
                }
            }
        }
    });
}

/// Several workers are started at the same time, and one shortage may fail them all.
#[test]
fn a_shortage_that_fails_several_starts_is_one_failure() {
    race(|| {
        promptly(|| {
            for &failure in FAILURES {
                let starts = AtomicU32::new(0);
                let all_four = Barrier::new(4);
                let pool = builder()
                    .max_workers(4)
                    .worker_command(move || {
                        match starts.fetch_add(1, Ordering::Relaxed) {
                            0..4 => {
                                all_four.wait();
                                failure.command()
                            }
                            _ => worker_program(),
                        }
                    })
                    .build()
                    .unwrap();
                let results: Vec<_> = pool.map(square, 0..4).collect();
                let right = results.iter().all(Result::is_ok);
                assert!(right, "{failure:?}: {results:?}");
            }
        });
    });
}

#[test]
fn failures_without_work_are_forgotten() {
    race(|| {
        promptly(|| {
            let (builder, short, starts) = with_shortages(Failure::NotFound);
            let pool = builder.max_workers(1).build().unwrap();
            for round in 1..=5 {
                short.store(true, Ordering::Relaxed);
                let task = pool.submit(square, 1);
                eventually("its start", || starts.load(Ordering::Relaxed) >= round);
                // The task is cancelled before the second attempt, or after it.
                task.cancel();
                eventually("an end", || pool.metrics().workers == 0);
                starts.store(round, Ordering::Relaxed);
            }
            short.store(false, Ordering::Relaxed);
            assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
        });
    });
}
