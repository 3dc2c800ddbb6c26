//! Initializers and `max_tasks_per_child` (rows IN and MT), hooks and metrics.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use process_pool::{BuildError, Death, Error, ExitCause, StartError};

use crate::common::*;

#[test]
fn an_initializer_runs_once_in_every_worker_before_its_first_task() {
    race(|| {
        let (pool, _) = watched(|b| b.max_workers(3).initializer(count_a_start, 7));
        let folder = Folder::new();
        for here in pool.map(appointment, vec![(folder.join(""), 3); 3]) {
            here.unwrap();
        }
        for result in pool.map(starts, [(); 30]) {
            assert_eq!(result.unwrap().1, 7);
        }
        // A worker that replaces another one runs it too.
        let crashes: Vec<_> = pool.map(quit, [1, 2]).collect();
        assert!(crashes.iter().all(Result::is_err));
        for result in pool.map(starts, [(); 10]) {
            assert_eq!(result.unwrap().1, 7);
        }
        // Another pool may have another argument.
        let other = builder().initializer(count_a_start, 8).build().unwrap();
        assert_eq!(other.submit(starts, ()).join().unwrap().1, 8);
    });
}

#[test]
fn a_failing_initializer_breaks_the_pool_and_says_why() {
    race(|| {
        let settings = [
            builder().initializer(refuse, "not today".to_owned()),
            builder().initializer(panic_at_start, "not today".to_owned()),
        ];
        for builder in settings {
            let pool = builder.build().unwrap();
            let tasks: Vec<_> = (0..10).map(|n| pool.submit(square, n)).collect();
            assert!(!tasks.is_empty());
            for task in tasks {
                let error = task.join().unwrap_err();
                assert!(matches!(error, Error::Broken(StartError::Initializer(_))));
                assert!(error.to_string().contains("not today"), "{error}");
            }
            assert!(matches!(
                pool.submit(square, 1).join(),
                Err(Error::Broken(_))
            ));
        }
    });
}

#[test]
fn a_dying_initializer_breaks_the_pool_and_says_how() {
    race(|| {
        for (act, expected) in [
            (Act::Exit, Death::Exit(0)),
            #[cfg(unix)]
            (Act::KillSelf, KILLED),
        ] {
            let pool = builder().initializer(perform, act).build().unwrap();
            match pool.submit(square, 1).join() {
                Err(Error::Broken(StartError::Died { how, .. })) => {
                    assert_eq!(how, expected)
                }
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn an_initializers_argument_that_cannot_be_serialised_is_refused() {
    fn never(_: Trap) {}
    deadline(|| {
        let trap = Trap {
            encode: Act::Refuse,
            decode: Act::Nothing,
        };
        let error = builder().initializer(never, trap).build().unwrap_err();
        assert_eq!(error, BuildError::Argument("refused".to_owned()));
    });
}

#[test]
fn a_worker_does_exactly_its_share_of_tasks() {
    race(|| {
        let (pool, started) = watched(|b| b.max_workers(1).max_tasks_per_child(3));
        let pids: Vec<_> = pool.map(pid, [(); 10]).map(Result::unwrap).collect();
        let expected: Vec<_> = started
            .pids()
            .iter()
            .flat_map(|pid| [*pid; 3])
            .take(10)
            .collect();
        assert_eq!(pids, expected);
        // The retired workers are gone, also as zombies.
        let all = started.pids();
        assert!(all[..all.len() - 1].iter().all(|pid| !exists(*pid)));
    });
}

#[test]
fn a_chunk_counts_as_one_task() {
    race(|| {
        let (pool, _) = watched(|b| b.max_workers(1).max_tasks_per_child(2));
        let chunk = std::num::NonZeroUsize::new(5).unwrap();
        let pids: Vec<_> = pool
            .map_chunked(pid, [(); 20], chunk)
            .map(Result::unwrap)
            .collect();
        assert!(pids[..10].iter().all(|pid| *pid == pids[0]), "{pids:?}");
        assert!(pids[10..].iter().all(|pid| *pid == pids[10]), "{pids:?}");
        assert_ne!(pids[0], pids[10]);
    });
}

#[test]
fn a_backlog_beyond_the_limit_is_worked_off() {
    race(|| {
        for (workers, limit, tasks) in [(1, 2, 6), (2, 2, 8), (2, 1, 9), (3, 4, 50)] {
            let (pool, started) =
                watched(|b| b.max_workers(workers).max_tasks_per_child(limit));
            let mut done = HashMap::new();
            for result in pool.map(pid, vec![(); tasks]) {
                *done.entry(result.unwrap()).or_insert(0) += 1;
            }
            assert!(done.values().all(|n| *n <= limit), "{done:?}");
            drop(pool);
            assert!(started.pids().into_iter().all(|pid| !exists(pid)));
        }
    });
}

#[test]
fn a_shutdown_right_after_submitting_still_delivers_everything() {
    race(|| {
        for close in [false, true] {
            let pool = builder()
                .max_workers(2)
                .max_tasks_per_child(1)
                .build()
                .unwrap();
            let tasks: Vec<_> = (0..12).map(|n| pool.submit(square, n)).collect();
            if close {
                pool.close();
                for (n, task) in (0..).zip(tasks) {
                    assert_eq!(task.join().unwrap(), square(n));
                }
            } else {
                drop(pool);
                assert!(tasks.into_iter().all(|task| task.join().is_ok()));
            }
        }
    });
}

#[test]
fn a_limit_of_no_tasks_is_refused() {
    deadline(|| {
        let error = builder().max_tasks_per_child(0).build().unwrap_err();
        assert_eq!(error, BuildError::MaxTasksPerChild);
        assert_eq!(error.to_string(), "max_tasks_per_child must be at least 1");
    });
}

#[test]
fn the_number_of_workers_stays_at_the_maximum() {
    race(|| {
        let (pool, started) = watched(|b| b.max_workers(2).max_tasks_per_child(1));
        let results = pool.map(nap, [2; 30]);
        let mut most = 0;
        for result in results {
            result.unwrap();
            most = most.max(
                started
                    .pids()
                    .into_iter()
                    .filter(|pid| exists(*pid))
                    .count(),
            );
        }
        assert!(most <= 2, "{most} workers at a time");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_replacement_that_cannot_be_started_fails_what_is_queued() {
    race(|| {
        let folder = Folder::new();
        let program = folder.join("worker");
        std::os::unix::fs::symlink(std::env::current_exe().unwrap(), &program).unwrap();
        let path = program.clone();
        let (pool, _) = watched(move |builder| {
            builder
                .max_workers(1)
                .max_tasks_per_child(1)
                .worker_command(move || {
                    let mut command = std::process::Command::new(&path);
                    command.args(["--exact", "--nocapture", "-q", "common::worker"]);
                    command
                })
        });
        let gate = Gate::new();
        let first = pool.submit(pass, gate.ticket());
        let queued: Vec<_> = (0..5).map(|n| pool.submit(square, n)).collect();
        eventually("the start", || !format!("{first:?}").contains("queued"));
        std::fs::remove_file(&program).unwrap();
        gate.open();
        assert_eq!(first.join().unwrap(), 100);
        for task in queued {
            let error = task.join().unwrap_err();
            assert!(
                matches!(error, Error::Broken(StartError::Spawn(_))),
                "{error}"
            );
        }
    });
}

#[test]
fn the_figures_say_what_there_is() {
    race(|| {
        let pool = pool(2);
        let (first, second) = (Gate::new(), Gate::new());
        assert_eq!(pool.metrics().workers, 0);
        let tasks = [&first, &second, &first, &first]
            .map(|gate| pool.submit(pass, gate.ticket()));
        eventually("their start", || first.arrivals() + second.arrivals() == 2);
        let metrics = pool.metrics();
        let counts = (metrics.queued, metrics.running, metrics.workers);
        assert_eq!(counts, (2, 2, 2));
        assert!(tasks[3].cancel());
        assert_eq!(pool.metrics().queued, 1);
        first.open();
        second.open();
        let [one, two, three, _] = tasks;
        for task in [one, two, three] {
            assert_eq!(task.join().unwrap(), 100);
        }
        let metrics = pool.metrics();
        let counts = (metrics.queued, metrics.running, metrics.deaths);
        assert_eq!(counts, (0, 0, 0));
        assert!(pool.submit(quit, 3).join().is_err());
        eventually("its count", || pool.metrics().deaths == 1);
    });
}

#[test]
fn the_exit_of_every_worker_is_told_with_its_cause() {
    race(|| {
        let exits = Arc::new(Mutex::new(Vec::new()));
        let theirs = Arc::clone(&exits);
        let (pool, started) = watched(|builder| {
            builder
                .max_workers(1)
                .max_tasks_per_child(2)
                .on_worker_exit(move |exit| theirs.lock().unwrap().push(exit))
        });
        let gate = Gate::new();
        let running = pool.submit(pass, gate.ticket());
        eventually("its start", || gate.arrivals() == 1);
        assert!(running.kill());
        assert!(pool.submit(quit, 3).join().is_err());
        for n in 0..2 {
            assert_eq!(pool.submit(square, n).join().unwrap(), square(n));
        }
        assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
        drop(pool);
        let exits = exits.lock().unwrap();
        let causes: Vec<_> = exits.iter().map(|exit| exit.cause).collect();
        let expected = [
            ExitCause::Killed,
            ExitCause::Died(Death::Exit(3)),
            ExitCause::Retired,
            ExitCause::Retired,
        ];
        assert_eq!(causes, expected);
        let pids: Vec<_> = exits.iter().map(|exit| exit.worker).collect();
        assert_eq!(pids, started.pids());
    });
}

#[test]
fn a_limit_of_memory_of_nothing_is_refused() {
    deadline(|| {
        for builder in [builder().memory_limit(0), builder().max_memory_per_child(0)] {
            let error = builder.build().unwrap_err();
            assert!(error.to_string().contains("memory"), "{error}");
        }
    });
}

#[test]
fn a_worker_that_is_killed_with_its_pool_did_not_retire() {
    race(|| {
        let exits = Arc::new(Mutex::new(Vec::new()));
        let theirs = Arc::clone(&exits);
        let (pool, _) = watched(|builder| {
            builder
                .max_workers(2)
                .on_worker_exit(move |exit| theirs.lock().unwrap().push(exit.cause))
        });
        let gate = Gate::new();
        let busy = pool.submit(pass, gate.ticket());
        assert!(pool.submit(square, 3).join().is_ok());
        eventually("its start", || gate.arrivals() == 1);
        pool.shutdown(process_pool::Shutdown::Kill);
        assert!(busy.join().is_err());
        assert_eq!(*exits.lock().unwrap(), [ExitCause::Killed; 2]);
        assert_eq!(pool.metrics().deaths, 0);
    });
}

#[cfg(unix)]
#[test]
fn a_crash_is_told_as_that_whatever_the_exit_timeout_is() {
    race(|| {
        let pool = builder()
            .max_workers(1)
            .exit_timeout(std::time::Duration::ZERO)
            .build()
            .unwrap();
        for code in 0..20 {
            let error = pool.submit(quit, code).join().unwrap_err();
            let died =
                matches!(error, Error::Died { how: Death::Exit(it), .. } if it == code);
            assert!(died, "{error}");
        }
        eventually("their count", || pool.metrics().deaths == 20);
    });
}
