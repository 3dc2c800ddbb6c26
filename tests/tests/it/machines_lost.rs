//! What the job queue does when something is lost: jobs, answers, the server, a host, the
//! program that submits.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use tests::machines::{Diary, Worker};
use tests::nats::{self, NatsServer};
use tests::{Program, assert_gone, children, eventually, program, send_signal};

/// Divides the times of the queue: a run ends 60 s after its submitter, a job goes to another
/// host after 3 s, and lost jobs are looked for every 2 s.
const SHORT: &str = "10";

/// Divides them so that a run ends 20 s after its submitter.
const SHORTER: &str = "30";

/// The usual times: a job goes to another host after 30 s.
const REAL: &str = "1";

/// A job goes to another host after 30 s. Within this time none does.
const SOON: Duration = Duration::from_secs(28);

fn host(server: &NatsServer, times: &str, max_workers: usize) -> Worker {
    let program = Program::new("queue-probe").env("TIMES_DIVIDED_BY", times);
    Worker::start(program, server, max_workers)
}

fn submitter(server: &NatsServer, times: &str) -> Program {
    let program = Program::new("queue-probe").env("TIMES_DIVIDED_BY", times);
    program.at(server)
}

/// A submitter of `count` jobs. Nothing reads its output.
fn unread_submitter(server: &NatsServer, times: &str, count: usize) -> Program {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "exec \"$0\" \"$@\" > /dev/null"])
        .arg(program("queue-probe"));
    Program::from(shell)
        .env("TIMES_DIVIDED_BY", times)
        .at(server)
        .args(["--repeat", &count.to_string()])
}

fn all_done(count: usize) -> String {
    (0..count)
        .map(|number| format!("{number}: done\n"))
        .collect()
}

fn signal(process: &Path, name: &str) {
    let pid = process.file_name().unwrap().to_str().unwrap();
    send_signal(name, pid);
}

#[test]
fn a_purged_job_is_published_again() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _host = host(&server, SHORT, 1);
    let diary = Diary::new();
    let jobs = [&*diary.sleep(8000), "length:a", "length:ab"];
    let submitter = submitter(&server, SHORT).args(jobs).start();
    diary.wait_for("begin", 1);
    let has_second = || {
        server
            .subjects("jobs")
            .iter()
            .any(|job| job.ends_with(".1"))
    };
    eventually("a job that waits", has_second);
    server.purge("jobs", "jobs.*.*.1");
    assert!(!has_second());
    eventually("the job that was purged", has_second);
    assert_eq!(diary.count("end"), 0, "it was noticed late");
    let finished = submitter.finish("a submitter");
    assert_eq!(finished.stdout, "0: done\n1: 1\n2: 2\n");
    assert_eq!(diary.count("begin"), 1);
    server.wait_until_empty();
}

#[test]
fn a_job_whose_answer_was_purged_is_done_again() {
    let Some(mut server) = NatsServer::start() else {
        return;
    };
    let _host = host(&server, SHORT, 1);
    let diary = Diary::new();
    let jobs = [(); 3].map(|()| diary.sleep(1000));
    let submitter = submitter(&server, SHORT).args(jobs).start();
    eventually("a job that waits", || server.messages("jobs") == 2);
    submitter.signal("STOP");
    // What has been sent to the stopped submitter is lost when the server restarts.
    server.restart();
    eventually("no more jobs", || server.messages("jobs") == 0);
    assert!(server.messages("results") > 0);
    server.purge("results", "results.>");
    let lost = diary.count("end");
    submitter.signal("CONT");
    let finished = submitter.finish("a submitter");
    assert_eq!(finished.stdout, all_done(3), "{}", finished.stderr);
    assert!(diary.count("end") > 3, "of {lost} nothing was lost");
    server.wait_until_empty();
}

#[test]
fn a_store_that_is_put_back_loses_nothing() {
    let Some(mut server) = NatsServer::start() else {
        return;
    };
    let _hosts = [(); 2].map(|()| host(&server, SHORT, 1));
    let diary = Diary::new();
    let submitter = submitter(&server, SHORT)
        .args(["--repeat", "800"])
        .arg(diary.sleep(5))
        .start();
    for count in [100, 500] {
        diary.wait_for("begin", count);
        server.copy_store();
        diary.wait_for("begin", count + 150);
        server.restart_with_copy();
    }
    let finished = submitter.finish("a submitter");
    assert_eq!(finished.stdout, all_done(800), "{}", finished.stderr);
    server.wait_until_empty();
}

#[test]
fn streams_that_are_deleted_are_made_again() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let host = host(&server, SHORT, 2);
    let diary = Diary::new();
    let submitter = submitter(&server, SHORT)
        .arg(diary.sleep(3000))
        .args([(); 200].map(|()| diary.sleep(20)))
        .start();
    for count in [20, 100] {
        diary.wait_for("begin", count);
        // Debian's server loses the files of a stream that is deleted and soon made again.
        let programs = [&submitter, &host.host];
        for program in programs {
            program.signal("STOP");
        }
        server.delete_streams();
        thread::sleep(Duration::from_millis(500));
        for program in programs {
            program.signal("CONT");
        }
    }
    let finished = submitter.finish("a submitter");
    assert_eq!(finished.stdout, all_done(201), "{}", finished.stderr);
    server.wait_until_empty();
}

#[test]
fn long_outages_of_the_server_lose_nothing() {
    let Some(mut server) = NatsServer::start() else {
        return;
    };
    let _hosts = [(); 2].map(|()| host(&server, SHORT, 2));
    let [short, long] = [Diary::new(), Diary::new()];
    let submitter = submitter(&server, SHORT)
        .arg(long.sleep(18_000))
        .args([(); 300].map(|()| short.sleep(50)))
        .start();
    // Each outage is longer than a job may be silent, and longer than the pauses between
    // attempts to connect.
    let outage = Duration::from_secs(5);
    for (count, suspended) in [(20, false), (80, true), (140, false)] {
        short.wait_for("begin", count);
        if suspended {
            server.signal("STOP");
            thread::sleep(outage);
            server.signal("CONT");
        } else {
            server.kill();
            thread::sleep(outage);
            server.restart();
        }
    }
    let finished = submitter.finish("a submitter");
    assert_eq!(finished.stdout, all_done(301), "{}", finished.stderr);
    server.wait_until_empty();
}

#[test]
fn a_submitter_that_is_suspended_or_cut_off_for_longer_than_its_run_lives_goes_on() {
    thread::scope(|scope| {
        scope.spawn(|| suspend_until_the_run_has_ended(|_| {}));
        scope.spawn(|| suspend_until_the_run_has_ended(NatsServer::restart));
    });
}

fn suspend_until_the_run_has_ended(meanwhile: impl FnOnce(&mut NatsServer)) {
    let Some(mut server) = NatsServer::start() else {
        return;
    };
    let _host = host(&server, SHORTER, 2);
    let diary = Diary::new();
    let submitter = submitter(&server, SHORTER)
        .args(["--repeat", "40"])
        .arg(diary.sleep(200))
        .start();
    diary.wait_for("begin", 10);
    let run = server.wait_for_run();
    submitter.signal("STOP");
    meanwhile(&mut server);
    eventually("the end of the run", || !server.runs().contains(&run));
    assert!(diary.count("begin") < 40);
    submitter.signal("CONT");
    let finished = submitter.finish("a submitter");
    assert_eq!(finished.stdout, all_done(40), "{}", finished.stderr);
    server.wait_until_empty();
}

#[test]
fn suspended_hosts_are_no_failure_of_their_job() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let submitter = submitter(&server, SHORT).arg(diary.sleep(12_000)).start();
    let hosts = [1, 2, 3].map(|count| {
        let host = host(&server, SHORT, 1);
        diary.wait_for("begin", count);
        host.host.signal("STOP");
        host
    });
    let _last = host(&server, SHORT, 1);
    diary.wait_for("begin", 4);
    for host in &hosts {
        host.host.signal("CONT");
    }
    let finished = submitter.finish("a submitter");
    assert_eq!(finished.stdout, all_done(1), "{}", finished.stderr);
    assert_eq!(finished.stderr, "");
    assert_eq!(diary.count("begin"), 4);
    server.wait_until_empty();
}

#[test]
fn a_result_that_is_stored_after_the_end_of_its_run_is_deleted() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let mut submitter = submitter(&server, SHORT).arg(diary.sleep(300_000)).start();
    let host = host(&server, SHORT, 1);
    diary.wait_for("begin", 1);
    let [run] = &server.runs()[..] else {
        panic!("one run");
    };
    host.host.signal("STOP");
    let guard = children(submitter.child.id());
    submitter.signal("INT");
    submitter.wait("a submitter");
    assert_gone(&guard, "a submitter");
    server.store(&format!("results.{run}.0"), "late");
    assert_eq!(server.messages("results"), 1);
    host.host.signal("CONT");
    server.wait_until_empty();
}

#[test]
fn when_a_submitter_ends_its_jobs_end_and_no_other_run_notices() {
    let end = |name: &str, number: i32| {
        let Some(server) = NatsServer::start() else {
            return;
        };
        let host = host(&server, REAL, 2);
        let [first, second] = [Diary::new(), Diary::new()];
        let mut ended = submitter(&server, REAL)
            .args(["--repeat", "100"])
            .arg(first.sleep(300_000))
            .start();
        first.wait_for("begin", 2);
        eventually("a job that waits", || server.messages("jobs") > 2);
        let beside = submitter(&server, REAL)
            .args(["--repeat", "20"])
            .arg(second.sleep(10))
            .start();
        eventually("another run", || server.runs().len() == 2);
        let busy = children(host.host.child.id());
        ended.signal(name);
        assert_eq!(ended.wait(name).signal(), Some(number));
        let finished = beside.finish("the run beside it");
        assert_eq!(finished.stdout, all_done(20), "{name}");
        assert_eq!(finished.stderr, "", "{name}");
        assert_eq!(second.count("begin"), 20, "{name}");
        assert_eq!(first.count("begin"), 2, "{name}");
        assert_gone(&busy, "a run that has ended");
        server.wait_until_empty();
    };
    thread::scope(|scope| {
        for (name, number) in [("INT", 2), ("TERM", 15), ("KILL", 9)] {
            scope.spawn(move || end(name, number));
        }
    });
}

#[test]
fn when_a_submitter_and_its_guard_are_killed_the_hosts_end_the_run() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let host = host(&server, SHORTER, 2);
    let [first, second] = [Diary::new(), Diary::new()];
    let mut ended = submitter(&server, SHORTER)
        .args(["--repeat", "100"])
        .arg(first.sleep(300_000))
        .start();
    first.wait_for("begin", 2);
    eventually("a job that waits", || server.messages("jobs") > 2);
    let beside = submitter(&server, SHORTER)
        .args(["--repeat", "20"])
        .arg(second.sleep(10))
        .start();
    eventually("another run", || server.runs().len() == 2);
    let busy = children(host.host.child.id());
    let guards = children(ended.child.id());
    assert_eq!(guards.len(), 1, "{guards:?}");
    signal(&guards[0], "KILL");
    ended.signal("KILL");
    ended.wait("a killed submitter");
    let finished = beside.finish("the run beside it");
    assert_eq!(finished.stdout, all_done(20));
    assert_eq!(finished.stderr, "");
    assert_eq!((first.count("begin"), second.count("begin")), (2, 20));
    assert_gone(&busy, "a run that has ended");
    server.wait_until_empty();
}

/// A folder for temporary files, which must be empty at the end.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Temporary {
        let name = format!("own-{}-{}", name.replace(' ', "-"), process::id());
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        Temporary(folder)
    }

    fn is_empty(&self) -> bool {
        fs::read_dir(&self.0).unwrap().next().is_none()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn is_server(process: &Path) -> bool {
    let name = fs::read_to_string(process.join("comm"));
    name.is_ok_and(|name| name.trim() == "nats-server")
}

#[test]
fn nothing_is_left_of_a_page_and_its_own_server_in_whichever_order_they_are_killed() {
    if nats::is_missing() {
        return;
    }
    let orders = [
        "page",
        "server",
        "page server",
        "server page",
        "STOP-server page",
        "workers page",
        "workers server page",
    ];
    let kill_in = |order: &str| {
        let folder = Temporary::new(order);
        let diary = Diary::new();
        let job = diary.sleep(300_000);
        let page = Program::new("queue-probe").env("TMPDIR", &folder.0);
        let mut page = page.args([&job, &job]).start();
        diary.wait_for("begin", 2);
        let started = children(page.child.id());
        assert_eq!(started.len(), 3, "a server and two workers: {started:?}");
        for whom in order.split(' ') {
            match whom {
                "page" => page.signal("KILL"),
                "workers" => {
                    for process in started.iter().filter(|process| !is_server(process)) {
                        signal(process, "KILL");
                    }
                }
                _ => {
                    let name = whom.strip_suffix("-server").unwrap_or("KILL");
                    for process in started.iter().filter(|process| is_server(process)) {
                        signal(process, name);
                    }
                }
            }
        }
        page.wait(order);
        assert_gone(&started, order);
        assert!(folder.is_empty(), "{order}");
    };
    thread::scope(|scope| {
        for order in orders {
            scope.spawn(move || kill_in(order));
        }
    });
}

#[test]
fn the_next_page_removes_what_one_that_was_killed_at_its_start_has_left() {
    if nats::is_missing() {
        return;
    }
    let folder = Temporary::new("early");
    let [old, new] = ["old", "new"].map(|name| {
        let folder = folder.0.join(format!("job-queue-{name}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("configuration"), "").unwrap();
        folder
    });
    let touched = Command::new("touch")
        .args(["-d", "1 hour ago"])
        .arg(&old)
        .status();
    assert!(touched.unwrap().success());
    let page = Program::new("queue-probe").env("TMPDIR", &folder.0);
    let finished = page.arg("length:a").expect(0);
    assert_eq!(finished.stdout, "0: 1\n");
    assert!(!old.exists(), "an old one is there");
    // A program may be about to start its server in a new folder.
    assert!(new.exists(), "a new one is gone");
}

#[test]
fn a_host_that_is_told_to_end_holds_no_job_back() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let submitter = submitter(&server, REAL)
        .args(["--repeat", "8"])
        .arg(diary.sleep(1000))
        .start();
    let first = host(&server, REAL, 2);
    diary.wait_for("begin", 2);
    let _second = host(&server, REAL, 2);
    let start = Instant::now();
    let (_, stderr) = first.end();
    assert_eq!(stderr, "");
    let finished = submitter.finish("a submitter");
    assert_eq!(finished.stdout, all_done(8));
    assert_eq!((diary.count("begin"), diary.count("end")), (8, 8));
    assert!(start.elapsed() < SOON, "a job was held back");
    server.wait_until_empty();
}

#[test]
fn hosts_that_come_and_go_hold_no_job_back() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let _stays = host(&server, REAL, 1);
    let submitter = unread_submitter(&server, REAL, 2000).arg(diary.sleep(1));
    let submitter = submitter.start();
    let start = Instant::now();
    for _ in 0..4 {
        let goes = host(&server, REAL, 4);
        thread::sleep(Duration::from_millis(300));
        goes.end();
    }
    let finished = submitter.finish("a submitter");
    assert_eq!(finished.status.code(), Some(0));
    assert_eq!((diary.count("begin"), diary.count("end")), (2000, 2000));
    assert!(start.elapsed() < SOON, "a job was held back");
}

#[test]
fn a_job_that_waits_goes_to_whichever_host_is_free() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let [long, short] = [Diary::new(), Diary::new()];
    let _busy = host(&server, REAL, 1);
    let submitter_of_long = submitter(&server, REAL).arg(long.sleep(15_000)).start();
    long.wait_for("begin", 1);
    // This one waits for jobs, and cannot do any.
    let idle = host(&server, REAL, 3);
    idle.host.signal("KILL");
    let _free = host(&server, REAL, 1);
    let finished = submitter(&server, REAL)
        .args(["--repeat", "50"])
        .arg(short.sleep(1))
        .expect(0);
    assert_eq!(finished.stdout, all_done(50));
    assert_eq!(long.count("end"), 0, "a job was held back");
    assert_eq!(submitter_of_long.finish("a submitter").stdout, all_done(1));
}

#[test]
fn a_run_of_one_job_has_its_turn_beside_a_huge_one() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let slots = 2;
    let _host = host(&server, REAL, slots);
    let big = Diary::new();
    let _big = unread_submitter(&server, REAL, 100_000)
        .arg(big.sleep(100))
        .start();
    big.wait_for("begin", 20);
    let big_run = server.wait_for_run();
    let is_of_other = |job: &String| !job.contains(&big_run);
    for _ in 0..3 {
        let small = Diary::new();
        let submitter = submitter(&server, REAL).arg(small.sleep(1)).start();
        eventually("the other run's job", || {
            server.subjects("jobs").iter().any(is_of_other)
        });
        let before = big.count("begin");
        small.wait_for("end", 1);
        let begun = big.count("begin") - before;
        assert_eq!(submitter.finish("a submitter").stdout, all_done(1));
        // As many jobs wait as run, or one more while the window grows. While the job is done,
        // each other slot takes one.
        assert!(begun <= 2 * slots + 1, "{begun} jobs went before");
    }
}

#[test]
fn runs_that_are_suspended_hold_up_no_other() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let [idle, busy] = [Diary::new(), Diary::new()];
    let suspended: Vec<_> = (0..20)
        .map(|_| {
            let program = submitter(&server, REAL).args(["--repeat", "50"]);
            program.arg(idle.sleep(10)).start()
        })
        .collect();
    eventually("as many runs", || server.runs().len() == suspended.len());
    eventually("a job of each", || {
        server.messages("jobs") >= suspended.len()
    });
    for submitter in &suspended {
        submitter.signal("STOP");
    }
    let waiting = server.messages("jobs");
    let _host = host(&server, REAL, 2);
    let finished = submitter(&server, REAL)
        .args(["--repeat", "200"])
        .arg(busy.sleep(1))
        .expect(0);
    assert_eq!(finished.stdout, all_done(200));
    assert_eq!(busy.count("begin"), 200);
    assert!(idle.count("begin") <= waiting);
    for submitter in &suspended {
        submitter.signal("CONT");
    }
    for submitter in suspended {
        assert_eq!(submitter.finish("a suspended one").stdout, all_done(50));
    }
    assert_eq!(idle.count("begin"), 20 * 50);
    server.wait_until_empty();
}
