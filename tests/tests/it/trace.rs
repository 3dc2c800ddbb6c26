//! `--trace` records what happened, in every model, however the program ends.

use std::fs;
use std::time::{Duration, Instant};

use tests::python::twins_of;
#[cfg(target_os = "linux")]
use tests::trace::Trace;
use tests::trace::{Item, TraceFile};
use tests::{FETCH_URL, Finished, HEAVY_CALCULATION, Program, THUMBNAILS};
use tests::{fetches, for_each_page, pages, runnable};
use workloads::site::Site;

/// A site. Its photos take as long as the other things that the pages wait for here.
fn site() -> Site {
    Site::start(Duration::from_millis(400)).unwrap()
}

/// A page at twelve items.
fn page(page: &str, site: &Site) -> Program {
    at_twelve_items(page, Program::new(page), site)
}

/// A page or its twin at twelve items, four at a time if it has workers. It takes a little more
/// than a second. That is long enough for all workers to begin, even on a busy machine.
fn at_twelve_items(page: &str, program: Program, site: &Site) -> Program {
    let seconds = match page {
        page if page.starts_with("sequential") => 0.1,
        page if has_workers(page) || fetches(page) => 0.4,
        _ => 1.2,
    };
    match page {
        page if FETCH_URL.contains(&page) => program
            .arg("--max-workers=4")
            .args((0..12).map(|i| format!("{}/delay/{seconds}?page={i}", site.url()))),
        page if THUMBNAILS.contains(&page) => program
            .arg("--max-workers=4")
            .args((0..12).map(|i| format!("{}/photo/{i}.jpg?page={i}", site.url()))),
        page if HEAVY_CALCULATION.contains(&page) => program
            .arg("--max-workers=4")
            .args((0..12).map(|i| (100_000 + i).to_string())),
        page => program
            .args(has_workers(page).then_some("--max-workers=4"))
            .args((0..12).map(|i| format!("{seconds}:{i}"))),
    }
}

fn has_workers(page: &str) -> bool {
    !page.starts_with("sequential") && !page.starts_with("async")
}

/// The argument of an item, as the command line has it.
fn given(item: &Item) -> String {
    let key = match &item.name[..] {
        "fetch_url" | "make_thumbnail" => "url",
        "heavy_calculation" => "num",
        "say_after" => "what",
        name => panic!("what is {name}?"),
    };
    let text = item.args[key].as_str().unwrap();
    let text = text.rsplit_once("?page=").map_or(text, |(_, page)| page);
    text.trim_start_matches("Ok(\"")
        .trim_end_matches("\")")
        .to_owned()
}

#[test]
fn every_item_has_its_place_in_the_trace() {
    let site = site();
    for_each_page(pages(), |name| {
        let file = TraceFile::new(&format!("whole-{name}"));
        let start = Instant::now();
        page(name, &site).arg("--trace").arg(&file.0).expect(0);
        let took = start.elapsed().as_secs_f64() * 1e6;
        let trace = file.read();
        assert!(trace.is_whole, "{name}");

        let mut found: Vec<_> = trace.items().map(given).collect();
        let first = if HEAVY_CALCULATION.contains(&name) {
            100_000
        } else {
            0
        };
        let mut all: Vec<_> = (first..first + 12).map(|i| i.to_string()).collect();
        found.sort();
        all.sort();
        assert_eq!(found, all, "{name}");
        for item in trace.items() {
            assert!(item.outcome["return"].is_string(), "{name}: {item:?}");
            // Everything is within the run of the program: all processes use one clock.
            let end = item.end.unwrap();
            assert!(0.0 <= item.begin && end <= took, "{name}: {took}, {item:?}");
        }

        // There are as many lanes as workers, but calculations may end before all workers have
        // begun.
        let lanes = trace.lanes.len();
        match name {
            name if name.starts_with("sequential") => {
                assert_eq!(trace.lane_names(), [(name, "main")]);
            }
            name if HEAVY_CALCULATION.contains(&name) => {
                assert!((1..=4).contains(&lanes), "{name}: {lanes}");
            }
            name if has_workers(name) || fetches(name) => {
                assert_eq!(lanes, 4, "{name}");
            }
            name => assert_eq!(lanes, 12, "{name}"),
        }
        let processes = trace.names.keys().filter(|(_, thread)| *thread == 0);
        let workers = processes.count() - 1;
        let are_processes = name.starts_with("processes") || name.starts_with("machines");
        match are_processes {
            true => assert!(lanes <= workers && workers <= 4, "{name}: {workers}"),
            false => assert_eq!(workers, 0, "{name}"),
        }
        let program = trace.names.values().filter(|process| **process == name);
        assert_eq!(program.count(), 1, "{name}: {:?}", trace.names);
    });
}

/// A task is polled when it begins and when its timer ends. Between the two it keeps no thread
/// busy.
#[test]
fn waiting_and_working_are_told_apart() {
    let tasks = ["async-gather", "async-gather-tasks", "async-task-group"];
    let site = site();
    for_each_page(tasks, |name| {
        let file = TraceFile::new(&format!("polls-{name}"));
        page(name, &site).arg("--trace").arg(&file.0).expect(0);
        let trace = file.read();
        let polls: usize = trace.polls.values().map(Vec::len).sum();
        // When one of its futures is woken, `join_all` may poll others as well.
        let is_as_many = polls == 24 || name == "async-gather" && polls > 24;
        assert!(is_as_many, "{name}: {polls}");
        assert_eq!(trace.in_flight.iter().max(), Some(&12), "{name}");
        let steps = trace.in_flight.windows(2);
        let is_step = |pair: &[u64]| pair[0].abs_diff(pair[1]) == 1;
        assert!(steps.clone().all(is_step), "{name}: {:?}", trace.in_flight);
        assert_eq!(trace.in_flight.len(), 24, "{name}");
        assert_eq!(trace.in_flight.last(), Some(&0), "{name}");
        for lane in trace.lanes.keys() {
            assert!(trace.names[lane].starts_with("slot "), "{name}");
        }
        for thread in trace.polls.keys() {
            assert!(!trace.lanes.contains_key(thread), "{name}");
        }
    });
    // A calculation is in the lane of a thread, even if the rest of the program is async.
    let file = TraceFile::new("polls-calculation");
    page("async-heavy-calculation", &site)
        .arg("--trace")
        .arg(&file.0)
        .expect(0);
    let trace = file.read();
    assert!(trace.polls.is_empty() && trace.in_flight.is_empty());
    assert!(
        trace
            .lanes
            .keys()
            .all(|lane| trace.names[lane].starts_with("thread "))
    );
}

/// Fetching and shrinking are told apart, and no thread of the async runtime shrinks.
#[test]
fn a_photo_is_shrunk_as_a_part_of_its_item() {
    let site = site();
    let check = |name: &str, program: Program| {
        let file = TraceFile::new(&format!("parts-{name}"));
        let program = at_twelve_items(name, program, &site);
        program.arg("--trace").arg(&file.0).expect(0);
        let trace = file.read();
        let parts: Vec<_> = trace.parts.values().flatten().collect();
        assert_eq!(parts.len(), 12, "{name}");
        for (lane, parts) in &trace.parts {
            assert!(parts.iter().all(|part| part.name == "shrink"), "{name}");
            // It is shrunk on the item's own thread, or on one that does nothing else.
            let is_own = trace.lanes.contains_key(lane);
            assert_eq!(is_own, !name.starts_with("async"), "{name}");
            assert!(!trace.polls.contains_key(lane), "{name}");
        }
    };
    for_each_page(THUMBNAILS, |name| check(name, Program::new(name)));
    for (name, twin) in twins_of(runnable(THUMBNAILS)) {
        check(name, twin());
    }
}

/// The next task takes the first lane that is free.
#[test]
fn a_slot_is_taken_by_one_task_after_another() {
    let site = site();
    let file = TraceFile::new("slots-async");
    let url = |page| format!("{}/delay/0.02?page={page}", site.url());
    let args = ["--max-workers=1".to_owned(), url(1), url(2), url(3)];
    Program::new("async-fetch-url")
        .args(args)
        .arg("--trace")
        .arg(&file.0)
        .expect(0);
    let trace = file.read();
    let lanes: Vec<_> = trace.lanes.values().map(Vec::len).collect();
    assert_eq!(lanes, [3]);
}

/// Gather lets the siblings of a failure go on; the task group cancels them.
#[test]
fn a_failure_and_what_it_cancels_can_be_told_apart() {
    for name in ["async-gather", "async-gather-tasks", "async-task-group"] {
        let file = TraceFile::new(&format!("fail-{name}"));
        let args = ["0.01:first", "1:last", "--fail=0.3"];
        Program::new(name)
            .args(args)
            .arg("--trace")
            .arg(&file.0)
            .expect(1);
        let trace = file.read();
        assert!(trace.is_whole, "{name}");
        let outcome = |what: &str| {
            let mut items = trace.items();
            let item = items.find(|item| item.args["what"].as_str().unwrap() == what);
            item.unwrap_or_else(|| panic!("{name}: no {what}"))
                .outcome
                .clone()
        };
        let error = outcome("Err(SayError)")["error"].to_string();
        assert!(error.contains("this saying failed"), "{name}: {error}");
        assert_eq!(outcome("Ok(\"first\")")["return"], "()", "{name}");
        let is_cancelled = outcome("Ok(\"last\")").is_null();
        assert_eq!(is_cancelled, name == "async-task-group", "{name}");
    }
    // A fetch that fails says why, in every model.
    let site = site();
    for_each_page(FETCH_URL, |name| {
        let file = TraceFile::new(&format!("fail-{name}"));
        let url = site.url() + "/python";
        Program::new(name)
            .args([&url, "--max-bytes=9", "--trace"])
            .arg(&file.0)
            .expect(1);
        let trace = file.read();
        let errors: Vec<_> = trace.items().map(|item| &item.outcome["error"]).collect();
        assert_eq!(errors.len(), 1, "{name}");
        let is_named = errors[0].to_string().contains("longer than 9 bytes");
        assert!(is_named, "{name}: {errors:?}");
    });
}

/// Each event is written to the file when it happens, not only at the end.
#[test]
fn a_trace_is_written_while_the_program_goes_on() {
    let file = TraceFile::new("soon-threads");
    let mut running = Program::new("threads-say-after")
        .args(["0.01:first", "5:last", "--trace"])
        .arg(&file.0)
        .start();
    file.wait_for(|trace| {
        let ended = trace.items().filter(|item| item.end.is_some());
        (trace.items().count(), ended.count()) == (2, 1)
    });
    assert_eq!(running.wait("threads-say-after").code(), Some(0));
}

/// Starts a page on an item that ends and an item that never ends. Returns when the first has
/// ended and the second has begun.
#[cfg(target_os = "linux")]
fn start(name: &str, site: &Site, file: &TraceFile) -> (tests::Running, Trace) {
    let program = Program::new(name).arg("--trace").arg(&file.0);
    let program = match name {
        name if fetches(name) => {
            let urls = ["/photo/0.jpg", "/delay/1000"].map(|path| site.url() + path);
            program.arg("--timeout=2000").args(urls)
        }
        name if HEAVY_CALCULATION.contains(&name) => {
            program.args(["--max-workers=2", "10", "1000000000000"])
        }
        _ => program.args(["0.01:first", "1000:last"]),
    };
    let running = program.start();
    let is_so_far = |trace: &Trace| {
        let ended = trace.items().filter(|item| item.end.is_some());
        (trace.items().count(), ended.count()) == (2, 1)
    };
    (running, file.wait_for(is_so_far))
}

/// Checks that the trace has both ends of the first item, and the beginning of the second.
#[cfg(target_os = "linux")]
fn assert_is_cut_off(name: &str, trace: &Trace) {
    let [ended, open]: [Vec<_>; 2] = [true, false].map(|ended| {
        let items = trace.items();
        items
            .filter(|item| item.outcome["return"].is_string() == ended)
            .collect()
    });
    assert_eq!((ended.len(), open.len()), (1, 1), "{name}: {trace:#?}");
    assert!(open[0].outcome.is_null(), "{name}: {open:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_happened_until_the_program_was_killed_is_there() {
    use std::os::unix::process::ExitStatusExt;

    let site = site();
    for (signal, number) in [("INT", 2), ("TERM", 15), ("KILL", 9)] {
        for_each_page(pages(), |name| {
            let file = TraceFile::new(&format!("{signal}-{name}"));
            let (mut running, _) = start(name, &site, &file);
            running.signal(signal);
            let status = running.wait(name);
            assert_eq!(status.signal(), Some(number), "{name}");
            let trace = file.read();
            assert_is_cut_off(name, &trace);
            // Async programs cancel their tasks when they are interrupted.
            let cancels = name.starts_with("async")
                && !HEAVY_CALCULATION.contains(&name)
                && signal == "INT";
            let all_ended = trace.items().all(|item| item.end.is_some());
            assert_eq!(all_ended, cancels, "{name}, {signal}");
        });
    }
}

#[cfg(target_os = "linux")]
#[test]
fn of_a_worker_that_was_killed_there_is_what_it_did() {
    let site = site();
    let processes = pages().filter(|page| page.starts_with("processes"));
    for_each_page(processes, |name| {
        let file = TraceFile::new(&format!("worker-{name}"));
        let (mut running, trace) = start(name, &site, &file);
        let is_busy = |items: &[Item]| items.iter().any(|item| item.end.is_none());
        let mut lanes = trace.lanes.iter();
        let ((worker, _), _) = lanes.find(|(_, items)| is_busy(items)).unwrap();
        kill(*worker);
        assert_eq!(running.wait(name).code(), Some(1), "{name}");
        let trace = file.read();
        assert!(trace.is_whole, "{name}");
        assert_is_cut_off(name, &trace);
    });
}

/// All processes share one clock: a worker that replaces another does not begin earlier.
#[cfg(target_os = "linux")]
#[test]
fn a_worker_that_starts_late_begins_late() {
    let file = TraceFile::new("late-worker");
    let mut running = Program::new("processes-say-after")
        .args(["--max-workers=1", "1000:first", "0.01:second", "--trace"])
        .arg(&file.0)
        .start();
    let trace = file.wait_for(|trace| trace.items().count() == 1);
    let pause = Duration::from_secs(1);
    std::thread::sleep(pause);
    kill(trace.lanes.keys().next().unwrap().0);
    assert_eq!(running.wait("processes-say-after").code(), Some(1));
    let mut begins: Vec<_> = file.read().items().map(|item| item.begin).collect();
    begins.sort_by(f64::total_cmp);
    let [first, second] = begins[..] else {
        panic!("not two: {begins:?}")
    };
    assert!(second - first >= pause.as_secs_f64() * 1e6, "{begins:?}");
}

#[cfg(target_os = "linux")]
fn kill(process: u64) {
    assert!(tests::send_signal("KILL", process));
}

#[test]
fn a_file_that_cannot_be_written_is_refused_before_anything_is_done() {
    let site = site();
    let directory = std::env::temp_dir();
    let missing = directory.join("no-such-folder").join("trace.json");
    for_each_page(pages(), |name| {
        for file in [&directory, &missing] {
            let Finished { stdout, stderr, .. } =
                page(name, &site).arg("--trace").arg(file).expect(2);
            assert_eq!(stdout, "", "{name}");
            let named = format!("error: --trace {}: ", file.display());
            assert!(stderr.starts_with(&named), "{name}: {stderr}");
        }
    });
    assert!(!missing.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_the_results_come_first() {
    let site = site();
    for_each_page(pages(), |name| {
        let sorted = |finished: &Finished| {
            let mut lines: Vec<_> = finished.stdout.lines().map(String::from).collect();
            lines.sort();
            lines
        };
        let whole = page(name, &site).expect(0);
        let full = page(name, &site).args(["--trace", "/dev/full"]).expect(1);
        assert_eq!(sorted(&full), sorted(&whole), "{name}");
        assert_eq!(
            full.stderr,
            "error: cannot write to /dev/full: No space left on device (os error 28)\n",
            "{name}"
        );
    });
}

/// If there are more tasks at a time than a trace has room for, they are done all the same. The
/// program prints how many the trace lacks.
#[test]
fn what_there_is_no_room_for_is_counted() {
    let file = TraceFile::new("room-async");
    let finished = Program::new("async-gather")
        .args(["--repeat=10005", "--quiet", "3:a", "--trace"])
        .arg(&file.0)
        .expect(0);
    let unseen = "lacks 5 items, which began beside 10000 others";
    assert!(finished.stderr.contains(unseen), "{}", finished.stderr);
    let trace = file.read();
    assert_eq!(trace.items().count(), 10_000);
    assert_eq!(trace.lanes.len(), 10_000);
}

#[test]
fn what_the_file_held_is_lost() {
    let file = TraceFile::new("twice-threads");
    for what in ["before", "now"] {
        Program::new("threads-say-after")
            .arg(format!("0.01:{what}"))
            .arg("--trace")
            .arg(&file.0)
            .expect(0);
    }
    let given: Vec<_> = file.read().items().map(given).collect();
    assert_eq!(given, ["now"]);
}

/// An argument with any characters can stand in the lines of a trace.
#[test]
fn what_an_item_was_given_is_escaped() {
    let file = TraceFile::new("escape-threads");
    let what = "\"quoted\" \\ and \n{[ é";
    Program::new("threads-say-after")
        .arg(format!("0.01:{what}"))
        .arg("--trace")
        .arg(&file.0)
        .expect(0);
    let text = fs::read_to_string(&file.0).unwrap();
    assert!(
        text.lines()
            .skip(1)
            .all(|line| line.contains('{') || line == "]")
    );
    let trace = file.read();
    let item = trace.items().next().unwrap();
    assert_eq!(item.args["what"], format!("{:?}", Ok::<_, ()>(what)));
}
