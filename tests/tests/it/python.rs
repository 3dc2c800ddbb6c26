//! The twins of the fetch pages in Python do as the pages do where a server or a file is odd,
//! and `--trace` records who did what when.
//!
//! They need an interpreter with two libraries, in `target/python` (see `python/README.md`).
//! Without one nothing is tested, which `REQUIRE_PYTHON` forbids.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tests::fixtures::{self, answer, request_line};
use tests::python::{file_name, twins_of};
use tests::trace::{Item, TraceFile};
use tests::{FETCH_URL, Program, Running, root, runnable};
use workloads::site::Site;

/// The twins, each with the page that it is the twin of; none without an interpreter.
fn twins() -> Vec<(&'static str, impl Fn() -> Program)> {
    twins_of(runnable(FETCH_URL))
}

#[test]
fn a_redirect_that_leads_nowhere_is_an_error_in_the_same_words() {
    let locations = [
        "ftp://127.0.0.1/",
        "mailto:somebody@example.org",
        "about:blank",
    ];
    let site = fixtures::start(move |stream| {
        let line = request_line(stream)?;
        let path = line.split(' ').nth(1).unwrap_or_default();
        match path.trim_start_matches('/').parse::<usize>() {
            Ok(number) => {
                let header =
                    format!("Location: {}\r\nContent-Length: 0", locations[number]);
                answer(stream, "302 Found", &header, b"")
            }
            Err(_) if path == "/garbage" => {
                let header = "Location: http://[\u{9b}2J\r\nContent-Length: 0";
                answer(stream, "302 Found", header, b"")
            }
            Err(_) => answer(stream, "200 OK", "Content-Length: 5", b"hello"),
        }
    });
    let mut urls: Vec<_> = (0..locations.len())
        .map(|number| format!("http://{site}/{number}"))
        .collect();
    urls.push(format!("http://{site}/garbage"));
    urls.push(format!("http://{site}/fine"));
    for (page, twin) in twins() {
        let [page, twin] = [Program::new(page), twin()]
            .map(|program| program.arg("--quiet").args(&urls).expect(1));
        assert_eq!(twin.stdout, page.stdout);
        // Why an address is none, each language says in its own way.
        let words = |stderr: &str| -> Vec<String> {
            let end = |line: &str| line.rfind("2J: ").map_or(line.len(), |at| at + 3);
            stderr
                .lines()
                .map(|line| line[..end(line)].to_owned())
                .collect()
        };
        assert_eq!(words(&twin.stderr), words(&page.stderr));
        assert_eq!(page.stderr.lines().count(), 4, "{}", page.stderr);
    }
}

#[test]
fn a_command_line_is_refused_in_the_same_words() {
    let cases: [(&[&str], &str); 4] = [
        (&["www.python.org"], "did you mean https://www.python.org/?"),
        (
            &["localhost:8000/a"],
            "did you mean http://localhost:8000/a?",
        ),
        (&["--from", "/dev/zero"], "\\u{0}: longer than 65000 bytes"),
        (
            &["--from=-"],
            "line 1: nonsense\\u{1b}[2J: not an http:// or https:// address",
        ),
    ];
    // All twins have the same command line from the same module.
    for (page, twin) in twins().into_iter().take(1) {
        for (args, problem) in cases {
            for program in [Program::new(page), twin()] {
                let list = "\u{feff}nonsense\u{1b}[2J\r\n";
                let stderr = program.args(args).stdin(list).expect(2).stderr;
                assert!(stderr.contains(problem), "{page}: {stderr}");
            }
        }
        for program in [Program::new(page), twin()] {
            let program = program.arg("http://127.0.0.1:1/");
            let stderr = program
                .env("ALL_PROXY", "socks5://127.0.0.1:1")
                .expect(2)
                .stderr;
            let problem = "ALL_PROXY: a SOCKS proxy, which this program cannot use";
            assert!(stderr.contains(problem), "{page}: {stderr}");
        }
    }
}

#[test]
fn the_work_is_the_same_text_in_the_twins_of_the_blocking_pages() {
    let work = FETCH_URL
        .into_iter()
        .filter(|page| !page.starts_with("async"))
        .map(|page| {
            let file = root().join("python").join(file_name(page));
            let text = fs::read_to_string(file).unwrap();
            let start = text.find("@traced\ndef fetch_url(").expect(page);
            text[start..].split("\n\n\n").next().unwrap().to_owned()
        });
    assert_eq!(work.collect::<BTreeSet<_>>().len(), 1);
}

#[test]
fn a_trace_tells_who_fetched_what_when() {
    let site = Site::start(Duration::ZERO).unwrap();
    for (page, twin) in twins() {
        let workers = if page == FETCH_URL[0] { 1 } else { 2 };
        // The first two are answered only when as many wait at once as there are workers.
        let mut urls = vec![format!("{}/hold/{workers}", site.url()); 2];
        urls.push("http://127.0.0.1:1/\"é".into());
        urls.extend((0..20).map(|length| format!("{}/bytes/{length}", site.url())));
        let file = TraceFile::new(page);
        let finished = twin()
            .args(["--quiet", "--max-workers=2", "--trace"])
            .arg(&file.0)
            .args(&urls)
            .expect(1);
        let trace = file.read();
        assert!(trace.is_whole, "{page}");

        let text = |value: &Value| value.as_str().map(str::to_owned);
        let mut traced: Vec<_> = trace
            .items()
            .map(|Item { args, outcome, .. }| {
                let url = text(&args["url"]).unwrap();
                assert_eq!(*args, json!({ "url": url }), "{page}");
                match text(&outcome["return"]) {
                    Some(length) => format!("URL: {url}, Length: {length}"),
                    None => format!("error: {url}: {}", text(&outcome["error"]).unwrap()),
                }
            })
            .collect();
        let mut printed: Vec<_> = finished.stdout.lines().collect();
        printed.extend(finished.stderr.lines());
        traced.sort_unstable();
        printed.sort_unstable();
        assert_eq!(traced, printed, "{page}");

        let program = &*file_name(page);
        let lanes = match page {
            "sequential-fetch-url" => vec![(program, "MainThread")],
            "threads-fetch-url" => vec![
                (program, "ThreadPoolExecutor-0_0"),
                (program, "ThreadPoolExecutor-0_1"),
            ],
            "processes-fetch-url" | "machines-fetch-url" => {
                vec![("worker", "MainThread"); 2]
            }
            _ => vec![(program, "slot 1"), (program, "slot 2")],
        };
        assert_eq!(trace.lane_names(), lanes);
        assert_eq!(trace.most_at_once(), workers, "{page}");
        assert!(trace.names.values().any(|name| name == program), "{page}");
        // One clock for all processes, which began with the program.
        assert!(trace.items().all(|item| item.begin < 60e6), "{page}");

        let counts = &trace.in_flight;
        if page == "async-fetch-url" {
            // One more where an item begins, one less where one ends.
            assert_eq!(counts.len(), 2 * trace.items().count());
            assert!(counts.windows(2).all(|two| two[1].abs_diff(two[0]) == 1));
            let (first, last, most) = (counts[0], counts.last(), counts.iter().max());
            assert_eq!((first, last, most), (1, Some(&0), Some(&2)));
        } else {
            assert!(counts.is_empty(), "{page}");
        }
    }
}

#[test]
fn threads_that_calculate_take_turns_and_so_their_bars_overlap() {
    for (page, twin) in twins_of(["threads-heavy-calculation"]) {
        // The first thread has to give up the GIL a hundred times before it is done, and the
        // second needs a few of its turns until it begins.
        let numbers = ["5000000", "5000001"];
        let file = TraceFile::new(page);
        let finished = twin()
            .args(["--quiet", "--max-workers=2", "--trace"])
            .arg(&file.0)
            .args(numbers)
            .expect(0);
        let trace = file.read();
        assert_eq!(trace.most_at_once(), 2);
        let threads = ["ThreadPoolExecutor-0_0", "ThreadPoolExecutor-0_1"];
        let program = file_name(page);
        assert_eq!(
            trace.lane_names(),
            threads.map(|thread| (&*program, thread))
        );
        let mut traced =
            Vec::from_iter(trace.items().map(|Item { args, outcome, .. }| {
                let [num, total] = [&args["num"], &outcome["return"]];
                let [num, total] = [num, total].map(|value| value.as_str().unwrap());
                format!("Calculation for {num} returned {total}")
            }));
        traced.sort_unstable();
        assert_eq!(traced, Vec::from_iter(finished.stdout.lines()));
    }
}

/// Starts a twin on two addresses that never answer, and returns when it fetches as many as
/// it can at once: so many.
fn start_endless(
    page: &str,
    twin: Program,
    file: &Path,
    site: &Site,
) -> (Running, usize) {
    let url = site.url() + "/delay/1000";
    let mut running = twin
        .args(["--max-workers=2", "--trace"])
        .arg(file)
        .args([&url, &url])
        .start();
    let workers = if page.starts_with("sequential") { 1 } else { 2 };
    let mut stdout = BufReader::new(running.child.stdout.as_mut().unwrap());
    for _ in 0..workers {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_ne!(line, "", "{page} ended by itself");
    }
    (running, workers)
}

#[test]
fn a_trace_that_was_interrupted_holds_what_happened_until_then() {
    let site = Site::start(Duration::ZERO).unwrap();
    for (page, twin) in twins() {
        let file = TraceFile::new(&format!("interrupted-{page}"));
        let (mut running, workers) = start_endless(page, twin(), &file.0, &site);
        running.signal("INT");
        assert_eq!(running.wait(page).signal(), Some(2), "{page}");
        let trace = file.read();
        assert_eq!(trace.items().count(), workers, "{page}");
        for item in trace.items() {
            // asyncio cancels its tasks, which then end without a result.
            assert_eq!(item.end.is_some(), page == "async-fetch-url", "{page}");
            assert_eq!(item.outcome, Value::Null, "{page}");
        }
    }
}

#[test]
fn a_worker_that_is_killed_leaves_in_the_trace_what_it_began() {
    let site = Site::start(Duration::ZERO).unwrap();
    for (page, twin) in twins_of(["processes-fetch-url"]) {
        let file = TraceFile::new("killed");
        let (mut running, _) = start_endless(page, twin(), &file.0, &site);
        let (worker, _) = *file.read().lanes.keys().next().unwrap();
        let worker = worker.to_string();
        let kill = Command::new("kill").args(["-KILL", &worker]).status();
        assert!(kill.unwrap().success());
        assert_eq!(running.wait(page).code(), Some(1));
        let trace = file.read();
        assert!(trace.is_whole);
        assert_eq!(trace.items().count(), 2);
        assert!(trace.items().all(|item| item.end.is_none()));
    }
}

#[test]
fn a_trace_that_cannot_be_written_is_refused_before_the_work_starts() {
    let folder = root().join("tests");
    let nowhere = folder.join("nowhere/trace.json");
    let cases = [
        (nowhere.as_path(), "No such file or directory"),
        (folder.as_path(), "Is a directory"),
    ];
    let pages = runnable(FETCH_URL).chain(["threads-heavy-calculation"]);
    for (page, twin) in twins_of(pages) {
        for (file, cause) in cases {
            let mut program = twin().arg("--trace").arg(file);
            if FETCH_URL.contains(&page) {
                program = program.arg("http://127.0.0.1:1/");
            }
            let finished = program.expect(2);
            assert_eq!(finished.stdout, "", "{page}");
            let problem = format!(
                "{}: error: argument --trace: {}: {cause}\n",
                file_name(page),
                file.display()
            );
            assert!(finished.stderr.ends_with(&problem), "{}", finished.stderr);
        }
    }
    for (page, twin) in twins_of(["processes-heavy-calculation", "async-gather"]) {
        let finished = twin().arg("--trace=trace.json").expect(2);
        let problem = "unrecognized arguments: --trace=trace.json\n";
        let stderr = finished.stderr;
        assert!(stderr.ends_with(problem), "{page}: {stderr}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_costs_the_trace_and_no_results() {
    let site = Site::start(Duration::ZERO).unwrap();
    let pages = runnable(FETCH_URL).chain(["threads-heavy-calculation"]);
    for (page, twin) in twins_of(pages) {
        let items = if FETCH_URL.contains(&page) {
            [1, 2, 3].map(|length| format!("{}/bytes/{length}", site.url()))
        } else {
            [1, 2, 3].map(|number: u32| number.to_string())
        };
        let run = || twin().arg("--quiet").args(&items);
        let untraced = run().expect(0);
        let traced = run().arg("--trace=/dev/full").expect(1);
        assert_eq!(traced.stdout, untraced.stdout, "{page}");
        let problem = "error: cannot write to /dev/full: No space left on device\n";
        assert_eq!(traced.stderr, problem, "{page}");
    }
}
