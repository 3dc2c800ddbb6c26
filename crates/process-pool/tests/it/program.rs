//! Whole programs: how they start, what they print, how they end. The program is
//! pool-probe or this one.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::Signal;

use crate::common::*;

/// Where cargo puts pool-probe. Cargo builds it with all tests of this package, but not
/// with `--test it`.
fn probe_path() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    // target/debug/deps/it → target/debug/examples/pool-probe
    let profile = this.parent().unwrap().parent().unwrap();
    let path = profile.join("examples/pool-probe");
    assert!(
        path.exists(),
        "there is no pool-probe: `cargo test -p process-pool` builds it, without `--test`"
    );
    path
}

/// pool-probe, with nothing on its standard input.
pub fn probe() -> Command {
    let_children_be_signalled();
    let mut command = Command::new(probe_path());
    command.stdin(Stdio::null());
    command
}

pub fn probe_output(arguments: &[&str]) -> String {
    let output = probe().args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// All descendants of a process.
fn descendants(of: u32) -> Vec<u32> {
    let mut found = vec![of];
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        for task in std::fs::read_dir(format!("/proc/{pid}/task"))
            .into_iter()
            .flatten()
        {
            let Ok(task) = task else { continue };
            let children = std::fs::read_to_string(task.path().join("children"));
            let children = children.unwrap_or_default();
            found.extend(
                children
                    .split_whitespace()
                    .map(|pid| pid.parse::<u32>().unwrap()),
            );
        }
        next += 1;
    }
    found.split_off(1)
}

/// Starts pool-probe in a process group of its own, and waits until it has this number of
/// descendants.
fn start(arguments: &[&str], processes: usize) -> (Child, Vec<u32>) {
    let probe = probe()
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let mut below = Vec::new();
    eventually("all processes", || {
        below = descendants(probe.id());
        below.len() >= processes
    });
    // Wait until tasks have begun.
    std::thread::sleep(std::time::Duration::from_millis(20));
    (
        probe,
        descendants(below[0]).into_iter().chain(below).collect(),
    )
}

/// Two workers: one is busy; the other is idle or busy with a pool of its own.
const BUSY: [(&[&str], usize); 4] = [
    (&["--workers", "2", "sleep:60000", "pid"], 1),
    (&["--workers", "2", "sleep:60000", "spin:60000"], 2),
    (
        &["--workers", "2", "nested:2:sleep:60000", "sleep:60000"],
        4,
    ),
    (
        &["--workers", "1", "nested:1:nested:1:nested:1:spin:60000"],
        4,
    ),
];

fn ends_with(end: impl Fn(&mut Child) + Send + Sync + 'static, signal: Signal) {
    race(move || {
        for transport in ["socketpair", "tcp"] {
            for (arguments, processes) in BUSY {
                let arguments = [&["--transport", transport], arguments].concat();
                // A descendant may end before the others are counted.
                let (mut probe, below) = start(&arguments, processes);
                end(&mut probe);
                let status = probe.wait().unwrap();
                assert_eq!(status.signal(), Some(signal.as_raw()), "{arguments:?}");
                eventually("the end of the workers", || {
                    !below.iter().any(|pid| is_running(*pid))
                });
            }
        }
    });
}

#[test]
fn a_killed_parent_leaves_no_worker() {
    ends_with(|probe| probe.kill().unwrap(), Signal::KILL);
}

#[test]
fn a_terminated_parent_leaves_no_worker() {
    ends_with(|probe| kill(probe.id(), Signal::TERM), Signal::TERM);
}

#[test]
fn an_interrupted_parent_leaves_no_worker() {
    ends_with(|probe| kill(probe.id(), Signal::INT), Signal::INT);
}

#[test]
fn an_interrupted_group_leaves_no_worker() {
    let interrupt = |probe: &mut Child| {
        let group = rustix::process::Pid::from_child(probe);
        rustix::process::kill_process_group(group, Signal::INT).unwrap();
    };
    ends_with(interrupt, Signal::INT);
}

#[test]
fn a_killed_worker_leaves_no_worker_of_its_own() {
    race(|| {
        let (mut probe, _) = start(&["--workers", "1", "nested:2:sleep:60000"], 3);
        let all = descendants(probe.id());
        let outer = all[0];
        kill(outer, Signal::KILL);
        assert_eq!(probe.wait().unwrap().code(), Some(1));
        eventually("the end of the inner workers", || {
            !all.iter().any(|pid| is_running(*pid))
        });
    });
}

#[test]
fn an_orphan_that_holds_descriptors_keeps_no_inner_worker_alive() {
    race(|| {
        // The inner worker's parent dies while a grandchild holds the channel between them.
        let folder = Folder::new();
        let path = folder.join("output");
        let mut probe = probe()
            .args(["--workers", "1", "--chunk", "1", "nested:1:orphan:5"])
            .stdout(std::fs::File::create(&path).unwrap())
            .spawn()
            .unwrap();
        assert_eq!(probe.wait().unwrap().code(), Some(1));
        let output = std::fs::read_to_string(path).unwrap();
        assert!(output.contains("error 0 failed worker "), "{output}");
    });
}

#[test]
fn a_broken_pool_leaves_nobody() {
    race(|| {
        for mode in ["fail", "abort"] {
            for transport in ["socketpair", "tcp"] {
                let mut probe = probe()
                    .args([
                        "--workers",
                        "4",
                        "--initializer",
                        mode,
                        "--transport",
                        transport,
                    ])
                    .arg("20*echo:10")
                    .stdout(Stdio::piped())
                    .process_group(0)
                    .spawn()
                    .unwrap();
                let group = rustix::process::Pid::from_child(&probe);
                let mut output = String::new();
                probe
                    .stdout
                    .take()
                    .unwrap()
                    .read_to_string(&mut output)
                    .unwrap();
                assert_eq!(probe.wait().unwrap().code(), Some(1));
                assert_eq!(output.matches(" broken ").count(), 20, "{output}");
                let left = rustix::process::test_kill_process_group(group);
                assert_eq!(left, Err(rustix::io::Errno::SRCH), "somebody is left");
            }
        }
    });
}

/// The lines that a program printed, and its exit status.
fn run(command: &mut Command) -> (Vec<String>, ExitStatus) {
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("worker "))
        .map(str::to_owned);
    (lines.collect(), output.status)
}

#[test]
fn what_a_task_prints_is_what_the_program_prints() {
    deadline(|| {
        let arguments = [
            "--workers",
            "1",
            "print:out loud",
            "write-fd1:5",
            "echo:1000",
        ];
        let (lines, status) = run(probe().args(arguments));
        assert!(status.success());
        let expected = [
            "out loud",
            "result 0 printed",
            "xxxx",
            "result 1 5",
            "result 2 1000",
        ];
        let mut lines = lines;
        let mut sorted = expected.map(str::to_owned).to_vec();
        lines.sort();
        sorted.sort();
        assert_eq!(lines, sorted);
        // A worker's standard error is that of the program, so much output does not block
        // it.
        let output = probe().args(["eprint:1000000"]).output().unwrap();
        assert_eq!(output.stderr.len(), 1_000_000);
    });
}

#[test]
fn standard_input_is_empty_in_a_task() {
    deadline(|| {
        for transport in ["socketpair", "tcp"] {
            let mut program = probe()
                .args(["--transport", transport, "read-stdin", "echo:5"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            // Input for the program. No worker may read it.
            use std::io::Write;
            program
                .stdin
                .as_ref()
                .unwrap()
                .write_all(b"not for tasks\n")
                .unwrap();
            let lines = BufReader::new(program.stdout.take().unwrap()).lines();
            let results: Vec<_> = lines
                .map(Result::unwrap)
                .filter(|line| line.contains("result"))
                .collect();
            assert_eq!(results, ["result 0 0", "result 1 5"]);
            assert!(program.wait().unwrap().success());
        }
    });
}

#[test]
fn a_task_may_close_the_standard_streams() {
    race(|| {
        for transport in ["socketpair", "tcp"] {
            let arguments = [
                "--transport",
                transport,
                "--workers",
                "1",
                "close-fds",
                "echo:100000",
                "read-stdin",
                "print:nowhere",
                "nested:2:echo:100000",
                "close-fds",
            ];
            let output = probe_output(&arguments);
            let echoes = output.contains("result 1 100000")
                && output.contains("result 4 100000,100000");
            assert!(echoes, "{output}");
        }
    });
}

#[test]
fn every_task_of_the_probe_ends_as_it_says() {
    deadline(|| {
        let cases = [
            ("panic:with words", "error 0 panicked"),
            ("fail:with words", "error 0 failed with words"),
            ("exit:7", "error 0 died"),
            ("abort", "error 0 died"),
            ("segfault", "error 0 died"),
            ("overflow", "error 0 died"),
            ("bad-argument", "error 0 serialize"),
            ("bad-result", "error 0 serialize"),
            ("bad-result-late", "error 0 serialize"),
        ];
        for (task, expected) in cases {
            let (lines, status) =
                run(probe().args([task, "echo:10"]).stderr(Stdio::null()));
            assert!(lines[0].starts_with(expected), "{task}: {lines:?}");
            assert_eq!(lines[1], "result 1 10");
            assert_eq!(status.code(), Some(1));
        }
        for arguments in [
            &["--workers", "0", "pid"][..],
            &["--chunk", "0", "pid"],
            &["no"],
            &[],
        ] {
            let (lines, status) = run(probe().args(arguments).stderr(Stdio::null()));
            assert_eq!((lines.len(), status.code()), (0, Some(2)), "{arguments:?}");
        }
    });
}

#[test]
fn a_workers_children_are_ordinary_programs() {
    deadline(|| {
        for transport in ["socketpair", "tcp"] {
            let (lines, status) = run(probe().args(["--transport", transport, "self"]));
            assert!(status.success());
            assert_eq!(lines, ["result 0 result 0 3"]);
        }
    });
}

#[test]
fn a_worker_started_by_hand_says_so() {
    deadline(|| {
        for mark in ["process-pool-worker=socketpair", "process-pool-worker=tcp"] {
            let inputs: [fn() -> Stdio; 2] = [Stdio::null, Stdio::piped];
            for input in inputs {
                let output = probe().args(["pid", mark]).stdin(input()).output().unwrap();
                assert_eq!(output.status.code(), Some(2));
                let text = String::from_utf8_lossy(&output.stderr);
                assert!(text.contains("there is no pool"), "{text}");
                assert!(output.stdout.is_empty());
            }
        }
        // The address of another program's port does not help either.
        let output = probe()
            .args(["pid", "process-pool-worker=tcp"])
            .env("PROCESS_POOL_ADDRESS", "1 00000000000000000000000000000000")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
    });
}

#[test]
fn a_program_without_an_entry_builds_no_pool() {
    // The test harness's `main` enters no worker entry, unless the test `worker` ran in
    // this process.
    deadline(|| {
        let run = |test: &str, more: &[&str]| {
            let output = Command::new("/proc/self/exe")
                .args(["--exact", test, "--ignored", "--nocapture"])
                .args(more)
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
        };
        run("program::builds_without_an_entry", &[]);
        run(
            "program::builds_with_a_mark_only",
            &["process-pool-worker=tcp"],
        );
    });
}

#[test]
#[ignore = "a_program_without_an_entry_builds_no_pool runs it"]
fn builds_without_an_entry() {
    let error = process_pool::ProcessPool::new().unwrap_err();
    assert_eq!(error, process_pool::BuildError::NotEntered);
    assert!(error.to_string().contains("first statement of main"));
}

#[test]
#[ignore = "a_program_without_an_entry_builds_no_pool runs it"]
fn builds_with_a_mark_only() {
    // This process was started as a worker and would start workers of the same kind.
    let error = builder().build().unwrap_err();
    assert_eq!(error, process_pool::BuildError::NotEntered);
}

#[test]
fn a_pool_may_be_used_in_a_worker_down_to_a_limit() {
    deadline(|| {
        let pool = pool(1);
        assert_eq!(pool.submit(nest, 3).join().unwrap(), Ok(3));
        let error = pool.submit(nest, 20).join().unwrap().unwrap_err();
        assert!(error.contains("nested more than 10 deep"), "{error}");
    });
}

#[test]
fn a_deleted_or_replaced_program_still_starts_workers() {
    deadline(|| {
        let folder = Folder::new();
        let path = folder.join("probe");
        for replaced in [false, true] {
            std::fs::copy(probe_path(), &path).unwrap();
            let mut command = Command::new(&path);
            command
                .args(["--workers", "1", "--max-tasks-per-child", "1"])
                .args(["sleep:300", "echo:7", "echo:8"])
                .stdout(Stdio::piped());
            // Another test may be starting a process, which holds the copy open for writing.
            let mut program = loop {
                match command.spawn() {
                    Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {}
                    program => break program.unwrap(),
                }
            };
            let mut lines = BufReader::new(program.stdout.take().unwrap());
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            assert!(line.starts_with("worker "));
            std::fs::remove_file(&path).unwrap();
            if replaced {
                std::fs::copy("/bin/false", &path).unwrap();
            }
            let mut rest = String::new();
            lines.read_to_string(&mut rest).unwrap();
            assert!(rest.contains("result 2 8"), "{rest}");
            assert!(program.wait().unwrap().success());
            let _ = std::fs::remove_file(&path);
        }
    });
}

#[test]
fn a_worker_has_the_name_of_its_program() {
    deadline(|| {
        let (mut probe, below) = start(&["sleep:60000"], 1);
        let name =
            || std::fs::read_to_string(format!("/proc/{}/comm", below[0])).unwrap();
        eventually("the name", || name() == "pool-probe\n");
        probe.kill().unwrap();
        probe.wait().unwrap();
    });
}

#[test]
fn an_odd_name_and_an_empty_environment_are_no_matter() {
    deadline(|| {
        for name in [
            "",
            "-",
            "/no/such/file",
            "process-pool-worker=tcp",
            "é\u{7}",
        ] {
            let mut command = probe();
            command.arg0(name).env_clear().current_dir("/");
            let (lines, status) = run(command.args(["nested:1", "echo:3"]));
            assert!(status.success());
            assert_eq!(lines[1], "result 1 3");
        }
    });
}

#[test]
fn a_closed_standard_output_is_no_matter() {
    deadline(|| {
        let mut program = probe()
            .args(["100*echo:10"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(program.stdout.take());
        assert!(program.wait().unwrap().success());
        let mut text = String::new();
        program
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "");
    });
}
