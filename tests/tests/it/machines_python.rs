//! Programs in Python and in Rust do each other's jobs, at one real server.
//!
//! They need a `nats-server`, and an interpreter with libraries in `target/python` (see
//! `python/README.md`). If one is missing nothing is tested. With `REQUIRE_NATS` and
//! `REQUIRE_PYTHON` the tests fail instead.
//!
//! All times of the queue are a tenth of the usual ones, as in `machines`.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use serde_json::json;
use tests::fixtures::{self, answer, request_line};
use tests::machines::{Diary, Output, Worker};
use tests::nats::{self, NatsServer};
use tests::{
    Finished, Program, assert_gone, children, eventually, python, root, send_signal,
};
use workloads::site::Site;

use crate::machines::{all_done, lines};

/// Programs with the same function in both languages.
struct Pair {
    name: &'static str,
    python: PathBuf,
    file: PathBuf,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Language {
    Rust,
    Python,
}

use Language::{Python, Rust};

impl Pair {
    /// A page and its twin. `None` without an interpreter.
    fn page(name: &'static str) -> Option<Pair> {
        let file = root().join("python").join(python::file_name(name));
        python::interpreter().map(|python| Pair { name, python, file })
    }

    /// A program for tests and its twin.
    fn sample(name: &'static str) -> Option<Pair> {
        let file = root().join("tests/samples").join(python::file_name(name));
        python::interpreter().map(|python| Pair { name, python, file })
    }

    fn program(&self, language: Language) -> Program {
        let program = match language {
            Rust => Program::new(self.name),
            Python => python::script(&self.python, &self.file),
        };
        program.env("TIMES_DIVIDED_BY", "10")
    }

    fn submitter(&self, language: Language, server: &NatsServer) -> Program {
        self.program(language).at(server)
    }

    fn worker(&self, language: Language, server: &NatsServer) -> Worker {
        Worker::start(self.program(language), server, 2)
    }
}

/// `queue-probe` in both languages, and a server.
fn probe_and_server() -> Option<(Pair, NatsServer)> {
    Pair::sample("queue-probe").zip(NatsServer::start())
}

/// The language of the submitter, then that of the worker.
const BOTH_WAYS: [(Language, Language); 2] = [(Python, Rust), (Rust, Python)];
const ALL_WAYS: [(Language, Language); 3] =
    [(Python, Rust), (Rust, Python), (Python, Python)];

#[test]
fn numbers_are_calculated_by_workers_in_the_other_language() {
    let Some((pair, server)) =
        Pair::page("machines-heavy-calculation").zip(NatsServer::start())
    else {
        return;
    };
    // The last result has more than 64 bits.
    let numbers = ["1", "100000", "4000000"];
    let expected = Program::new("sequential-heavy-calculation");
    let expected = expected.arg("--quiet").args(numbers).expect(0).stdout;
    for (submits, works) in BOTH_WAYS {
        let worker = pair.worker(works, &server);
        let finished = pair.submitter(submits, &server).args(["--quiet", "5", "5"]);
        let twice = "Calculation for 5 returned 30\n".repeat(2);
        assert_eq!(finished.expect(0).stdout, twice, "{submits:?}");
        let finished = pair.submitter(submits, &server).args(numbers).expect(0);
        assert_eq!(finished.stdout, expected, "{submits:?}");
        assert_eq!(finished.stderr, "", "{submits:?}");
        // The worker says what it does, unless the run is quiet.
        let (stdout, stderr) = worker.end();
        let mut lines: Vec<_> = stdout.lines().collect();
        lines.sort_unstable();
        let mut said = numbers.map(|number| format!("Calculating for {number}..."));
        said.sort_unstable();
        assert_eq!(lines, said, "{works:?}");
        assert_eq!(stderr, "", "{works:?}");
        server.wait_until_empty();
    }
}

#[test]
fn pages_are_fetched_by_workers_in_the_other_language() {
    let Some((pair, server)) = Pair::page("machines-fetch-url").zip(NatsServer::start())
    else {
        return;
    };
    let site = Site::start(Duration::ZERO).unwrap();
    let redirects = fixtures::start(|stream| {
        let line = request_line(stream)?;
        let to = match line.split(' ').nth(1) {
            Some("/refused") => "http://127.0.0.1:1/",
            _ => "mailto:somebody@example.org",
        };
        let header = format!("Location: {to}\r\nContent-Length: 0");
        answer(stream, "302 Found", &header, b"")
    });
    let mut urls =
        Vec::from_iter(["/bytes/5", "/status/404"].map(|path| site.url() + path));
    urls.extend(["refused", "mail"].map(|path| format!("http://{redirects}/{path}#x")));
    urls.extend(["http://127.0.0.1:1", "http://127.0.0.1:1/é"].map(str::to_owned));
    urls.push(format!("{}/bytes/1000", site.url()));
    for (submits, works) in BOTH_WAYS {
        // An error has exactly the text that the worker's language gives it.
        let alone = match works {
            Rust => Program::new("sequential-fetch-url"),
            Python => {
                let file = root().join("python/sequential_fetch_url.py");
                python::script(&pair.python, &file)
            }
        };
        let options = ["--quiet", "--max-bytes=500"];
        let expected = alone.args(options).args(&urls).expect(1);
        let worker = pair.worker(works, &server);
        let submitter = pair.submitter(submits, &server);
        let finished = submitter.args(options).args(&urls).expect(1);
        assert_eq!(finished.stdout, expected.stdout, "{submits:?}");
        assert_eq!(finished.stderr, expected.stderr, "{submits:?}");
        assert_eq!(worker.end(), (String::new(), String::new()), "{works:?}");
    }
}

#[test]
fn thumbnails_are_made_by_workers_in_the_other_language() {
    let Some((pair, server)) = Pair::page("machines-thumbnails").zip(NatsServer::start())
    else {
        return;
    };
    let site = Site::start(Duration::ZERO).unwrap();
    let mut urls = site.photos();
    urls.extend(["/status/404", "/bytes/5"].map(|path| site.url() + path));
    urls.push("http://127.0.0.1:1/".to_owned());
    for (submits, works) in BOTH_WAYS {
        let alone = match works {
            Rust => Program::new("sequential-thumbnails"),
            Python => {
                let file = root().join("python/sequential_thumbnails.py");
                python::script(&pair.python, &file)
            }
        };
        let expected = alone.arg("--quiet").args(&urls).expect(1);
        let worker = pair.worker(works, &server);
        let submitter = pair.submitter(submits, &server);
        let folder = format!("{}/{submits:?}", env!("CARGO_TARGET_TMPDIR"));
        let options = ["--quiet", "--output", &folder];
        let finished = submitter.args(options).args(&urls).expect(1);
        assert_eq!(finished.stdout, expected.stdout, "{submits:?}");
        assert_eq!(finished.stderr, expected.stderr, "{submits:?}");
        assert_eq!(worker.end(), (String::new(), String::new()), "{works:?}");
        for number in 1..=3 {
            let photo = fs::read(format!("{folder}/{number}.jpg")).unwrap();
            assert!(photo.starts_with(&[0xFF, 0xD8]), "{submits:?}");
        }
    }
}

#[test]
fn sayings_are_said_by_workers_in_the_other_language() {
    let Some((pair, server)) = Pair::page("machines-say-after").zip(NatsServer::start())
    else {
        return;
    };
    for (submits, works) in BOTH_WAYS {
        let worker = pair.worker(works, &server);
        let sayings = ["1:later", "0.01:sooner: ü"];
        let finished = pair.submitter(submits, &server).args(sayings).expect(0);
        assert_eq!((&*finished.stdout, &*finished.stderr), ("", ""));
        let (stdout, _) = worker.end();
        assert_eq!(stdout, "sooner: ü\nlater\n", "{works:?}");
    }
}

#[test]
fn a_page_in_python_prints_what_its_twin_prints() {
    if nats::is_missing() {
        return;
    }
    let site = Site::start(Duration::ZERO).unwrap();
    let urls = ["/bytes/3", "/delay/0.1"].map(|path| site.url() + path);
    let photos = site.photos();
    let arguments: [(&str, Vec<&str>); 4] = [
        ("machines-heavy-calculation", Vec::new()),
        ("machines-say-after", vec!["0.1:a", "0.01:b", "--repeat=2"]),
        (
            "machines-fetch-url",
            urls.iter().map(|url| &**url).collect(),
        ),
        (
            "machines-thumbnails",
            photos.iter().map(|photo| &**photo).collect(),
        ),
    ];
    for (page, arguments) in arguments {
        let Some(pair) = Pair::page(page) else {
            return;
        };
        let [twin, page] =
            [Python, Rust].map(|which| pair.program(which).args(&arguments).expect(0));
        // Progress lines come in any order.
        let sorted = |finished: &Finished| {
            let mut lines: Vec<_> = finished.stdout.lines().map(str::to_owned).collect();
            lines.sort_unstable();
            lines
        };
        assert_eq!(sorted(&twin), sorted(&page));
        assert_eq!(twin.stderr, page.stderr);
        let [twin, page] = [Python, Rust].map(|which| {
            pair.program(which)
                .arg("--quiet")
                .args(&arguments)
                .expect(0)
        });
        assert_eq!(twin.stdout, page.stdout);
    }
}

/// Whether a line of `queue-probe` says that the job with this number panicked. Each language
/// adds text of its own.
fn is_panic(line: &str, number: usize) -> bool {
    line.starts_with(&format!("{number}: failed: ")) && line.ends_with(": it panicked")
}

#[test]
fn whatever_a_job_does_to_its_worker_is_an_answer() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    let jobs = [
        "sleep:300",
        "raise",
        "panic",
        "length:abc",
        "forbidden",
        "nonsense",
    ];
    for (submits, works) in ALL_WAYS {
        let worker = pair.worker(works, &server);
        let finished = pair.submitter(submits, &server).args(jobs).expect(1);
        let refused = "queue_probe::probe refuses its argument: it is forbidden";
        let expected = [
            "0: done".to_owned(),
            "1: raised: it was raised".to_owned(),
            lines(&finished)[2].to_owned(),
            "3: 3".to_owned(),
            format!("4: failed: {refused}"),
            "5: raised: what is that?".to_owned(),
        ];
        assert_eq!(lines(&finished), expected, "{submits:?}, {works:?}");
        assert!(is_panic(lines(&finished)[2], 2), "{submits:?}, {works:?}");
        assert_eq!(finished.stderr, "", "{submits:?}, {works:?}");
        let (_, stderr) = worker.end();
        assert!(works == Rust || stderr.is_empty(), "{stderr}");
        server.wait_until_empty();
    }
}

#[test]
fn in_a_chunk_each_argument_has_its_own_result() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    let jobs = [
        "length:a",
        "panic",
        "raise",
        "forbidden",
        "sleep:1",
        "exit",
        "sleep:1",
    ];
    for (submits, works) in ALL_WAYS {
        let _worker = pair.worker(works, &server);
        let submitter = pair.submitter(submits, &server).arg("--chunk=3");
        let finished = submitter.args(jobs).expect(1);
        let lines = lines(&finished);
        assert_eq!(lines[0], "0: 1");
        assert!(is_panic(lines[1], 1), "{}", lines[1]);
        assert_eq!(lines[2], "2: raised: it was raised");
        for (number, line) in lines.iter().enumerate().skip(3).take(3) {
            let refused = "refuses its argument: it is forbidden";
            let expected = format!("{number}: failed: queue_probe::probe {refused}");
            assert_eq!(*line, expected, "{submits:?}, {works:?}");
        }
        assert_eq!(lines[6..], ["6: done"], "{submits:?}, {works:?}");
    }
}

#[test]
fn a_job_that_ends_three_processes_fails_and_says_how_and_where() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    for (submits, works) in ALL_WAYS {
        let worker = pair.worker(works, &server);
        let submitter = pair.submitter(submits, &server);
        let submitter = submitter.args(["exit", "sleep:1", "abort"]);
        let finished = submitter.expect(1);
        let host = format!("(process {})", worker.host.child.id());
        let expected = [
            ("0", "3 × exited with code 7 on "),
            ("2", "3 × killed by signal 6 (SIGABRT)"),
        ];
        assert_eq!(lines(&finished)[1], "1: done");
        for (number, how) in expected {
            let line = lines(&finished)[number.parse::<usize>().unwrap()];
            let start =
                format!("{number}: failed: 3 worker processes died while they had it: ");
            assert!(
                line.starts_with(&(start + how)),
                "{submits:?}, {works:?}: {line}"
            );
            assert!(line.ends_with(&host), "{submits:?}, {works:?}: {line}");
        }
        server.wait_until_empty();
    }
}

#[test]
fn a_job_that_takes_longer_than_its_limit_is_killed() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    for (submits, works) in ALL_WAYS {
        let _worker = pair.worker(works, &server);
        let submitter = pair.submitter(submits, &server);
        let submitter = submitter.args(["--time-limit=0.5", "sleep:60000", "sleep:1"]);
        let finished = submitter.expect(1);
        let expected = ["0: failed: it took longer than 0.5 s", "1: done"];
        assert_eq!(lines(&finished), expected, "{submits:?}, {works:?}");
    }
}

#[test]
fn jobs_and_results_up_to_the_limit_of_the_server_get_through() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    // How many bytes of a message of 1 MiB are not text, in a job and in a result.
    let job = |size: usize| format!("length*{}", size - 13);
    let result = |size: usize| format!("long:{}", size - 20);
    let sizes = [1_048_550, 1_048_563, 1_048_575, 1_048_576, 1_048_577];
    let jobs = sizes.map(job).into_iter().chain(sizes.map(result));
    let jobs: Vec<_> = jobs.chain(["sleep:1".to_owned()]).collect();
    for (submits, works) in ALL_WAYS {
        let _worker = pair.worker(works, &server);
        let finished = pair.submitter(submits, &server).args(&jobs).expect(1);
        let limit = 1_048_576;
        let expected = [
            "0: 1048537".to_owned(),
            "1: 1048550".to_owned(),
            "2: 1048562".to_owned(),
            "3: 1048563".to_owned(),
            format!("4: failed: the server takes no job of more than {limit} bytes"),
            "5: 1048530 bytes".to_owned(),
            "6: 1048543 bytes".to_owned(),
            "7: 1048555 bytes".to_owned(),
            "8: 1048556 bytes".to_owned(),
            format!(
                "9: failed: its result takes 1048577 bytes, and the server takes no more \
                 than {limit}"
            ),
            "10: done".to_owned(),
        ];
        assert_eq!(lines(&finished), expected, "{submits:?}, {works:?}");
    }
}

#[test]
fn numbers_and_bytes_of_the_other_language_come_back_as_they_were() {
    let Some((pair, server)) = Pair::sample("queue-values").zip(NatsServer::start())
    else {
        return;
    };
    let expected = [
        ("double", "0\n18446744073709551614\n".repeat(2)),
        ("backwards", "[]\n870000 characters\n".repeat(2)),
    ];
    for (submits, works) in ALL_WAYS {
        for (function, expected) in &expected {
            let program = |language| pair.program(language).env("FUNCTION", function);
            let _worker = Worker::start(program(works), &server, 1);
            let finished = program(submits).at(&server).expect(0);
            assert_eq!(finished.stdout, *expected, "{submits:?}, {works:?}");
        }
    }
    // Only the Python program has these functions.
    let same = "b'\\x00\\xff'\n-inf\n3802951800684688204490109616128\n\
                -18446744073709551616\nNone\n{'é': [1.5]}\n";
    for (function, expected) in [("same", same), ("nan", "nan\n")] {
        let alone = pair.program(Python).env("FUNCTION", function).expect(0);
        assert_eq!(alone.stdout, expected.repeat(2));
    }
}

#[test]
fn versions_of_a_function_are_told_apart() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    for (submits, works) in ALL_WAYS {
        let worker = pair.program(works).env("VERSION", "1.0");
        let _worker = Worker::start(worker, &server, 1);
        let submit = |version| {
            let submitter = pair.submitter(submits, &server).env("VERSION", version);
            submitter.args(["--wait=2", "sleep:1"])
        };
        submit("1.0").expect(0);
        let finished = submit("1.1").expect(1);
        let expected = "0: failed: no worker took it within 2 s (--wait)";
        assert_eq!(lines(&finished), [expected], "{submits:?}, {works:?}");
    }
}

#[test]
fn a_restart_of_the_server_and_the_death_of_a_worker_lose_nothing() {
    let Some((pair, mut server)) = probe_and_server() else {
        return;
    };
    for (submits, works) in ALL_WAYS {
        let diary = Diary::new();
        let workers = [(); 2].map(|()| pair.worker(works, &server));
        let submitter = pair.submitter(submits, &server).arg("--repeat=60");
        let submitter = submitter.arg(diary.sleep(100)).start();
        diary.wait_for("begin", 5);
        server.restart();
        diary.wait_for("begin", 15);
        let [first, second] = workers;
        let processes = children(first.host.child.id());
        first.host.signal("KILL");
        let finished = submitter.finish("a submitter");
        assert_eq!(lines(&finished), all_done(60), "{submits:?}, {works:?}");
        assert_gone(&processes, "a killed worker");
        second.end();
        server.wait_until_empty();
    }
}

#[test]
fn a_job_whose_process_dies_is_run_by_another() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    for (submits, works) in ALL_WAYS {
        let diary = Diary::new();
        let worker = Worker::start(pair.program(works), &server, 1);
        let submitter = pair.submitter(submits, &server);
        let submitter = submitter.arg(diary.sleep(1000)).start();
        diary.wait_for("begin", 1);
        let processes = children(worker.host.child.id());
        assert_eq!(processes.len(), 1);
        let process = processes[0].file_name().unwrap().to_str().unwrap();
        send_signal("KILL", process);
        let finished = submitter.finish("a submitter");
        assert_eq!(lines(&finished), all_done(1), "{submits:?}, {works:?}");
        assert_eq!((diary.count("begin"), diary.count("end")), (2, 1));
    }
}

#[test]
fn a_machine_on_which_all_processes_die_fails_no_job_and_says_so() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    let sick = pair.program(Python).env("SICK", "yes");
    let sick = Worker::start(sick, &server, 2);
    let _well = pair.worker(Python, &server);
    let submitter = pair.submitter(Python, &server).arg("--repeat=100");
    let finished = submitter.arg("sleep:50").expect(0);
    assert_eq!(lines(&finished), all_done(100));
    let (_, stderr) = sick.end();
    assert!(
        stderr.contains(" in a row have ended (killed by signal 6 (SIGABRT))"),
        "{stderr}"
    );
}

#[test]
fn lost_jobs_and_results_are_noticed_and_done_again() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    for works in [Rust, Python] {
        let diary = Diary::new();
        let _worker = Worker::start(pair.program(works), &server, 1);
        let submitter = pair.submitter(Python, &server);
        let jobs = [diary.sleep(3000), "length:a".to_owned()];
        let submitter = submitter.args(jobs).start();
        diary.wait_for("begin", 1);
        eventually("a job that waits", || server.messages("jobs") == 2);
        // With nats-server 2.9 this makes the consumer forget the other jobs as well.
        let job = format!("jobs.queue_probe-probe.{}.1", server.wait_for_run());
        let purged = server.ask("$JS.API.STREAM.PURGE.jobs", &json!({"filter": job}));
        assert_eq!(purged["purged"], 1, "{purged}");
        let finished = submitter.finish("a submitter");
        assert_eq!(lines(&finished), ["0: done", "1: 1"], "{works:?}");
        server.wait_until_empty();
    }
    let diary = Diary::new();
    let worker = pair.worker(Python, &server);
    let submitter = pair.submitter(Python, &server).arg("--repeat=40");
    let submitter = submitter.arg(diary.sleep(50)).start();
    diary.wait_for("begin", 10);
    // Debian's server loses the files of a stream that is deleted and soon made again.
    let programs = [&submitter, &worker.host];
    for program in programs {
        program.signal("STOP");
    }
    server.delete_streams();
    thread::sleep(Duration::from_millis(500));
    for program in programs {
        program.signal("CONT");
    }
    let finished = submitter.finish("a submitter");
    assert_eq!(lines(&finished), all_done(40), "{finished:?}");
    server.wait_until_empty();
}

#[test]
fn a_submitter_suspended_for_longer_than_a_run_lives_goes_on_when_it_comes_back() {
    let short_lived = |program: Program| program.env("RUN_TTL", "3");
    for (submits, works) in BOTH_WAYS {
        // Each has a server of its own, because the first program at a server makes the bucket.
        let Some((pair, server)) = probe_and_server() else {
            return;
        };
        let diary = Diary::new();
        let _worker = Worker::start(short_lived(pair.program(works)), &server, 2);
        let submitter = short_lived(pair.submitter(submits, &server)).arg("--repeat=30");
        let submitter = submitter.arg(diary.sleep(100)).start();
        diary.wait_for("begin", 5);
        submitter.signal("STOP");
        eventually("a run without a key", || server.runs().is_empty());
        thread::sleep(Duration::from_secs(1));
        submitter.signal("CONT");
        let finished = submitter.finish("a submitter");
        assert_eq!(lines(&finished), all_done(30), "{submits:?}, {works:?}");
        server.wait_until_empty();
    }
}

#[test]
fn when_a_submitter_ends_its_jobs_go() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    for (submits, works) in ALL_WAYS {
        let worker = Worker::start(pair.program(works), &server, 1);
        for name in ["INT", "TERM", "KILL"] {
            let [diary, other] = [Diary::new(), Diary::new()];
            let submitter = pair.submitter(submits, &server).arg("--repeat=1000");
            let mut submitter = submitter.arg(diary.sleep(60_000)).start();
            diary.wait_for("begin", 1);
            let beside = pair
                .submitter(submits, &server)
                .arg(other.sleep(10))
                .start();
            eventually("two runs", || server.runs().len() == 2);
            let started = children(submitter.child.id());
            submitter.signal(name);
            let status = submitter.wait(name);
            assert_ne!(status.signal(), None, "{status}");
            assert_gone(&started, "a submitter");
            // The running job is killed, so that the other run gets the worker.
            let beside = beside.finish("the run beside it");
            assert_eq!(lines(&beside), all_done(1), "{submits:?}, {works:?}");
            server.wait_until_empty();
            assert_eq!((diary.count("begin"), diary.count("end")), (1, 0), "{name}");
        }
        // No process has ended by itself.
        let (_, stderr) = worker.end();
        let is_log = |line: &&str| line.starts_with("note: runs: ");
        let rest: Vec<_> = stderr.lines().filter(|line| !is_log(line)).collect();
        assert!(rest.is_empty(), "{works:?}: {rest:?}");
    }
}

#[test]
fn a_result_that_is_stored_after_the_end_of_its_run_is_deleted() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    for submits in [Rust, Python] {
        let diary = Diary::new();
        let submitter = pair.submitter(submits, &server);
        let mut submitter = submitter.arg(diary.sleep(60_000)).start();
        let worker = Worker::start(pair.program(Python), &server, 1);
        diary.wait_for("begin", 1);
        let run = server.wait_for_run();
        worker.host.signal("STOP");
        let guard = children(submitter.child.id());
        submitter.signal("INT");
        submitter.wait("a submitter");
        assert_gone(&guard, "a submitter");
        server.store(&format!("results.{run}.0"), "late");
        assert_eq!(server.messages("results"), 1, "{submits:?}");
        worker.host.signal("CONT");
        server.wait_until_empty();
    }
}

#[test]
fn workers_make_no_streams() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    let worker = pair.worker(Python, &server);
    // The worker looks for the streams at intervals that grow up to a second.
    thread::sleep(Duration::from_millis(1500));
    let names = server.ask("$JS.API.STREAM.NAMES", &json!({}));
    assert_eq!(names["total"], 0, "{names}");
    pair.submitter(Python, &server).arg("sleep:1").expect(0);
    assert_eq!(worker.end(), (String::new(), String::new()));
}

#[test]
fn an_exception_in_the_iterator_of_the_jobs_reaches_the_caller() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    let _worker = pair.worker(Rust, &server);
    let submitter = pair.submitter(Python, &server);
    let finished = submitter.args(["--then=panic", "sleep:1"]).expect(1);
    assert_eq!(finished.stderr, "error: the iterator panicked\n");
    server.wait_until_empty();
}

#[test]
fn a_small_run_beside_a_huge_one_has_its_turn() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    for (submits, works) in BOTH_WAYS {
        let [huge, small] = [Diary::new(), Diary::new()];
        let _worker = pair.worker(works, &server);
        let submitter = pair.submitter(submits, &server).arg("--repeat=10000");
        let submitter = submitter.arg(huge.sleep(100)).start();
        huge.wait_for("begin", 30);
        let beside = pair.submitter(submits, &server).arg(small.sleep(1)).start();
        eventually("a second run", || server.runs().len() == 2);
        let before = huge.count("begin");
        small.wait_for("begin", 1);
        let between = huge.count("begin") - before;
        // 2 jobs run and at most 3 wait at the server. The other run's job gets there a moment
        // after its key.
        assert!(between <= 8, "{between} jobs came before it");
        assert_eq!(lines(&beside.finish("the small run")), all_done(1));
        submitter.signal("KILL");
        drop(submitter);
        server.wait_until_empty();
    }
}

#[test]
fn a_worker_that_is_told_to_end_finishes_its_job() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    let diary = Diary::new();
    let first = Worker::start(pair.program(Python), &server, 1);
    let submitter = pair.submitter(Rust, &server).arg("--repeat=2");
    let submitter = submitter.arg(diary.sleep(1000)).start();
    diary.wait_for("begin", 1);
    first.end();
    assert_eq!((diary.count("begin"), diary.count("end")), (1, 1));
    let _second = pair.worker(Python, &server);
    let finished = submitter.finish("a submitter");
    assert_eq!(lines(&finished), all_done(2));
    assert_eq!(diary.count("begin"), 2);
}

#[test]
fn another_version_of_the_messages_is_refused_in_the_same_words() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    for language in [Rust, Python] {
        let worker = pair.worker(language, &server);
        pair.submitter(language, &server).arg("sleep:1").expect(0);
        // {"version": 3} in CBOR, and a job.
        server.store("$KV.runs.stranger", b"\xa1\x67version\x03");
        server.store("jobs.queue_probe-probe.stranger.0", b"\x81\x67sleep:1");
        worker.stderr.wait_for(
            "note: the jobs of a run are left alone: it speaks version 3 of the messages, \
             and this program version 2\n",
        );
        pair.submitter(language, &server).arg("sleep:1").expect(0);
        assert_eq!(server.messages("jobs"), 1);
    }
}

#[test]
fn that_no_worker_is_there_is_said_in_the_same_words() {
    let Some((pair, server)) = probe_and_server() else {
        return;
    };
    let [page, twin] = [Rust, Python].map(|which| {
        let submitter = pair.submitter(which, &server);
        submitter.args(["--wait=2", "sleep:1"]).expect(1)
    });
    assert_eq!(twin.stdout, page.stdout);
    let advice = format!("queue_probe.py --worker --server {}\n", server.address());
    assert!(twin.stderr.ends_with(&advice), "{}", twin.stderr);
    let stderr = page.stderr.replace("queue-probe", "queue_probe.py");
    assert_eq!(twin.stderr, stderr);
}

/// The part of a configuration with a user who may not publish everything.
fn users(may_not_publish: &str) -> String {
    format!(
        "authorization: {{ users: [
            {{ user: test, password: secret }},
            {{ user: guest, password: pass,
               permissions: {{ publish: {{ deny: \"{may_not_publish}\" }} }} }} ] }}"
    )
}

#[test]
fn what_the_server_forbids_is_said_and_not_fatal() {
    let pair = Pair::sample("queue-probe");
    let Some((pair, server)) = pair.zip(NatsServer::with(&users("jobs.>"))) else {
        return;
    };
    let _worker = pair.worker(Rust, &server);
    let guest = || {
        let submitter = pair.submitter(Python, &server).env("NATS_USER", "guest");
        submitter.env("NATS_PASSWORD", "pass")
    };
    let finished = guest().args(["--wait=2", "sleep:1"]).expect(1);
    let why =
        "0: failed: nothing came within 2 s (--wait): permissions violation for publish";
    assert!(finished.stdout.starts_with(why), "{}", finished.stdout);
    let mut submitter = guest().arg("sleep:1").start();
    let stderr = Output::of(submitter.child.stderr.take());
    stderr.wait_for("note: permissions violation for publish");
    server.configure(&users("nothing"));
    assert_eq!(submitter.wait("a submitter").code(), Some(0));
    let wrong = pair
        .submitter(Python, &server)
        .env("NATS_PASSWORD", "wrong");
    let stderr = wrong.arg("sleep:1").expect(1).stderr;
    assert!(stderr.starts_with("error: cannot connect to "), "{stderr}");
    assert!(!stderr.contains("wrong"), "{stderr}");
}

#[test]
fn a_full_server_is_said_and_not_fatal() {
    let full = "authorization: { user: test, password: secret }\n\
                jetstream: { max_file_store: 4MB }";
    let Some((pair, server)) = Pair::sample("queue-probe").zip(NatsServer::with(full))
    else {
        return;
    };
    let ballast = json!({"name": "ballast", "subjects": ["ballast"], "storage": "file"});
    server.ask("$JS.API.STREAM.CREATE.ballast", &ballast);
    for size in [500_000, 10_000] {
        while server.store("ballast", vec![0; size])["error"].is_null() {}
    }
    let job = "length*200000";
    let _worker = pair.worker(Python, &server);
    let finished = pair
        .submitter(Python, &server)
        .args(["--wait=2", job])
        .expect(1);
    let why = "0: failed: nothing came within 2 s (--wait): ";
    assert!(finished.stdout.starts_with(why), "{}", finished.stdout);
    let mut submitter = pair.submitter(Python, &server).arg(job).start();
    let stderr = Output::of(submitter.child.stderr.take());
    stderr.wait_for("note: ");
    let deleted = server.ask("$JS.API.STREAM.DELETE.ballast", &json!({}));
    assert_eq!(deleted["success"], true, "{deleted}");
    assert_eq!(submitter.wait("a submitter").code(), Some(0));
}

#[test]
fn nothing_is_left_of_a_page_with_a_server_of_its_own() {
    let Some(pair) = Pair::sample("queue-probe") else {
        return;
    };
    if nats::is_missing() {
        return;
    }
    for name in ["INT", "TERM", "KILL", "none"] {
        let diary = Diary::new();
        let folder = format!("own-python-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir(&folder).unwrap();
        let program = pair.program(Python).env("TMPDIR", &folder);
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
