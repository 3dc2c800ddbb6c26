//! The twins in Python have the results and exit codes of their pages, and end in the same
//! ways. Their `--trace` records which item ran when and where.
//!
//! They need an interpreter with libraries in `target/python` (see `python/README.md`). Without
//! one nothing is tested. With `REQUIRE_PYTHON` the tests fail instead.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::time::Duration;

use serde_json::{Value, json};
use tests::fixtures::{self, answer, photos, repeat, request_head, request_line};
use tests::python::{file_name, twins_of};
use tests::trace::{Item, TraceFile};
use tests::{FETCH_URL, HEAVY_CALCULATION, SAY_AFTER, THUMBNAILS};
use tests::{Program, fetches, pages, root, runnable, send_signal};
use workloads::site::Site;

/// The twins of the fetch pages, each with its page. None without an interpreter.
fn fetch_twins() -> Vec<(&'static str, impl Fn() -> Program)> {
    twins_of(runnable(FETCH_URL))
}

/// All twins, each with its page.
fn all_twins() -> Vec<(&'static str, impl Fn() -> Program)> {
    twins_of(runnable(pages()))
}

/// Three items of work that a page is done with quickly.
fn small_items(page: &str, site: &Site) -> [String; 3] {
    [1, 2, 3].map(|number: u32| {
        if FETCH_URL.contains(&page) {
            format!("{}/bytes/{number}", site.url())
        } else if THUMBNAILS.contains(&page) {
            format!("{}/photo/{number}.jpg", site.url())
        } else if HEAVY_CALCULATION.contains(&page) {
            number.to_string()
        } else {
            format!("0.01:{number}")
        }
    })
}

/// The text of a twin's work function, with its decorators.
fn work_of(page: &str) -> String {
    let file = root().join("python").join(file_name(page));
    let text = fs::read_to_string(file).unwrap();
    let parts = text.split("\n\n\n");
    let mut work = parts.filter(|part| part.contains("@traced\n"));
    work.next().expect(page).to_owned()
}

#[test]
fn the_work_is_the_same_text_in_the_twins_of_the_blocking_pages() {
    for pages in [&FETCH_URL[..], &HEAVY_CALCULATION, &SAY_AFTER, &THUMBNAILS] {
        let blocking = pages.iter().filter(|page| !page.starts_with("async"));
        let works = BTreeSet::from_iter(blocking.map(|page| work_of(page)));
        assert_eq!(works.len(), 1, "{works:#?}");
    }
}

/// Each of these photos has a size for which the size of its thumbnail is rounded.
#[test]
fn the_twins_of_the_thumbnails_pages_make_thumbnails_of_the_same_sizes() {
    let claims = [
        (1000, 1),
        (3, 1224),
        (17, 16),
        (831, 1300),
        (591, 531),
        (1493, 998),
    ];
    let server = fixtures::start(move |stream| {
        let line = request_line(stream)?;
        let path = line.split(' ').nth(1).unwrap_or_default();
        let number: usize = path[1..].parse().expect("a number");
        let photo = claims
            .get(number)
            .map_or(photos::FINE.to_vec(), |it| photos::claiming(it.0, it.1));
        let length = format!("Content-Length: {}", photo.len());
        answer(stream, "200 OK", &length, &photo)
    });
    let urls = (0..=claims.len()).map(|number| format!("http://{server}/{number}"));
    let urls: Vec<_> = urls.collect();
    for (page, twin) in twins_of(runnable(THUMBNAILS)) {
        for size in ["1", "16", "127"] {
            let root = format!("{}/sizes-{page}-{size}", env!("CARGO_TARGET_TMPDIR"));
            let _ = fs::remove_dir_all(&root);
            // The program makes this folder.
            let folders = ["page", "twin"].map(|which| format!("{root}/deep/{which}"));
            let programs = [Program::new(page), twin()];
            let runs = programs.into_iter().zip(&folders).map(|(program, folder)| {
                let program = program.args(["--quiet", "--size", size, "--output"]);
                program.arg(folder).args(&urls).expect(0).stdout
            });
            let printed: Vec<_> = runs.collect();
            assert_eq!(printed[1], printed[0], "{page}, {size}");
            let files = folders.map(|folder| sizes_in(&folder));
            assert_eq!(files[1], files[0], "{page}, {size}");
            let expected =
                BTreeMap::from_iter((1..).zip(printed[0].lines().map(|line| {
                    let (_, size) = line.rsplit_once(": ").unwrap();
                    size.to_owned()
                })));
            assert_eq!(files[0], expected, "{page}, {size}");
        }
    }
}

/// The sizes of the thumbnails in a folder, by their numbers. Checks that nothing else is in
/// it.
fn sizes_in(folder: &str) -> BTreeMap<usize, String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap().to_str().unwrap();
        let number = name.strip_suffix(".jpg").and_then(|it| it.parse().ok());
        let (width, height) = photos::claimed_size(&fs::read(&file).unwrap());
        (number.expect(name), format!("{width}x{height}"))
    });
    files.collect()
}

#[test]
fn an_address_that_fails_hides_nothing_else() {
    let site = fixtures::start(|stream| {
        let line = request_line(stream)?;
        match line.split(' ').nth(1) {
            Some("/drips") => {
                answer(stream, "200 OK", "Content-Length: 100000", b"")?;
                repeat(stream, b".", Duration::from_millis(10))
            }
            Some("/endless") => {
                answer(stream, "200 OK", "X: no length", b"")?;
                repeat(stream, &[b'.'; 10_000], Duration::ZERO)
            }
            Some("/cut") => answer(stream, "200 OK", "Content-Length: 9", b"hello"),
            Some("/redirect") => {
                let header = "Location: ftp://127.0.0.1/\r\nContent-Length: 0";
                answer(stream, "302 Found", header, b"")
            }
            _ => answer(stream, "200 OK", "Content-Length: 5", b"hello"),
        }
    });
    let faults = ["drips", "endless", "cut", "redirect"];
    let mut faults = Vec::from(faults.map(|path| format!("http://{site}/{path}")));
    faults.push("http://127.0.0.1:1/".to_owned());
    let fine = format!("http://{site}/fine");
    for (page, twin) in fetch_twins() {
        let [page, twin] = [Program::new(page), twin()].map(|program| {
            let options = ["--quiet", "--timeout=1", "--max-bytes=1000000"];
            let urls = faults.iter().flat_map(|fault| [fault, &fine]);
            program.args(options).args(urls).expect(1)
        });
        assert_eq!(twin.stdout, page.stdout);
        // Each language has its own words for the cause.
        for stderr in [&twin.stderr, &page.stderr] {
            assert_eq!(stderr.lines().count(), faults.len(), "{stderr}");
            for (line, fault) in stderr.lines().zip(&faults) {
                assert!(line.starts_with(&format!("error: {fault}: ")), "{stderr}");
            }
        }
    }
}

#[test]
fn a_saying_that_fails_is_a_failure_of_the_program() {
    let sayings = ["--fail=0.05", "0.01:before", "0.3:after"];
    for (page, twin) in twins_of(runnable(SAY_AFTER)) {
        let [page_said, twin_said] =
            [Program::new(page), twin()].map(|program| program.args(sayings).expect(1));
        assert_eq!(twin_said.stdout, page_said.stdout, "{page}");
        for stderr in [&twin_said.stderr, &page_said.stderr] {
            assert_eq!(stderr.lines().count(), 1, "{page}: {stderr}");
            assert!(stderr.starts_with("error: "), "{page}: {stderr}");
        }
    }
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let site = Site::start(Duration::ZERO).unwrap();
    let url = site.url() + "/bytes/1";
    let cases: [&[&str]; 6] = [
        &["www.python.org"],
        &["--from", "/nowhere"],
        &["--from=-", &url],
        &["--live", &url],
        &["--max-workers=0", &url],
        &["--timeout=0", &url],
    ];
    for (page, twin) in fetch_twins() {
        for args in cases {
            Program::new(page).args(args).expect(2);
            twin().args(args).expect(2);
        }
        // Editors on Windows begin a list with a byte order mark.
        let list = format!("\u{feff}{url}\r\n\r\n{url}");
        let finished = twin().args(["--quiet", "--from=-"]).stdin(&list).expect(0);
        assert_eq!(
            finished.stdout,
            format!("URL: {url}, Length: 1\n").repeat(2)
        );
    }
}

#[test]
fn a_size_or_folder_that_is_impossible_is_refused_before_anything_is_fetched() {
    let url = "http://127.0.0.1:1/";
    let file = format!("{}/Cargo.toml", root().display());
    let sizes = ["0", "-1", "1025", "65537", "1.5", "", "many"];
    let cases = sizes.map(|size| ("--size", size));
    let mut cases = Vec::from(cases);
    cases.push(("--output", &file));
    if cfg!(target_os = "linux") {
        // This folder exists, but no file can be made in it.
        cases.push(("--output", "/proc"));
    }
    for (page, twin) in twins_of(runnable(THUMBNAILS)) {
        for (option, value) in &cases {
            for program in [Program::new(page), twin()] {
                let finished = program.args([option, value, url]).expect(2);
                assert_eq!(finished.stdout, "", "{page} {option} {value}");
                let stderr = finished.stderr;
                assert!(stderr.contains(option), "{page} {value}: {stderr}");
                assert!(stderr.contains(value), "{page} {value}: {stderr}");
            }
        }
        // The three addresses of the article are no photos.
        Program::new(page).arg("--live").expect(2);
        twin().arg("--live").expect(2);
        // The demo site is in the Rust pages only.
        twin().expect(2);
    }
}

#[test]
fn the_password_in_an_address_is_not_shown() {
    let site = Site::start(Duration::ZERO).unwrap();
    let host = site.url().replace("http://", "");
    for (page, twin) in twins_of(runnable(pages().filter(|page| fetches(page)))) {
        let (path, result) = if THUMBNAILS.contains(&page) {
            ("/photo/0.jpg", "Thumbnail: 128x96")
        } else {
            ("/bytes/5", "Length: 5")
        };
        let file = TraceFile::new(&format!("password-{page}"));
        let finished = twin()
            .arg("--trace")
            .arg(&file.0)
            .arg(format!("http://user:secret@{host}{path}"))
            .arg("http://user:secret@127.0.0.1:1/")
            .expect(1);
        let result = format!("URL: http://user:***@{host}{path}, {result}\n");
        assert!(finished.stdout.ends_with(&result), "{}", finished.stdout);
        let trace = fs::read_to_string(&file.0).unwrap();
        for text in [finished.stdout, finished.stderr, trace] {
            assert!(text.contains("user:***@"), "{page}: {text}");
            assert!(!text.contains("secret"), "{page}: {text}");
        }
        for wrong in ["ftp://user:secret@127.0.0.1/", "http://user:secret@"] {
            let stderr = twin().arg(wrong).expect(2).stderr;
            assert!(!stderr.contains("secret"), "{page}: {stderr}");
        }
    }
}

#[test]
fn a_request_says_which_program_sends_it() {
    let site = fixtures::start(|stream| {
        let head = request_head(stream)?.to_lowercase();
        let status = match head.contains("\r\nuser-agent: python-") {
            true => "200 OK",
            false => "403 Forbidden",
        };
        answer(stream, status, "Content-Length: 0", b"")
    });
    for (page, twin) in fetch_twins() {
        let stdout = twin().arg(format!("http://{site}/")).expect(0).stdout;
        assert!(stdout.contains("with status 200"), "{page}: {stdout}");
    }
}

#[test]
fn a_closed_pipe_ends_a_twin_quietly() {
    let site = Site::start(Duration::ZERO).unwrap();
    for (page, twin) in all_twins() {
        let mut running = twin().args(small_items(page, &site)).start();
        // No line is read.
        drop(running.child.stdout.take());
        let status = running.wait(page);
        let mut stderr = String::new();
        let mut pipe = running.child.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        assert_eq!((status.code(), &*stderr), (Some(0), ""), "{page}");
    }
}

/// Starts a twin on two items that take longer than any test. Returns when it has begun as many
/// as it can do at a time, and their number.
#[cfg(target_os = "linux")]
fn start_endless(
    page: &str,
    twin: Program,
    file: &TraceFile,
    site: &Site,
) -> (tests::Running, usize) {
    let item = if fetches(page) {
        format!("{}/delay/1000", site.url())
    } else if HEAVY_CALCULATION.contains(&page) {
        "1000000000000".to_owned()
    } else {
        "1000:never".to_owned()
    };
    let running = twin
        .args(["--max-workers=2", "--trace"])
        .arg(&file.0)
        .args([&item, &item])
        .start();
    let most = if page.starts_with("sequential") { 1 } else { 2 };
    file.wait_for(|trace| trace.items().count() == most);
    (running, most)
}

#[test]
#[cfg(target_os = "linux")]
fn a_twin_that_is_interrupted_or_killed_leaves_its_trace_and_no_process() {
    use std::os::unix::process::ExitStatusExt;
    use tests::{assert_gone, children};

    let site = Site::start(Duration::ZERO).unwrap();
    for (page, twin) in all_twins() {
        for (signal, number) in [("INT", 2), ("KILL", 9)] {
            let file = TraceFile::new(&format!("{signal}-{page}"));
            let (mut running, most) = start_endless(page, twin(), &file, &site);
            let started = children(running.child.id());
            running.signal(signal);
            let status = running.wait_for(Duration::from_secs(5)).expect(page);
            assert_eq!(status.signal(), Some(number), "{page}");
            assert_gone(&started, page);

            let trace = file.read();
            assert_eq!(trace.items().count(), most, "{page}");
            // asyncio cancels its tasks, which then end without a result.
            let are_tasks =
                page.starts_with("async") && !HEAVY_CALCULATION.contains(&page);
            let are_cancelled = are_tasks && signal == "INT";
            for item in trace.items() {
                assert_eq!(item.end.is_some(), are_cancelled, "{page}");
                assert_eq!(item.outcome, Value::Null, "{page}");
            }
        }
    }
}

#[test]
fn the_death_of_a_worker_fails_what_has_no_result_yet() {
    let site = Site::start(Duration::ZERO).unwrap();
    for (page, twin) in twins_of(["processes-fetch-url"]) {
        let [fine, endless] =
            ["/bytes/1", "/delay/1000"].map(|path| format!("{}{path}", site.url()));
        let file = TraceFile::new("killed");
        let running = twin()
            .args(["--quiet", "--max-workers=2", "--trace"])
            .arg(&file.0)
            .args([&fine, &endless, &endless, &fine])
            .start();
        let trace = file.wait_for(|trace| trace.items().count() == 3);
        let mut lanes = trace.lanes.into_iter();
        let is_busy = |items: &[Item]| items.iter().any(|item| item.end.is_none());
        let busy = lanes.find(|(_, items)| is_busy(items));
        let ((worker, _), _) = busy.unwrap();
        assert!(send_signal("KILL", worker));

        let finished = running.finish(page);
        assert_eq!(finished.status.code(), Some(1));
        assert_eq!(finished.stdout, format!("URL: {fine}, Length: 1\n"));
        let failed: Vec<_> = finished.stderr.lines().collect();
        assert_eq!(failed.len(), 3, "{failed:?}");
        for (line, url) in failed.iter().zip([&endless, &endless, &fine]) {
            assert!(line.starts_with(&format!("error: {url}: ")), "{line}");
        }
        let trace = file.read();
        assert!(trace.is_whole);
        let ended = trace.items().filter(|item| item.end.is_some());
        assert_eq!(ended.count(), 1);
    }
}

#[test]
fn every_item_of_every_twin_is_in_the_trace() {
    let site = Site::start(Duration::ZERO).unwrap();
    for (page, twin) in all_twins() {
        let items = small_items(page, &site);
        let file = TraceFile::new(&format!("every-{page}"));
        twin().arg("--trace").arg(&file.0).args(&items).expect(0);
        let trace = file.read();
        assert!(trace.is_whole, "{page}");
        let given = |item: &Item| {
            assert!(item.outcome["return"].is_string(), "{page}");
            let text = |name: &str| item.args[name].as_str().unwrap().to_owned();
            match &*item.name {
                "fetch_url" | "make_thumbnail" => text("url"),
                "heavy_calculation" => text("num"),
                _ => format!("{}:{}", text("delay"), text("what")),
            }
        };
        let mut traced: Vec<_> = trace.items().map(given).collect();
        traced.sort_unstable();
        assert_eq!(traced, items, "{page}");
    }
}

#[test]
fn a_trace_tells_who_fetched_what_when() {
    let site = Site::start(Duration::ZERO).unwrap();
    for (page, twin) in fetch_twins() {
        let workers = if page == FETCH_URL[0] { 1 } else { 2 };
        // The first two are answered only when as many wait at the same time as there are
        // workers.
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
        // All processes use one clock, which began with the program.
        assert!(trace.items().all(|item| item.begin < 60e6), "{page}");

        let counts = &trace.in_flight;
        if page == "async-fetch-url" {
            // The count goes up by one where an item begins, and down by one where an item
            // ends.
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
        // The first thread gives up the GIL a hundred times before it is done. The second needs
        // a few of these turns until it begins.
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

#[test]
fn a_trace_that_cannot_be_written_is_refused_before_the_work_starts() {
    let folder = root().join("tests");
    let nowhere = folder.join("nowhere/trace.json");
    let site = Site::start(Duration::ZERO).unwrap();
    for (page, twin) in all_twins() {
        for (file, cause) in [
            (&nowhere, "No such file or directory"),
            (&folder, "Is a directory"),
        ] {
            let program = twin().args(small_items(page, &site));
            let finished = program.arg("--trace").arg(file).expect(2);
            assert_eq!(finished.stdout, "", "{page}");
            assert!(finished.stderr.contains(cause), "{}", finished.stderr);
            let file = file.display().to_string();
            assert!(finished.stderr.contains(&file), "{}", finished.stderr);
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_costs_the_trace_and_no_results() {
    let site = Site::start(Duration::ZERO).unwrap();
    for (page, twin) in all_twins() {
        let run = || twin().arg("--quiet").args(small_items(page, &site));
        let untraced = run().expect(0);
        let traced = run().arg("--trace=/dev/full").expect(1);
        assert_eq!(traced.stdout, untraced.stdout, "{page}");
        let problem = "error: cannot write to /dev/full: No space left on device\n";
        assert_eq!(traced.stderr, problem, "{page}");
    }
}
