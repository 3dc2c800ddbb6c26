//! How workers notice that their parent is gone, and how they end.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use process_pool::{Transport, WorkerEntry};
use rustix::process::{Resource, Rlimit, Signal, WaitOptions};

use crate::common::*;
use crate::program::probe;

pub fn functions(entry: WorkerEntry) -> WorkerEntry {
    entry.function(fork).function(hold_one_descriptor)
}

/// Forks this process without an exec, so the copy has all of its descriptors. Returns
/// the copy's process id.
#[allow(unsafe_code, reason = "only a fork makes a process like this")]
fn fork(folder: String) -> u32 {
    let place = std::path::Path::new(&folder).join(std::process::id().to_string());
    let mut command = Command::new("true");
    let note = place.clone();
    unsafe {
        command.pre_exec(move || {
            let text = format!("{} ", std::process::id());
            std::fs::write(&note, text)?;
            std::thread::sleep(Duration::from_secs(60));
            kill(std::process::id(), Signal::KILL);
            Ok(())
        });
    }
    // On a thread: `status` waits for an exec that does not come.
    std::thread::spawn(move || command.status());
    let mut text = String::new();
    eventually("the copy", || {
        text = std::fs::read_to_string(&place).unwrap_or_default();
        text.ends_with(' ')
    });
    text.trim().parse().unwrap()
}

/// Limits this process to one descriptor: a `poll` of two descriptors then fails.
fn hold_one_descriptor(_: ()) -> u32 {
    let one = Rlimit {
        current: Some(1),
        maximum: Some(1),
    };
    rustix::process::setrlimit(Resource::Nofile, one).unwrap();
    std::process::id()
}

/// Starts an ignored test of this file in a process of its own.
fn start(test: &str, variables: &[(&str, &str)]) -> Child {
    Command::new("/proc/self/exe")
        .args(["--exact", test, "--ignored", "--nocapture"])
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_copy_of_the_parent_or_of_the_worker_keeps_no_worker_alive() {
    race(|| {
        promptly(|| {
            for transport in ["socketpair", "tcp"] {
                for copied in ["parent", "worker"] {
                    for task in ["busy", "idle"] {
                        let folder = Folder::new();
                        let place = folder.join("");
                        let mut program = start(
                            "parents::a_program_with_a_copy",
                            &[
                                ("POOL_TEST_TRANSPORT", transport),
                                ("PLACE", &place),
                                ("COPIED", copied),
                                ("TASK", task),
                            ],
                        );
                        let mut text = String::new();
                        eventually("the copy", || {
                            let file = folder.join("ready");
                            text = std::fs::read_to_string(file).unwrap_or_default();
                            text.ends_with('.')
                        });
                        let pids = text.trim_end_matches('.').split(' ');
                        let pids: Vec<_> = pids.map(|pid| pid.parse().unwrap()).collect();
                        let (worker, copy) = (pids[0], pids[1]);
                        program.kill().unwrap();
                        program.wait().unwrap();
                        let what = format!("{transport}, copied {copied}, {task}");
                        eventually(&format!("its worker's end: {what}"), || {
                            !is_running(worker)
                        });
                        assert!(is_running(copy), "{what}: that proves nothing");
                        kill(copy, Signal::KILL);
                    }
                }
            }
        });
    });
}

#[test]
#[ignore = "a_copy_of_the_parent_or_of_the_worker_keeps_no_worker_alive runs it"]
fn a_program_with_a_copy() {
    let variable = |name| std::env::var(name).unwrap();
    let folder = variable("PLACE");
    let pool = pool(1);
    let worker = pool.submit(pid, ()).join().unwrap();
    let copy = if variable("COPIED") == "parent" {
        fork(folder.clone())
    } else {
        pool.submit(fork, folder.clone()).join().unwrap()
    };
    let gate = Gate::new();
    let _busy = (variable("TASK") == "busy").then(|| {
        let busy = pool.submit(pass, gate.ticket());
        eventually("its start", || gate.arrivals() == 1);
        busy
    });
    let place = std::path::Path::new(&folder).join("ready");
    std::fs::write(place, format!("{worker} {copy}.")).unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn a_worker_that_gives_up_on_its_parent_looks_like_no_kill() {
    promptly(|| {
        let mut program = start("parents::adopts_orphans", &[]);
        assert!(program.wait().unwrap().success());
    });
}

#[test]
#[ignore = "a_worker_that_gives_up_on_its_parent_looks_like_no_kill runs it"]
fn adopts_orphans() {
    let me = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(me)).unwrap();
    for transport in ["socketpair", "tcp"] {
        for tasks in [
            &["spin:60000"][..],
            &["sleep:60000"],
            &["sleep:60000", "pid"],
        ] {
            let mut probe = probe()
                .args(["--transport", transport, "--workers", "2"])
                .args(tasks)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut output = std::io::BufReader::new(probe.stdout.take().unwrap());
            let mut line = String::new();
            for _ in tasks {
                std::io::BufRead::read_line(&mut output, &mut line).unwrap();
            }
            std::thread::sleep(Duration::from_millis(50));
            probe.kill().unwrap();
            probe.wait().unwrap();
            for _ in tasks {
                let (_, status) = rustix::process::wait(WaitOptions::empty())
                    .unwrap()
                    .unwrap();
                let what = format!("{transport}, {tasks:?}: {status:?}");
                assert_ne!(
                    status.terminating_signal(),
                    Some(Signal::KILL.as_raw()),
                    "{what}"
                );
                assert_ne!(status.exit_status(), Some(0), "{what}");
            }
        }
    }
}

/// The CPU time of a process, in hundredths of a second.
fn cpu_time(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let fields = fields.split(' ').skip(11).take(2);
    fields.map(|field| field.parse::<u64>().unwrap()).sum()
}

#[test]
fn a_watch_over_the_parent_that_fails_does_not_spin() {
    promptly(|| {
        let pool = builder()
            .transport(Transport::SocketPair)
            .max_workers(1)
            .build()
            .unwrap();
        let worker = pool.submit(hold_one_descriptor, ());
        let worker = worker.join().unwrap();
        // Stopping and continuing a process interrupts its wait.
        stop(worker);
        std::thread::sleep(Duration::from_millis(20));
        kill(worker, Signal::CONT);
        std::thread::sleep(Duration::from_millis(50));
        let before = cpu_time(worker);
        std::thread::sleep(Duration::from_secs(1));
        let spent = cpu_time(worker).saturating_sub(before);
        assert!(
            spent < 10,
            "an idle worker took {spent} ms × 10 of a second"
        );
    });
}
