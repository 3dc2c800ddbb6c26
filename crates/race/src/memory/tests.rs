use std::process::Command;
use std::time::Duration;

use crate::run::tests::runner;

const MINUTE: Duration = Duration::from_secs(60);

/// Counts the memory of its processes itself, and prints it.
const COUNT: &str = r#"
import os, subprocess, sys, tempfile, threading, time

def value(lines, key):
    return int(next(line.split()[1] for line in lines if line.startswith(key)))

def count(*pids):
    held = 0
    for pid in pids:
        held += 1024 * value(open(f"/proc/{pid}/smaps_rollup"), "Pss:")
        held += 1024 * value(open(f"/proc/{pid}/status", errors="replace"), "VmPTE:")
        held += 16384 * value(open(f"/proc/{pid}/status", errors="replace"), "Threads:")
    print(held, flush=True)

def hold(megabytes):
    return b"x" * 1000000 * megabytes

def stay(*pids):
    # Long enough to be looked at a few times.
    for _ in range(6):
        count(*pids)
        time.sleep(0.2)
    # Python would touch all objects once more, and unshare what it shares with forks.
    os._exit(0)
"#;

/// Runs a Python program that counts its own memory repeatedly, with and without address
/// randomization. The measurement may differ from the count by the fraction `tolerance`. The
/// memory changes when other programs that share Python's code start and end.
fn assert_seen_as_counted(script: &str, tolerance: f64) {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("SKIPPED: no python3 on this machine");
        return;
    }
    let script = format!("{COUNT}\n{script}");
    for words in [&["python3"][..], &["setarch", "-R", "python3"]] {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(["-c", &script]);
        let mut counted: Vec<f64> = Vec::new();
        let run = runner().check(&mut command, MINUTE, |line| {
            counted.push(line.parse().map_err(|_| format!("not a count: {line}"))?);
            Ok(())
        });
        let seen = run.unwrap().memory.unwrap();
        let least = counted.iter().copied().fold(f64::INFINITY, f64::min);
        let most = counted.iter().copied().fold(0.0, f64::max);
        println!("{seen}, counted {least} to {most}");
        let range = least * (1.0 - tolerance)..most * (1.0 + tolerance);
        assert!(range.contains(&(seen as f64)), "{seen}: {counted:?}");
    }
}

#[test]
fn threads_count_with_their_page_tables_and_kernel_stacks() {
    assert_seen_as_counted(
        r#"
over = threading.Event()
for _ in range(1000): threading.Thread(target=over.wait).start()
stay("self")
"#,
        0.05,
    );
}

#[test]
fn forks_that_execute_nothing_count() {
    assert_seen_as_counted(
        r#"
reader, writer = os.pipe()
workers = []
for _ in range(8):
    worker = os.fork()
    if worker == 0:
        held = hold(10); os.write(writer, b"."); time.sleep(100)
    workers.append(worker)
for _ in workers: os.read(reader, 1)
stay("self", *workers)
"#,
        0.05,
    );
}

#[test]
fn a_hundred_processes_count() {
    assert_seen_as_counted(
        r#"
workers = [subprocess.Popen(["sleep", "100"]) for _ in range(100)]
stay("self", *(worker.pid for worker in workers))
"#,
        0.05,
    );
}

/// The orphan has a session of its own.
#[test]
fn orphans_count() {
    assert_seen_as_counted(
        r#"
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    parent = os.getpid()
    if os.fork() != 0: os._exit(0)
    while os.getppid() == parent: time.sleep(0.01)
    held = hold(30); os.write(writer, str(os.getpid()).encode()); time.sleep(100)
os.wait()
stay("self", int(os.read(reader, 10)))
"#,
        0.05,
    );
}

/// The child that `posix_spawn` makes opens a pipe that has no writer for a while.
#[test]
fn a_child_that_is_being_started_does_not() {
    assert_seen_as_counted(
        r#"
held = hold(30)
pipe = tempfile.mktemp()
os.mkfifo(pipe)
def start():
    open_pipe = [(os.POSIX_SPAWN_OPEN, 0, pipe, os.O_RDONLY, 0)]
    os.posix_spawn("/bin/true", ["true"], {}, file_actions=open_pipe)
    os.wait()
subprocess.Popen(["sh", "-c", f"sleep 1; : > {pipe}"])
start(); os.remove(pipe); count("self")
"#,
        0.2,
    );
}

/// Linux keeps 15 bytes of a name: this one is cut within its last `ö`.
#[test]
fn a_name_that_is_cut_within_a_character_hides_nothing() {
    assert_seen_as_counted(
        r#"
open("/proc/self/comm", "wb").write("process-name-töö".encode())
held = hold(30)
stay("self")
"#,
        0.05,
    );
}
