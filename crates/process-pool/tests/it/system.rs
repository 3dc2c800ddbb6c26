//! What the system or a library may do to a pool: signals, forks, no more threads, no
//! memory, no `/proc`. Most of these affect the whole process, so the test runs in a
//! process of its own.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use process_pool::{Death, Error, Shutdown, StartError, WorkerEntry, as_completed};
use rustix::process::{Resource, Rlimit, Signal, setrlimit};

use crate::common::*;

pub fn functions(entry: WorkerEntry) -> WorkerEntry {
    entry
        .function(interrupt_soon)
        .function(nested)
        .function(length)
        .function(at_exit)
        .function(allocate)
        .function(keep)
}

/// Runs an ignored test of this file in a process of its own, and returns its exit
/// status.
fn run_alone(test: &str) -> std::process::ExitStatus {
    this_program()
        .args([
            "--exact",
            &format!("system::{test}"),
            "--ignored",
            "--nocapture",
        ])
        .stdout(Stdio::null())
        .status()
        .unwrap()
}

#[test]
fn a_workers_death_is_no_sigpipe() {
    race(|| {
        let status = run_alone("where_sigpipe_is_at_its_default");
        assert!(status.success(), "{status}, signal {:?}", status.signal());
    });
}

#[test]
#[ignore = "a_workers_death_is_no_sigpipe runs it"]
#[allow(unsafe_code, reason = "std has no signals")]
fn where_sigpipe_is_at_its_default() {
    // Command-line tools do this, to end quietly under `| head`.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let (pool, started) = watched(|builder| builder.max_workers(1));
    // An idle worker.
    let idle = pool.submit(pid, ()).join().unwrap();
    kill(idle, Signal::KILL);
    eventually("its end", || !exists(idle));
    // A worker that dies while a task is written to it.
    for _ in 0..3 {
        let busy = pool.submit(pid, ()).join().unwrap();
        stop(busy);
        let lost = pool.submit(length, vec![1; 5_000_000]);
        thread::sleep(Duration::from_millis(50));
        kill(busy, Signal::KILL);
        assert!(matches!(lost.join(), Err(Error::Died { .. })));
    }
    assert!(started.pids().len() >= 4);
    pool.shutdown(Shutdown::Finish);
}

fn length(bytes: Vec<u8>) -> usize {
    bytes.len()
}

/// Interrupts this process many times, with a signal that has a handler and does not
/// restart system calls. Profilers and libraries with timers do this.
#[allow(unsafe_code, reason = "signal-hook restarts what it interrupts")]
fn interrupt_soon(_: ()) -> u32 {
    extern "C" fn nothing(_: libc::c_int) {}
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as *const () as usize;
        libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut());
        let moment = libc::timeval {
            tv_sec: 0,
            tv_usec: 50_000,
        };
        let timer = libc::itimerval {
            it_interval: moment,
            it_value: moment,
        };
        libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut());
    }
    std::process::id()
}

#[test]
fn an_interrupted_worker_stays() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(1));
        let worker = pool.submit(interrupt_soon, ()).join().unwrap();
        thread::sleep(Duration::from_millis(300));
        assert_eq!(pool.submit(pid, ()).join().unwrap(), worker);
        assert_eq!(pool.submit(nap, 200).join().unwrap(), 200);
        assert_eq!(started.pids(), [worker]);
    });
}

#[test]
fn a_forked_child_is_told_that_it_has_no_pool() {
    race(|| {
        let status = run_alone("where_a_program_forks");
        assert!(status.success(), "{status}");
    });
}

#[test]
#[ignore = "a_forked_child_is_told_that_it_has_no_pool runs it"]
#[allow(unsafe_code, reason = "std has no fork")]
fn where_a_program_forks() {
    let pool = pool(2);
    let gate = Gate::new();
    let running = pool.submit(pass, gate.ticket());
    eventually("its start", || gate.arrivals() == 1);
    let mut results = pool.map(square, 0..3);
    let owner = std::process::id();
    let child = unsafe { libc::fork() };
    if child == 0 {
        let told = |error: Result<_, Error>| match error {
            Err(Error::Forked { owner: it }) => assert_eq!(it, owner),
            other => panic!("{other:?}"),
        };
        told(pool.submit(square, 2).join().map(drop));
        assert!(!running.cancel() && !running.kill());
        told(
            running
                .join_timeout(Duration::from_secs(60))
                .unwrap()
                .map(drop),
        );
        let mut completed = as_completed([running]);
        told(completed.next().unwrap().1.map(drop));
        assert!(completed.next().is_none());
        told(results.next().unwrap().map(drop));
        drop(results);
        pool.close();
        pool.shutdown(Shutdown::Finish);
        drop(pool);
        unsafe { libc::_exit(7) };
    }
    let mut status = 0;
    let waited = thread::spawn(move || {
        let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
        (waited, libc::WEXITSTATUS(status))
    });
    eventually("the child's end", || waited.is_finished());
    assert_eq!(waited.join().unwrap(), (child, 7));
    // The parent's pool is not affected.
    gate.open();
    assert_eq!(running.join().unwrap(), 100);
    assert_eq!(results.map(Result::unwrap).collect::<Vec<_>>(), [0, 1, 4]);
}

#[test]
fn a_thread_that_cannot_be_started_is_tried_again() {
    race(|| {
        let status = this_program()
            .args([
                "--exact",
                "system::where_threads_are_short",
                "--ignored",
                "--nocapture",
            ])
            // One thread takes so much of the limited memory that no second one fits.
            .env("RUST_MIN_STACK", "256000000")
            .env("MALLOC_ARENA_MAX", "1")
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{status}");
    });
}

#[test]
#[ignore = "a_thread_that_cannot_be_started_is_tried_again runs it"]
fn where_threads_are_short() {
    let pool = pool(1);
    let room = Rlimit {
        current: Some(3_000_000_000),
        maximum: None,
    };
    setrlimit(Resource::As, room).unwrap();
    let start = |_| {
        let (end, ended) = mpsc::channel::<()>();
        let thread = thread::Builder::new().spawn(move || ended.recv());
        Some((end, thread.ok()?))
    };
    let make_room = |others: Vec<(mpsc::Sender<()>, thread::JoinHandle<_>)>| {
        for (end, thread) in others {
            drop(end);
            let _ = thread.join();
        }
    };

    let result = thread::scope(|scope| {
        let (go, begin) = mpsc::channel::<()>();
        let pool = &pool;
        let task = scope.spawn(move || begin.recv().map(|()| pool.submit(square, 3)));
        let others: Vec<_> = (0..).map_while(start).collect();
        go.send(()).unwrap();
        // The pool is locked until the first attempt has failed. Then memory is freed
        // immediately.
        while pool.metrics().queued == 0 {
            std::hint::spin_loop();
        }
        make_room(others);
        task.join().unwrap().unwrap().join()
    });
    assert_eq!(result.unwrap(), 9);
    assert_eq!(pool.submit(square, 4).join().unwrap(), 16);
}

/// A nested list, deeper than a stack can hold.
#[derive(serde::Serialize, serde::Deserialize)]
struct List {
    next: Option<Box<List>>,
}

impl Drop for List {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut list) = next {
            next = list.next.take();
        }
    }
}

fn list(depth: u32) -> List {
    (0..depth).fold(List { next: None }, |list, _| List {
        next: Some(Box::new(list)),
    })
}

fn nested(depth: u32) -> List {
    list(depth)
}

#[test]
fn a_result_that_is_nested_too_deeply_fails_alone() {
    deadline(|| {
        let pool = pool(1);
        assert!(pool.submit(nested, 100).join().is_ok());
        for depth in [300, 1_000] {
            let error = pool.submit(nested, depth).join().err().unwrap();
            assert!(matches!(error, Error::Serialize { .. }), "{depth}: {error}");
            assert!(error.to_string().contains("depth"), "{depth}: {error}");
        }
        // The stack overflow happens in the worker and ends it.
        let error = pool.submit(nested, 10_000_000).join().err().unwrap();
        assert!(matches!(error, Error::Died { .. }), "{error}");
        assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
    });
}

#[test]
fn a_time_limit_holds_while_a_big_task_is_sent() {
    race(|| {
        let (pool, _) = watched(|builder| builder.max_workers(1));
        let worker = pool.submit(pid, ()).join().unwrap();
        stop(worker);
        let limited = pool.options().time_limit(Duration::from_millis(100));
        let task = limited.submit(length, vec![1; 5_000_000]);
        match task.join() {
            Err(Error::TimeLimit { worker: it, .. }) => assert_eq!(it, worker),
            other => panic!("{other:?}"),
        }
        assert!(!exists(worker));
        let rest = vec![1; 5_000_000];
        let limited = pool.options().time_limit(Duration::from_secs(60));
        assert_eq!(limited.submit(length, rest).join().unwrap(), 5_000_000);
        // The limit of one task does not hold for the next.
        let worker = pool.submit(pid, ()).join().unwrap();
        let next = pool.submit(length, vec![1; 5_000_000]);
        assert_eq!(next.join().unwrap(), 5_000_000);
        assert_eq!(pool.submit(pid, ()).join().unwrap(), worker);
    });
}

/// Registers an exit handler that waits `ms` milliseconds and creates a file.
#[allow(unsafe_code, reason = "std has no exit handlers")]
fn at_exit((path, ms): (String, u64)) -> u32 {
    static NOTE: std::sync::Mutex<(String, u64)> =
        std::sync::Mutex::new((String::new(), 0));
    extern "C" fn note() {
        let (path, ms) = NOTE.lock().unwrap().clone();
        thread::sleep(Duration::from_millis(ms));
        std::fs::write(path, "").unwrap();
    }
    *NOTE.lock().unwrap() = (path, ms);
    unsafe { libc::atexit(note) };
    std::process::id()
}

#[test]
fn what_a_worker_does_at_its_exit_has_its_time() {
    race(|| {
        let folder = Folder::new();
        for (name, timeout, expected) in [
            ("done", Duration::from_secs(60), true),
            ("killed", Duration::from_millis(20), false),
        ] {
            let pool = builder().max_workers(1).exit_timeout(timeout).build();
            let pool = pool.unwrap();
            let path = folder.join(name);
            let task = pool.submit(at_exit, (path.clone(), 500));
            let worker = task.join().unwrap();
            drop(pool);
            assert!(!exists(worker));
            assert_eq!(std::path::Path::new(&path).exists(), expected, "{name}");
        }
    });
}

/// Holds this many bytes for `ms` milliseconds, in this process or in a child.
fn allocate((bytes, ms, child): (usize, u64, bool)) -> usize {
    if child {
        let mut command = Command::new("sh");
        let script =
            format!("x=$(head -c {bytes} /dev/zero | tr '\\0' x); sleep {ms}e-3");
        command.args(["-c", &script]).status().unwrap();
        return bytes;
    }
    let held = vec![1_u8; bytes];
    thread::sleep(Duration::from_millis(ms));
    std::hint::black_box(&held).len()
}

const MB: usize = 1_000_000;

#[test]
fn a_task_that_takes_too_much_memory_fails_alone() {
    race(|| {
        let limit = 100 * MB as u64;
        let (pool, started) =
            watched(|builder| builder.max_workers(2).memory_limit(limit));
        let gate = Gate::new();
        let other = pool.submit(pass, gate.ticket());
        for child in [false, true] {
            let task = pool.submit(allocate, (150 * MB, 30_000, child));
            match task.join() {
                Err(Error::MemoryLimit {
                    worker,
                    used,
                    limit: it,
                    ..
                }) => {
                    assert!(used > limit && it == limit, "{used}");
                    assert!(started.pids().contains(&worker) && !exists(worker));
                }
                result => panic!("{result:?}"),
            }
        }
        // A task below the limit is not affected.
        assert_eq!(
            pool.submit(allocate, (20 * MB, 200, false)).join().unwrap(),
            20 * MB
        );
        gate.open();
        assert_eq!(other.join().unwrap(), 100);
    });
}

/// Memory that is never freed.
static KEPT: std::sync::Mutex<Vec<u8>> = std::sync::Mutex::new(Vec::new());

fn keep(bytes: usize) -> u32 {
    *KEPT.lock().unwrap() = vec![1; bytes];
    std::process::id()
}

#[test]
fn a_limit_of_memory_is_looked_at_when_a_task_has_ended() {
    race(|| {
        let limit = 100 * MB as u64;
        let pool = builder()
            .max_workers(1)
            .memory_limit(limit)
            .build()
            .unwrap();
        // The task ends long before the first measurement while it runs.
        let error = pool.submit(keep, 150 * MB).join().unwrap_err();
        assert!(matches!(error, Error::MemoryLimit { .. }), "{error}");
        assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
    });
}

#[test]
fn a_worker_that_has_grown_is_replaced_between_tasks() {
    race(|| {
        let most = 100 * MB as u64;
        let builder = |builder: process_pool::Builder| {
            builder.max_workers(1).max_memory_per_child(most)
        };
        let (pool, started) = watched(builder);
        let first = pool.submit(keep, MB).join().unwrap();
        assert_eq!(pool.submit(keep, 150 * MB).join().unwrap(), first);
        let second = pool.submit(pid, ()).join().unwrap();
        assert_ne!(second, first);
        assert_eq!(pool.submit(pid, ()).join().unwrap(), second);
        assert_eq!(started.pids(), [first, second]);
    });
}

#[test]
#[allow(unsafe_code, reason = "between fork and exec")]
fn the_systems_limit_of_memory_ends_the_worker_at_once() {
    race(|| {
        let pool = builder()
            .max_workers(1)
            .configure_command(|command| {
                use std::os::unix::process::CommandExt;
                let limit = Rlimit {
                    current: Some(2_000_000_000),
                    maximum: Some(2_000_000_000),
                };
                // The worker inherits the limit.
                unsafe { command.pre_exec(move || Ok(setrlimit(Resource::As, limit)?)) };
            })
            .build()
            .unwrap();
        let error = pool
            .submit(allocate, (3_000 * MB, 0, false))
            .join()
            .unwrap_err();
        let aborted = matches!(
            error,
            Error::Died {
                how: Death::Signal(6),
                ..
            }
        );
        assert!(aborted, "{error}");
        assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
    });
}

#[test]
fn without_proc_the_error_says_what_is_missing() {
    let program = std::env::current_exe().unwrap();
    let hide = "mount -t tmpfs none /proc && exec \"$0\" --exact system::where_there_is_no_proc \
                --ignored --nocapture";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", hide])
        .arg(program)
        .output();
    match output {
        Ok(output)
            if String::from_utf8_lossy(&output.stdout).contains("running 1 test") =>
        {
            assert!(output.status.success(), "{output:?}");
        }
        // Containers often forbid it.
        other => eprintln!("skipped: no namespace to hide /proc in: {other:?}"),
    }
}

#[test]
#[ignore = "without_proc_the_error_says_what_is_missing runs it"]
fn where_there_is_no_proc() {
    entry().enter();
    let pool = process_pool::ProcessPool::builder()
        .max_workers(1)
        .build()
        .unwrap();
    match pool.submit(square, 3).join() {
        Err(Error::Broken(StartError::Spawn(error))) => {
            assert!(error.to_string().contains("/proc/self/exe"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    let refused = builder().memory_limit(1_000_000).build().unwrap_err();
    assert!(refused.to_string().contains("/proc"), "{refused}");
}

#[test]
fn a_shutdown_that_comes_second_waits_for_the_callbacks_too() {
    race(|| {
        let pool = Arc::new(pool(1));
        let (go, wait) = mpsc::channel::<()>();
        let inside = Arc::new(Barrier::new(2));
        let theirs = Arc::clone(&inside);
        // If the task had finished already, the callback would run on this thread.
        let gate = Gate::new();
        pool.submit(pass, gate.ticket()).on_finished(move || {
            theirs.wait();
            let _ = wait.recv();
        });
        gate.open();
        inside.wait();
        let shutdowns = [(); 2].map(|()| {
            let pool = Arc::clone(&pool);
            thread::spawn(move || pool.shutdown(Shutdown::Finish))
        });
        eventually("the workers' end", || pool.metrics().workers == 0);
        // Time in which both could return too early.
        thread::sleep(Duration::from_millis(100));
        assert!(shutdowns.iter().all(|thread| !thread.is_finished()));
        drop(go);
        for thread in shutdowns {
            thread.join().unwrap();
        }
    });
}
