//! The end of a pool: rows SD. Tests in which the whole program ends are in `program.rs`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use process_pool::{Error, ProcessPool, Shutdown, StartError};
#[cfg(target_os = "linux")]
use rustix::process::Signal;

use crate::common::*;

#[test]
fn dropping_a_pool_finishes_everything_submitted() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(2));
        let tasks: Vec<_> = (0..10).map(|_| pool.submit(nap, 5)).collect();
        drop(pool);
        for task in tasks {
            assert!(task.is_finished());
            assert_eq!(task.join().unwrap(), 5);
        }
        assert!(
            started.pids().into_iter().all(|pid| !exists(pid)),
            "a process is left"
        );
    });
}

#[test]
fn a_panic_in_the_block_does_not_change_that() {
    race(|| {
        let folder = Folder::new();
        let (pool, started) = watched(|builder| builder.max_workers(2));
        let block = || {
            let pool = pool;
            for n in 0..4 {
                drop(pool.submit(leave_a_mark, (folder.join(n), 10)));
            }
            panic!("in the block");
        };
        assert!(catch_unwind(AssertUnwindSafe(block)).is_err());
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 4);
        assert!(
            started.pids().into_iter().all(|pid| !exists(pid)),
            "a process is left"
        );
    });
}

#[test]
fn nothing_is_taken_after_a_shutdown() {
    deadline(|| {
        for how in [Shutdown::Finish, Shutdown::CancelQueued, Shutdown::Kill] {
            let pool = pool(1);
            pool.submit(square, 1).join().unwrap();
            pool.shutdown(how);
            // A second call does nothing.
            pool.shutdown(how);
            assert!(matches!(
                pool.submit(square, 1).join(),
                Err(Error::ShutDown)
            ));
            assert!(
                pool.map(square, 0..2)
                    .all(|r| matches!(r, Err(Error::ShutDown)))
            );
        }
    });
}

#[test]
fn closing_returns_at_once_and_everything_is_finished() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(1));
        let gate = Gate::new();
        let tasks: Vec<_> = (0..3).map(|_| pool.submit(pass, gate.ticket())).collect();
        pool.close();
        assert!(matches!(
            pool.submit(square, 1).join(),
            Err(Error::ShutDown)
        ));
        gate.open();
        for task in tasks {
            assert_eq!(task.join().unwrap(), 100);
        }
        let worker = started.pids()[0];
        eventually("the worker's leave", || !exists(worker));
    });
}

#[test]
fn cancelling_the_queue_leaves_what_runs_alone() {
    race(|| {
        let (pool, gate) = (pool(1), Gate::new());
        let running = pool.submit(pass, gate.ticket());
        eventually("its start", || gate.arrivals() == 1);
        let queued: Vec<_> = (0..10).map(|n| pool.submit(square, n)).collect();
        std::thread::scope(|scope| {
            scope.spawn(|| pool.shutdown(Shutdown::CancelQueued));
            for task in queued {
                assert!(matches!(task.join(), Err(Error::Cancelled)));
            }
            gate.open();
        });
        assert_eq!(running.join().unwrap(), 100);
    });
}

#[test]
fn killing_ends_everything_soon() {
    race(|| {
        let gate = Gate::new();
        let (pool, started) = watched(|builder| builder.max_workers(2));
        let running = [(); 2].map(|()| pool.submit(pass, gate.ticket()));
        let queued = pool.submit(square, 1);
        eventually("their start", || gate.arrivals() == 2);
        let start = Instant::now();
        pool.shutdown(Shutdown::Kill);
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "killing took its time"
        );
        assert!(
            started.pids().into_iter().all(|pid| !exists(pid)),
            "a process is left"
        );
        for task in running {
            let error = task.join().unwrap_err();
            let killed = matches!(error, Error::Died { how: KILLED, .. });
            assert!(killed, "{error}");
        }
        assert!(matches!(queued.join(), Err(Error::Cancelled)));
    });
}

#[test]
fn killing_is_harmless_before_the_start_and_after_a_death() {
    race(|| {
        pool(2).shutdown(Shutdown::Kill);

        // It works while workers start.
        let (pool, started) = watched(|builder| builder.max_workers(4));
        let tasks: Vec<_> = (0..4).map(|n| pool.submit(square, n)).collect();
        pool.shutdown(Shutdown::Kill);
        assert!(tasks.iter().all(|task| task.is_finished()));
        assert!(
            started.pids().into_iter().all(|pid| !exists(pid)),
            "a process is left"
        );

        // It works when they are dead.
        let (pool, started) = watched(|builder| builder.max_workers(1));
        pool.submit(square, 1).join().unwrap();
        #[cfg(target_os = "linux")]
        kill(started.pids()[0], Signal::KILL);
        pool.shutdown(Shutdown::Kill);
        assert!(
            started.pids().into_iter().all(|pid| !exists(pid)),
            "a process is left"
        );
    });
}

#[test]
fn a_crash_after_the_shutdown_began_does_not_hang_it() {
    race(|| {
        let pool = pool(2);
        let crash: Vec<_> = (0..4).map(|n| pool.submit(quit, n)).collect();
        let last = pool.submit(nap, 1);
        pool.close();
        pool.shutdown(Shutdown::Finish);
        for task in crash {
            assert!(matches!(task.join(), Err(Error::Died { .. })));
        }
        assert_eq!(last.join().unwrap(), 1);
    });
}

#[test]
fn races_at_the_end_end_cleanly() {
    race(|| {
        for round in 0..20 {
            let pool = pool(2);
            let tasks: Vec<_> = (0..20).map(|n| pool.submit(square, n)).collect();
            assert!(
                pool.submit(
                    take,
                    Trap {
                        encode: Act::Refuse,
                        decode: Act::Nothing
                    }
                )
                .join()
                .is_err()
            );
            tasks[round].cancel();
            match round % 4 {
                0 => drop(pool),
                1 => pool.shutdown(Shutdown::CancelQueued),
                2 => pool.close(),
                _ => {
                    pool.shutdown(Shutdown::Kill);
                }
            }
            for (n, task) in (0..).zip(tasks) {
                match task.join() {
                    Ok(value) => assert_eq!(value, square(n)),
                    Err(Error::Cancelled) => {}
                    Err(Error::Died { how: KILLED, .. }) if round % 4 == 3 => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    });
}

#[test]
fn several_threads_may_shut_down_while_others_submit() {
    race(|| {
        let pool = pool(2);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for n in 0..200 {
                        match pool.submit(square, n).join() {
                            Ok(value) => assert_eq!(value, square(n)),
                            Err(Error::ShutDown) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                });
                scope.spawn(|| pool.shutdown(Shutdown::Finish));
            }
        });
    });
}

#[test]
fn the_last_owner_may_be_a_callback() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(2));
        let pool = Arc::new(pool);
        let (sender, receiver) = channel();
        let task = pool.submit(nap, 30);
        task.on_finished({
            let pool = Arc::clone(&pool);
            move || {
                drop(pool);
                sender.send(()).unwrap();
            }
        });
        drop(pool);
        receiver.recv().unwrap();
        assert_eq!(task.join().unwrap(), 30);
        eventually("the end of the workers", || {
            started.pids().into_iter().all(|pid| !exists(pid))
        });
    });
}

#[test]
fn a_worker_that_cannot_be_started_breaks_the_pool_and_frees_the_others() {
    deadline(|| {
        let pool = ProcessPool::builder()
            .max_workers(2)
            .worker_command(|| std::process::Command::new("/nowhere/at-all"))
            .build()
            .unwrap();
        let error = pool.submit(square, 1).join().unwrap_err();
        match &error {
            Error::Broken(StartError::Spawn(error)) => {
                assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
            }
            other => panic!("{other:?}"),
        }
        assert!(
            error
                .to_string()
                .starts_with("the pool is broken: a worker could not")
        );
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_is_no_worker_breaks_the_pool() {
    race(|| {
        // A program that ends immediately.
        let pool = ProcessPool::builder()
            .worker_command(|| std::process::Command::new("true"))
            .build()
            .unwrap();
        let error = pool.submit(square, 1).join().unwrap_err();
        assert!(
            matches!(
                error,
                Error::Broken(StartError::Died {
                    how: process_pool::Death::Exit(0),
                    ..
                })
            ),
            "{error}"
        );
        // A program that waits, sends nothing, and does not read.
        let pool = ProcessPool::builder()
            .start_timeout(Duration::from_millis(100))
            .worker_command(|| {
                let mut command = std::process::Command::new("sh");
                command.args(["-c", "exec sleep 60"]);
                command
            })
            .build()
            .unwrap();
        let error = pool.submit(square, 1).join().unwrap_err();
        assert!(
            matches!(error, Error::Broken(StartError::Silent { .. })),
            "{error}"
        );
        // A program that does not follow the protocol: its frames are short, torn or
        // huge.
        for text in [
            r"\005\0\0\0\0\0\0\0hello",
            "hello",
            r"\377\377\377\377\377\377\377\377",
        ] {
            let pool = ProcessPool::builder()
                .worker_command(move || {
                    let mut command = std::process::Command::new("sh");
                    command.args(["-c", &format!("printf '{text}' >&0; sleep 0.1")]);
                    command
                })
                .build()
                .unwrap();
            let error = pool.submit(square, 1).join().unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::Broken(StartError::Handshake(_) | StartError::Died { .. })
                ),
                "{error}"
            );
            assert!(error.to_string().contains("worker "), "{error}");
        }
    });
}

#[cfg(target_os = "linux")]
/// How many descriptors, threads, children and kilobytes this process has.
fn belongings() -> [usize; 4] {
    let count = |path| std::fs::read_dir(path).unwrap().count();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let memory = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let memory = memory.trim().trim_end_matches(" kB").parse().unwrap();
    let children = std::fs::read_to_string("/proc/thread-self/children").unwrap();
    [
        count("/proc/self/fd"),
        count("/proc/self/task"),
        children.len(),
        memory,
    ]
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "pools_leave_nothing_behind runs it, in a process of its own"]
fn many_pools() {
    let times = std::env::var("POOL_COUNT").map_or(50, |times| times.parse().unwrap());
    let make_and_drop = || {
        let pool = builder().max_workers(2).build().unwrap();
        assert!(pool.map(square, 0..3).all(|result| result.is_ok()));
    };
    for _ in 0..10 {
        make_and_drop();
    }
    let [descriptors, threads, children, memory] = belongings();
    for _ in 0..times {
        make_and_drop();
    }
    let after = belongings();
    println!("before {descriptors} {threads} {children} {memory} kB, after {after:?}");
    assert_eq!(after[..3], [descriptors, threads, children]);
    assert!(
        after[3] < memory + 4096,
        "{memory} kB became {} kB",
        after[3]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn pools_leave_nothing_behind() {
    deadline(|| {
        let output = std::process::Command::new("/proc/self/exe")
            .args([
                "--exact",
                "shutdown::many_pools",
                "--ignored",
                "--nocapture",
            ])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("before "));
    });
}
