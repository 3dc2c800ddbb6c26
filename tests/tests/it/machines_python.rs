//! Programs in Python and in Rust do each other's jobs, at one real server.
//!
//! They need a `nats-server`, and an interpreter with libraries in `target/python` (see
//! `python/README.md`). Without one of them nothing is tested, which `REQUIRE_NATS` and
//! `REQUIRE_PYTHON` forbid.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tests::fixtures::{self, answer, request_line};
use tests::machines::Worker;
use tests::nats::{self, NatsServer};
use tests::{Finished, Program, assert_gone, children, eventually, python, root};
use workloads::site::Site;

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
    /// A page and its twin; none without an interpreter.
    fn page(name: &'static str) -> Option<Pair> {
        let file = root().join("python").join(python::file_name(name));
        python::interpreter().map(|python| Pair { name, python, file })
    }

    /// Two programs whose jobs take long, fail, or end their worker.
    fn probe() -> Option<Pair> {
        let (name, file) = ("queue-probe", root().join("tests/samples/queue_probe.py"));
        python::interpreter().map(|python| Pair { name, python, file })
    }

    fn program(&self, language: Language) -> Program {
        match language {
            Rust => Program::new(self.name),
            Python => python::script(&self.python, &self.file),
        }
    }

    fn submitter(&self, language: Language, server: &NatsServer) -> Program {
        self.program(language).args(["--server", &server.url()])
    }

    fn worker(&self, language: Language, server: &NatsServer) -> Worker {
        Worker::start(self.program(language), server, 2)
    }
}

/// Who submits and who works.
const BOTH_WAYS: [(Language, Language); 2] = [(Python, Rust), (Rust, Python)];

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
        let finished = pair.submitter(submits, &server).args(numbers).expect(0);
        assert_eq!(finished.stdout, expected, "{submits:?}");
        assert_eq!(finished.stderr, "", "{submits:?}");
        let finished = pair.submitter(submits, &server).args(["--quiet", "5"]);
        assert_eq!(finished.expect(0).stdout, "Calculation for 5 returned 30\n");
        // The worker says what it does, unless it is not to.
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
        // Errors are told as whoever fetched would tell them, to the last word.
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
    let arguments: [(&str, Vec<&str>); 3] = [
        ("machines-heavy-calculation", Vec::new()),
        ("machines-say-after", vec!["0.1:a", "0.01:b", "--repeat=2"]),
        (
            "machines-fetch-url",
            urls.iter().map(|url| &**url).collect(),
        ),
    ];
    for (page, arguments) in arguments {
        let Some(pair) = Pair::page(page) else {
            return;
        };
        let [twin, page] =
            [Python, Rust].map(|which| pair.program(which).args(&arguments).expect(0));
        // Lines of progress come in any order.
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

#[test]
fn whatever_a_job_does_to_its_worker_is_an_answer() {
    let Some((pair, server)) = Pair::probe().zip(NatsServer::start()) else {
        return;
    };
    let jobs = ["sleep:300", "raise", "panic", "length:abc", "exit"];
    let more = ["length*2000000", "long:2000000", "sleep:1"];
    for (submits, works) in [(Python, Rust), (Rust, Python), (Python, Python)] {
        let worker = pair.worker(works, &server);
        let submitter = pair.submitter(submits, &server).args(jobs).args(more);
        let finished = submitter.expect(1);
        let mut lines: Vec<_> = finished.stdout.lines().collect();
        let panicked = lines.remove(2);
        assert!(panicked.starts_with("2: failed: "), "{panicked}");
        assert!(panicked.ends_with(": it panicked"), "{panicked}");
        let result = lines.remove(5);
        assert!(
            result.starts_with("6: failed: its result takes 20000"),
            "{result}"
        );
        let expected = [
            "0: done",
            "1: raised: it was raised",
            "3: 3",
            "4: failed: 3 workers that had taken it have ended, and no other gets it",
            "5: failed: the server takes no job of more than 1048576 bytes",
            "7: done",
        ];
        assert_eq!(lines, expected, "{submits:?}, {works:?}");
        let (_, stderr) = worker.end();
        // Rust tells of a panic where it happens.
        assert!(works == Rust || stderr.is_empty(), "{stderr}");
    }
}

#[test]
fn a_restart_of_the_server_and_the_death_of_a_worker_lose_nothing() {
    let Some((pair, mut server)) = Pair::probe().zip(NatsServer::start()) else {
        return;
    };
    let expected = Vec::from_iter((0..40).map(|number| format!("{number}: done")));
    for (submits, works) in [(Python, Rust), (Rust, Python), (Python, Python)] {
        let workers = [(); 2].map(|()| pair.worker(works, &server));
        let submitter = pair.submitter(submits, &server);
        let submitter = submitter.args(["--repeat=40", "sleep:100"]);
        let finished = thread::spawn(|| submitter.expect(0));
        eventually("at work", || !server.streams().is_empty());
        thread::sleep(Duration::from_millis(500));
        server.restart();
        thread::sleep(Duration::from_millis(500));
        let [first, second] = workers;
        let processes = children(first.host.child.id());
        first.host.signal("KILL");
        let finished = finished.join().unwrap();
        assert_eq!(Vec::from_iter(finished.stdout.lines()), expected);
        assert_gone(&processes, "a killed worker");
        second.end();
        server.wait_until_empty();
    }
}

#[test]
fn who_speaks_another_version_is_refused_in_the_same_words() {
    let Some((pair, server)) = Pair::probe().zip(NatsServer::start()) else {
        return;
    };
    let stranger = r#"{"version":2,"function":"probe","worker":"me","run":"R"}"#;
    let said = "it speaks version 2 of the messages, and this program version 1";
    for language in [Rust, Python] {
        let worker = pair.worker(language, &server);
        let work = || pair.submitter(language, &server).arg("sleep:1").expect(0);
        // With the first result the worker listens; it hears of the stranger before it does
        // of the second job.
        work();
        server.publish("jobs.runs", stranger);
        server.publish("jobs.runs", stranger);
        work();
        let (_, stderr) = worker.end();
        let note = format!("note: the jobs of a program are left alone: {said}\n");
        assert_eq!(stderr, note, "{language:?}");

        let submitter = pair.submitter(language, &server);
        let mut submitter = submitter.args(["--wait=2", "sleep:1"]).start();
        while submitter.wait_for(Duration::from_millis(100)).is_none() {
            server.publish("jobs.workers", stranger);
        }
        let mut stderr = String::new();
        let pipe = submitter.child.stderr.as_mut().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        let note = format!("note: a worker was refused: {said}\n");
        assert_eq!(stderr, note, "{language:?}");
    }
}

#[test]
fn that_nobody_works_is_said_in_the_same_words() {
    let Some((pair, server)) = Pair::probe().zip(NatsServer::start()) else {
        return;
    };
    let other = Pair::page("machines-say-after").unwrap();
    let _worker = other.worker(Python, &server);
    let [page, twin] = [Rust, Python].map(|which| {
        let submitter = pair.submitter(which, &server);
        submitter.args(["--wait=7", "sleep:1"]).expect(1)
    });
    assert_eq!(twin.stdout, page.stdout);
    let address = server.url().replace("test:secret@", "");
    let advice = format!("queue_probe.py --worker --server {address}\n");
    assert!(twin.stderr.contains(&advice), "{}", twin.stderr);
    let stderr = page.stderr.replace("queue-probe", "queue_probe.py");
    assert_eq!(twin.stderr, stderr);
}

/// All processes that a process has started, and those that they have started.
fn descendants(process: u32) -> Vec<PathBuf> {
    let mut all = children(process);
    let mut next = 0;
    while let Some(process) = all.get(next) {
        let pid = process.file_name().unwrap().to_str().unwrap();
        if Path::new("/proc").join(pid).exists() {
            all.extend(children(pid.parse().unwrap()));
        }
        next += 1;
    }
    all
}

#[test]
fn nothing_is_left_of_a_page_in_python() {
    let Some((pair, server)) = Pair::probe().zip(NatsServer::start()) else {
        return;
    };
    let worker = pair.worker(Rust, &server);
    for signal in ["INT", "TERM", "KILL"] {
        let mut page = pair.submitter(Python, &server).arg("sleep:60000").start();
        eventually("at work", || !server.streams().is_empty());
        let started = descendants(page.child.id());
        page.signal(signal);
        page.wait(signal);
        assert_gone(&started, signal);
        server.wait_until_empty();
    }
    drop(worker);

    for signal in ["INT", "TERM", "KILL"] {
        let name = format!("own-{signal}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        let program = pair.program(Python).env("TMPDIR", &folder);
        let mut page = program.args(["sleep:60000", "sleep:60000"]).start();
        let mut started = Vec::new();
        // A guard, a server, two workers.
        eventually("at work", || {
            started = descendants(page.child.id());
            started.len() == 4
        });
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        page.signal(signal);
        page.wait(signal);
        assert_gone(&started, signal);
        let is_empty = || fs::read_dir(&folder).unwrap().next().is_none();
        eventually("without files", is_empty);
        fs::remove_dir(&folder).unwrap();
    }
}
