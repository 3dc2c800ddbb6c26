//! Workers that die: rows CR.

use std::sync::Arc;
use std::time::{Duration, Instant};

use process_pool::{Death, Error, Handle, StartError};
use rustix::process::Signal;

use crate::common::*;

/// The worker that died with a task, and how it died.
#[track_caller]
fn death<O: serde::de::DeserializeOwned + std::fmt::Debug>(
    task: Handle<O>,
) -> (u32, Death) {
    match task.join() {
        Err(Error::Died { worker, how }) => (worker, how),
        other => panic!("no death: {other:?}"),
    }
}

#[test]
fn a_death_fails_exactly_its_task_and_the_pool_goes_on() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(2));
        let other = pool.submit(nap, 100);
        let victim = pool.submit(quit, 3);
        let queued: Vec<_> = (0..20).map(|n| pool.submit(square, n)).collect();
        let (worker, how) = death(victim);
        assert_eq!(how, Death::Exit(3));
        assert!(started.pids().contains(&worker));
        assert_eq!(other.join().unwrap(), 100);
        for (n, handle) in (0..).zip(queued) {
            assert_eq!(handle.join().unwrap(), square(n));
        }
        assert!(!exists(worker), "a dead worker was not reaped");
        assert_eq!(pool.submit(square, 5).join().unwrap(), 25);
    });
}

#[test]
fn an_exit_with_code_0_is_a_death() {
    deadline(|| {
        let (_, how) = death(pool(1).submit(quit, 0));
        assert_eq!(how, Death::Exit(0));
        assert_eq!(how.to_string(), "exited with code 0");
    });
}

#[test]
fn the_error_names_the_signal() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(1));
        for (signal, name) in [
            (Signal::KILL, "signal 9 (SIGKILL)"),
            (Signal::TERM, "signal 15 (SIGTERM)"),
            (Signal::SEGV, "signal 11 (SIGSEGV)"),
        ] {
            let task = pool.submit(nap, 60_000);
            eventually("the task's start", || {
                !format!("{task:?}").contains("queued")
            });
            // More than once: a worker that had not read the task is replaced, and std's
            // handler for SIGSEGV, which detects stack overflows, ends the process only
            // at the second signal.
            while !task.is_finished() {
                kill(*started.pids().last().unwrap(), signal);
                std::thread::sleep(Duration::from_millis(5));
            }
            let worker = started.pids().pop().unwrap();
            let error = task.join().unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
            assert!(error.to_string().contains(&worker.to_string()), "{error}");
        }
    });
}

#[test]
fn a_crash_at_any_stage_of_a_task_is_the_same() {
    race(|| {
        let pool = pool(1);
        for (act, how) in [
            (Act::Abort, Death::Signal(6)),
            (Act::Exit, Death::Exit(0)),
            (Act::KillSelf, Death::Signal(9)),
        ] {
            let trap = Trap {
                encode: Act::Nothing,
                decode: act,
            };
            assert_eq!(death(pool.submit(take, trap)).1, how);
            assert_eq!(death(pool.submit(make, (act, Act::Nothing))).1, how);
            assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
        }
    });
}

#[test]
fn a_crash_while_a_big_task_is_written_is_no_deadlock() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(1));
        pool.submit(square, 1).join().unwrap();
        let worker = started.pids()[0];
        // The stopped worker does not read, so the write blocks half-way.
        stop(worker);
        let task = pool.submit(echo, "7".repeat(5_000_000));
        let after = pool.submit(square, 2);
        eventually("the task's start", || {
            !format!("{task:?}").contains("queued")
        });
        std::thread::sleep(Duration::from_millis(20));
        kill(worker, Signal::KILL);
        assert_eq!(death(task), (worker, Death::Signal(9)));
        assert_eq!(after.join().unwrap(), 4);
    });
}

#[test]
fn an_idle_workers_death_is_noticed_and_costs_no_task() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(2));
        for _ in 0..5 {
            assert_eq!(pool.submit(square, 4).join().unwrap(), 16);
            let worker = *started.pids().last().unwrap();
            kill(worker, Signal::KILL);
            // It is reaped although the pool is not used.
            eventually("the idle worker reaped", || !exists(worker));
        }
    });
}

#[test]
fn a_task_for_a_worker_that_dies_just_then_is_run_or_named() {
    race(|| {
        let pool = pool(2);
        let mut died = 0;
        for ms in (0..20).map(|n| n % 4) {
            // A worker may read a task at the moment it dies. Otherwise another worker
            // gets the task.
            let doomed = pool.submit(die_soon, ms);
            for _ in 0..10 {
                match pool.submit(nap, 1).join() {
                    Ok(1) => {}
                    Err(Error::Died { .. }) => died += 1,
                    other => panic!("{other:?}"),
                }
            }
            // The worker may die before it has answered.
            assert!(matches!(doomed.join(), Ok(_) | Err(Error::Died { .. })));
        }
        assert!(died <= 20, "one death failed several tasks");
        assert_eq!(pool.submit(square, 5).join().unwrap(), 25);
    });
}

#[test]
fn many_deaths_at_once_are_each_their_own() {
    race(|| {
        for workers in [1, 2, 5, 13] {
            let pool = pool(workers);
            let tasks: Vec<_> = (0..2 * workers).map(|_| pool.submit(quit, 5)).collect();
            let survivors: Vec<_> = (0..5).map(|n| pool.submit(square, n)).collect();
            let mut dead: Vec<_> = tasks.into_iter().map(|task| death(task).0).collect();
            dead.sort();
            dead.dedup();
            assert_eq!(dead.len(), 2 * workers, "two tasks of one death");
            for (n, handle) in (0..).zip(survivors) {
                assert_eq!(handle.join().unwrap(), square(n));
            }
        }
    });
}

#[test]
fn workers_killed_at_random_lose_only_what_they_ran() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(4));
        // Only ready workers are killed: too many deaths before that break the pool.
        for result in pool.map(nap, [20; 16]) {
            result.unwrap();
        }
        let victims = started.pids();
        let tasks: Vec<_> = (0..200).map(|_| pool.submit(nap, 1)).collect();
        for victim in &victims {
            kill(*victim, Signal::KILL);
        }
        let mut failed = 0;
        for task in tasks {
            match task.join() {
                Ok(1) => {}
                Err(Error::Died {
                    worker,
                    how: Death::Signal(9),
                }) => {
                    assert!(victims.contains(&worker));
                    failed += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(
            failed <= victims.len(),
            "{failed} tasks of {} deaths",
            victims.len()
        );
    });
}

#[test]
fn death_is_noticed_though_a_grandchild_holds_the_channel() {
    race(|| {
        let start = Instant::now();
        let output = probe(&["--workers", "1", "orphan:30", "pid"]);
        let lines = output.lines();
        let errors: Vec<_> = lines
            .filter(|line| line.starts_with("error 0 died"))
            .collect();
        assert_eq!(errors.len(), 1, "{output}");
        assert!(errors[0].contains("SIGABRT"), "{output}");
        assert!(output.contains("result 1 "), "{output}");
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "it waited for the grandchild"
        );
    });
}

/// Runs pool-probe until it ends, and returns what it has printed. Waits for the process,
/// not for the end of its output, which a grandchild may hold open for longer.
fn probe(arguments: &[&str]) -> String {
    let folder = Folder::new();
    let path = folder.join("output");
    let mut probe = crate::program::probe()
        .args(arguments)
        .stdout(std::fs::File::create(&path).unwrap())
        .spawn()
        .unwrap();
    probe.wait().unwrap();
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn an_error_can_be_cloned_and_shared() {
    deadline(|| {
        let error = pool(1).submit(quit, 4).join().unwrap_err();
        let copy = error.clone();
        assert_eq!(error.to_string(), copy.to_string());
        // `anyhow` and `Box<dyn Error + Send + Sync>` require this.
        let _: Arc<dyn std::error::Error + Send + Sync> = Arc::new(error);
    });
}

#[test]
fn a_broken_pool_fails_everything_and_refuses_more() {
    race(|| {
        let pool = builder()
            .max_workers(3)
            .initializer(perform, Act::Abort)
            .build()
            .unwrap();
        let tasks: Vec<_> = (0..20).map(|_| pool.submit(nap, 5)).collect();
        for task in tasks {
            let error = task.join().unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::Broken(StartError::Died {
                        how: Death::Signal(6),
                        ..
                    })
                ),
                "{error}"
            );
        }
        assert!(matches!(
            pool.submit(square, 1).join(),
            Err(Error::Broken(_))
        ));
        assert!(
            pool.map(square, 0..3)
                .all(|r| matches!(r, Err(Error::Broken(_))))
        );
        drop(pool);
        // The next pool is not affected.
        assert_eq!(self::pool(1).submit(square, 4).join().unwrap(), 16);
    });
}

#[test]
fn a_failed_start_kills_nobody() {
    race(|| {
        let folder = Folder::new();
        let program = folder.join("worker");
        std::os::unix::fs::symlink(std::env::current_exe().unwrap(), &program).unwrap();
        let path = program.clone();
        let (pool, started) = watched(move |builder| {
            builder.max_workers(2).worker_command(move || {
                let mut command = std::process::Command::new(&path);
                command.args(["--exact", "--nocapture", "-q", "common::worker"]);
                command
            })
        });
        let gate = Gate::new();
        let busy = pool.submit(pass, gate.ticket());
        eventually("the first worker at work", || gate.arrivals() == 1);
        std::fs::remove_file(&program).unwrap();
        let queued: Vec<_> = (0..20).map(|n| pool.submit(square, n)).collect();
        std::thread::sleep(Duration::from_millis(20));
        gate.open();
        assert_eq!(busy.join().unwrap(), 100);
        for (n, handle) in (0..).zip(queued) {
            assert_eq!(handle.join().unwrap(), square(n));
        }
        // Now no worker is left, and none can be started.
        kill(started.pids()[0], Signal::KILL);
        eventually("its end", || !exists(started.pids()[0]));
        let error = pool.submit(square, 1).join().unwrap_err();
        assert!(
            matches!(error, Error::Broken(StartError::Spawn(_))),
            "{error}"
        );
        drop(pool);
        assert_eq!(started.pids().len(), 1);
    });
}

#[test]
fn a_worker_killed_while_it_sends_its_result_is_a_death() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(1));
        pool.submit(square, 1).join().unwrap();
        let worker = started.pids()[0];
        let task = pool.submit(echo, "1".repeat(30_000_000));
        // At different moments: while the task is sent, runs, or is answered.
        std::thread::sleep(Duration::from_millis(u64::from(worker % 40)));
        kill(worker, Signal::KILL);
        match task.join() {
            Ok(bytes) => assert_eq!(bytes.len(), 30_000_000),
            Err(Error::Died {
                how: Death::Signal(9),
                ..
            }) => {}
            other => panic!("{:?}", other.map(|bytes| bytes.len())),
        }
        assert_eq!(pool.submit(square, 2).join().unwrap(), 4);
    });
}

#[test]
fn a_worker_that_breaks_the_protocol_is_named_and_replaced() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(1));
        let mut frame = 3u64.to_le_bytes().to_vec();
        frame.extend(b"abc");
        // A frame that is no answer, a huge length, and many frames.
        for bytes in [frame.clone(), vec![0xff; 8], frame.repeat(1000)] {
            let error = pool.submit(babble, bytes).join().unwrap_err();
            let worker = started.pids().pop().unwrap();
            match &error {
                Error::Protocol { worker: named, .. } => assert_eq!(*named, worker),
                other => panic!("{other:?}"),
            }
            assert!(error.to_string().contains("broke the protocol"), "{error}");
            assert_eq!(pool.submit(square, 4).join().unwrap(), 16);
            assert!(!exists(worker));
        }
    });
}
