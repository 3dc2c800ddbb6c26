//! A host, or a worker process, that is killed at one of its system calls: another host
//! finishes, and each job has one answer. strace does the killing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use std::{env, fs, process, thread};

use tests::machines::{Diary, Worker};
use tests::nats::NatsServer;
use tests::{Program, Running, children, eventually, left_out, program, send_signal};

/// How many system calls of each name are tried, if `KILL_SAMPLES` does not give another
/// number.
const SAMPLES: usize = 1;

/// How many are tried at the same time.
const AT_THE_SAME_TIME: usize = 8;

/// How many jobs a run has.
const JOBS: usize = 3;

/// The file to which strace writes the system calls. It is removed when this is dropped.
struct Log(PathBuf);

impl Log {
    fn new(version: &str) -> Log {
        let name = format!("strace-{}-{version}", process::id());
        Log(env::temp_dir().join(name))
    }

    /// How often each system call was made by the thread that made it most often.
    fn calls(&self) -> BTreeMap<String, usize> {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for line in text.lines() {
            // PID  name(arguments…; not: <... name resumed>, --- SIGNAL ---
            let Some((thread, call)) = line.split_once(char::is_whitespace) else {
                continue;
            };
            let Some((name, _)) = call.trim_start().split_once('(') else {
                continue;
            };
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.chars().all(is_name) {
                *counts.entry((thread, name)).or_default() += 1;
            }
        }
        let mut most = BTreeMap::new();
        for ((_, name), count) in counts {
            let entry = most.entry(name.to_owned()).or_insert(0);
            *entry = count.max(*entry);
        }
        most
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Whether there is no strace. If so, this prints it. With `REQUIRE_STRACE` it panics instead.
fn is_missing() -> bool {
    let mut strace = Command::new("strace");
    let strace = strace
        .args(["-o", "/dev/null", "true"])
        .stderr(Stdio::null());
    let is_missing = !strace.status().is_ok_and(|status| status.success());
    if is_missing {
        left_out("strace", "apt install strace", "REQUIRE_STRACE");
    }
    is_missing
}

/// What is killed.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Host,
    /// The process that does the jobs of a host.
    Process,
}

/// One of the system calls of a thread: the `number`th of this name.
#[derive(Debug)]
struct Point {
    call: String,
    number: usize,
}

impl Point {
    fn kill(&self) -> String {
        format!("inject={}:signal=KILL:when={}", self.call, self.number)
    }
}

/// strace, which does `what` to the system calls that it sees.
fn strace(log: &Log, what: &str) -> Program {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-e", what, "-o"]).arg(&log.0);
    Program::from(strace)
}

fn program_of(version: &str) -> Program {
    with_settings(Program::new("queue-probe"), version)
}

/// Each victim has a version of its own, and so a queue of its own.
fn with_settings(program: Program, version: &str) -> Program {
    program
        .env("TIMES_DIVIDED_BY", "20")
        .env("VERSION", version)
}

/// A host. strace sees all of its threads, but not its worker processes.
fn traced_host(server: &NatsServer, version: &str, log: &Log, what: &str) -> Running {
    let strace = strace(log, what).args(["-f", "-b", "execve"]);
    let host = with_settings(strace, version).arg(program("queue-probe"));
    host.args(["--worker", "--max-workers=1"])
        .at(server)
        .start()
}

/// A host that has done a job, and strace, which sees all threads of its worker process.
fn host_with_traced_process(
    server: &NatsServer,
    version: &str,
    log: &Log,
    what: &str,
) -> (Worker, Running) {
    let host = Worker::start(program_of(version), server, 1);
    let _ = program_of(version).at(server).arg("length:a").expect(0);
    let processes = children(host.host.child.id());
    let threads: Vec<String> = processes
        .iter()
        .flat_map(|process| threads(process))
        .collect();
    assert!(!threads.is_empty());
    let attach = threads.iter().flat_map(|thread| ["-p", thread]);
    let strace = strace(log, what).args(attach).start();
    let is_traced = |thread: &String| {
        let status = fs::read_to_string(format!("/proc/{thread}/status"));
        // The thread may have ended.
        status.map_or(true, |status| !status.contains("TracerPid:\t0\n"))
    };
    eventually("a traced process", || threads.iter().all(is_traced));
    (host, strace)
}

fn threads(process: &Path) -> Vec<String> {
    let threads = fs::read_dir(process.join("task"))
        .into_iter()
        .flatten()
        .flatten();
    threads
        .map(|thread| thread.file_name().to_string_lossy().into_owned())
        .collect()
}

/// What happened to a victim.
struct Outcome {
    is_killed: bool,
    calls: BTreeMap<String, usize>,
}

/// A run with a host or a process to which strace does `what`. Another host starts later.
fn run(server: &NatsServer, victim: Victim, version: &str, what: &str) -> Outcome {
    let log = Log::new(version);
    let diary = Diary::new();
    let (_host, mut strace) = match victim {
        Victim::Host => (None, traced_host(server, version, &log, what)),
        Victim::Process => {
            let (host, strace) = host_with_traced_process(server, version, &log, what);
            (Some(host), strace)
        }
    };
    let submitter = program_of(version).at(server);
    let submitter = submitter.args([(); JOBS].map(|()| diary.sleep(20))).start();
    // After this time the victim has been killed, or has done all jobs.
    thread::sleep(Duration::from_millis(700));
    let _other = Worker::start(program_of(version), server, 1);
    let finished = submitter.finish("a submitter");
    let expected: String = (0..JOBS).map(|job| format!("{job}: done\n")).collect();
    assert_eq!(finished.stdout, expected, "{what}: {}", finished.stderr);
    let calls = log.calls();
    // strace ends when the program that it sees has ended.
    let is_killed = strace.wait_for(Duration::ZERO).is_some();
    // The program that strace has started is still there.
    for traced in children(strace.child.id()) {
        send_signal("KILL", traced.file_name().unwrap().display());
    }
    Outcome { is_killed, calls }
}

/// Kills a victim at some of each of its system calls.
fn kill_at_each_call(victim: Victim) {
    if is_missing() {
        return;
    }
    let Some(server) = NatsServer::start() else {
        return;
    };
    let seen = run(&server, victim, &format!("{victim:?}"), "trace=all").calls;
    assert!(seen.len() > 3, "{seen:?}");
    let samples = env::var("KILL_SAMPLES").map(|samples| samples.parse().unwrap());
    let samples = samples.unwrap_or(SAMPLES);
    let points: Vec<Point> = seen
        .iter()
        .flat_map(|(call, count)| points(call, *count, samples))
        .collect();
    let killed = AtomicUsize::new(0);
    for (batch, points) in points.chunks(AT_THE_SAME_TIME).enumerate() {
        thread::scope(|scope| {
            for (number, point) in points.iter().enumerate() {
                let version = format!("{victim:?}-{batch}-{number}");
                let (server, killed) = (&server, &killed);
                scope.spawn(move || {
                    let outcome = run(server, victim, &version, &point.kill());
                    killed.fetch_add(usize::from(outcome.is_killed), Relaxed);
                });
            }
        });
    }
    let killed = killed.into_inner();
    println!("{victim:?}: killed at {killed} of {} points", points.len());
    assert!(killed > points.len() / 3, "that proves little");
    server.wait_until_empty();
}

/// Picks `samples` of the `count` times that a system call was made, at equal distances.
fn points(call: &str, count: usize, samples: usize) -> Vec<Point> {
    let samples = samples.min(count);
    let number = |sample| 1 + (2 * sample + 1) * count / (2 * samples + 1).max(1);
    (0..samples)
        .map(|sample| Point {
            call: call.to_owned(),
            number: number(sample).min(count),
        })
        .collect()
}

#[test]
fn a_host_that_is_killed_at_any_system_call_loses_no_job() {
    kill_at_each_call(Victim::Host);
}

#[test]
fn a_process_that_is_killed_at_any_system_call_loses_no_job() {
    kill_at_each_call(Victim::Process);
}
