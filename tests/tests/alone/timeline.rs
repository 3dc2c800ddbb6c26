//! `cargo xtask timeline` from end to end: it builds real pages and traces them at small sizes,
//! and the tests read what it has drawn.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tests::{
    FETCH_URL, Finished, HEAVY_CALCULATION, Program, SAY_AFTER, THUMBNAILS, runnable,
};

/// The first test builds the pages in release.
const BUILD_AND_RUN: Duration = Duration::from_secs(900);

/// A folder for one test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("timeline")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A task of xtask that writes to a folder.
fn xtask(arguments: &str, folder: &Path) -> Program {
    let xtask = Program::new("xtask").args(arguments.split_whitespace());
    xtask.arg("--output").arg(folder)
}

/// Runs a task to its end, which must have this exit code.
fn run(arguments: &str, folder: &Path, code: i32) -> Finished {
    let finished = xtask(arguments, folder).run_for(BUILD_AND_RUN);
    assert_eq!(finished.status.code(), Some(code), "{finished:#?}");
    finished
}

fn json(file: &Path) -> Value {
    let json = fs::read_to_string(file).unwrap();
    serde_json::from_str(&json).unwrap()
}

/// What `timeline` drew last: a panel for each workload.
fn panels(folder: &Path) -> Vec<Value> {
    let results = json(&folder.join("timeline.json"));
    array(&results["panels"]).to_vec()
}

/// The timelines of the first panel.
fn timelines(folder: &Path) -> Vec<Value> {
    array(&panels(folder)[0]["timelines"]).to_vec()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn names(timelines: &[Value]) -> Vec<&str> {
    let timelines = timelines.iter();
    timelines.map(|timeline| text(&timeline["name"])).collect()
}

/// A field of every bar of a timeline, sorted.
fn bars<'a>(timeline: &'a Value, field: &str) -> Vec<&'a str> {
    let lanes = array(&timeline["lanes"]).iter();
    let bars = lanes.flat_map(|lane| array(&lane["bars"]));
    let mut fields: Vec<_> = bars.map(|bar| text(&bar[field])).collect();
    fields.sort_unstable();
    fields
}

/// The names of all files in a folder.
fn files(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn every_model_is_drawn_and_every_file_written() {
    let folder = folder("all");
    let sizes = "--delay 0.2 --workers 2 --numbers 20000000,30000000 \
                 --sayings 0.4:hello,0.3:world --photos 3";
    let finished = run(&format!("timeline {sizes}"), &folder, 0);
    let results = json(&folder.join("timeline.json"));
    let command = text(&results["provenance"]["command"]);
    assert!(
        command.starts_with("cargo xtask timeline --delay 0.2"),
        "{command}"
    );

    let workloads = [
        (
            "fetch-url",
            &FETCH_URL[..],
            &["django", "flask", "python"][..],
        ),
        (
            "heavy-calculation",
            &HEAVY_CALCULATION,
            &["20000000", "30000000"],
        ),
        ("say-after", &SAY_AFTER, &["hello", "world"]),
        ("thumbnails", &THUMBNAILS, &["1.jpg", "2.jpg", "3.jpg"]),
    ];
    let panels = array(&results["panels"]);
    assert_eq!(panels.len(), workloads.len());
    let mut expected: BTreeSet<_> = [".lock", "timeline.json"].map(String::from).into();
    for (panel, (workload, pages, labels)) in panels.iter().zip(workloads) {
        assert_eq!(panel["workload"], workload);
        let timelines = array(&panel["timelines"]);
        let pages: Vec<_> = runnable(pages.iter().copied()).collect();
        assert_eq!(timelines.len(), pages.len());
        for (timeline, page) in timelines.iter().zip(pages) {
            assert_is_whole(timeline, page, workload, labels);
            // It is drawn below a heading with its name.
            let heading = format!("\n{} ", text(&timeline["name"]));
            assert!(finished.stdout.contains(&heading), "{}", finished.stdout);
            let trace = format!("trace-{page}.json");
            assert!(!array(&json(&folder.join(&trace))).is_empty(), "{trace}");
            expected.insert(trace);
        }
        for shade in ["light", "dark"] {
            let picture = format!("timeline-{workload}-{shade}.svg");
            let svg = fs::read_to_string(folder.join(&picture)).unwrap();
            // A bar that computes and waits is two rectangles, and the legend has one more.
            let [bars, waiting] = ["class=\"bar\"", "class=\"bar waits\""]
                .map(|class| svg.matches(class).count());
            let tells_computing = workload == "thumbnails";
            assert_eq!(waiting > 0, tells_computing, "{picture}");
            let drawn = bars + waiting - usize::from(tells_computing);
            assert_eq!(drawn, labels.len() * timelines.len(), "{picture}");
            expected.insert(picture);
        }
    }
    // There is no report, because there was none before.
    assert_eq!(files(&folder), expected);
    assert!(!finished.stdout.contains('\x1b'), "{}", finished.stdout);
    assert!(
        finished.stderr.contains("https://ui.perfetto.dev"),
        "{}",
        finished.stderr
    );
}

/// Checks the timeline of a page that did two or three items, two at a time.
fn assert_is_whole(timeline: &Value, page: &str, workload: &str, labels: &[&str]) {
    let racer = page.trim_end_matches(&format!("-{workload}"));
    assert_eq!(timeline["name"], racer);
    assert_eq!(timeline["origin"]["page"], page);
    assert_eq!(bars(timeline, "label"), labels, "{timeline:#}");
    let outcomes = bars(timeline, "outcome");
    assert!(
        outcomes.iter().all(|outcome| *outcome == "done"),
        "{timeline:#}"
    );

    // There are no more at a time than the model allows. Items that wait are sure to overlap.
    let most = timeline["most"].as_u64().unwrap();
    let expected = match workload {
        _ if racer == "sequential" => 1..=1,
        "heavy-calculation" => 1..=2,
        _ => 2..=2,
    };
    assert!(expected.contains(&most), "{page}: {timeline:#}");

    // A task that waits keeps no thread busy: its lane is a slot, and threads stand below.
    let has_tasks = page.starts_with("async") && workload != "heavy-calculation";
    let lanes = array(&timeline["lanes"]);
    assert!(
        lanes.iter().all(|lane| lane["is_slot"] == has_tasks),
        "{page}"
    );
    let threads = array(&timeline["threads"]);
    assert_eq!(!threads.is_empty(), has_tasks, "{page}");

    // Shrinking is a part of every item, or what other threads do for its task.
    let computes = |bar: &Value| bar["computing"].as_array().map_or(0, Vec::len) == 1;
    let mut bars = lanes.iter().flat_map(|lane| array(&lane["bars"]));
    let in_lanes = workload == "thumbnails" && !has_tasks;
    assert!(
        bars.all(|bar| computes(bar) == in_lanes),
        "{page}: {timeline:#}"
    );
    let is_for_tasks = |thread: &Value| text(&thread["name"]).starts_with("compute ");
    let has_helpers = threads.iter().any(is_for_tasks);
    assert_eq!(has_helpers, workload == "thumbnails" && has_tasks, "{page}");
}

#[test]
fn a_failure_cancels_the_other_items_in_a_task_group_only() {
    let folder = folder("fail");
    let arguments = "timeline --fail 0.1 --sayings 0.4:hello,0.5:world";
    let finished = run(arguments, &folder, 0);
    let title = panels(&folder)[0]["title"].clone();
    assert!(
        text(&title).ends_with(", and one that fails after 100 ms"),
        "{title}"
    );
    let timelines = timelines(&folder);
    assert_eq!(names(&timelines), ["async-gather", "async-task-group"]);
    assert_eq!(bars(&timelines[0], "outcome"), ["done", "done", "failed"]);
    assert_eq!(
        bars(&timelines[1], "outcome"),
        ["cancelled", "cancelled", "failed"]
    );
    for words in [
        ", 1 failed\n",
        ", 1 failed, 2 cancelled\n",
        "✗ failed   ⊘ cancelled",
    ] {
        assert!(
            finished.stdout.contains(words),
            "{words} in {}",
            finished.stdout
        );
    }
}

#[test]
fn a_wrong_argument_is_refused_before_anything_is_written() {
    let folder = folder("refused");
    for (arguments, expected) in [
        ("nope", "invalid value 'nope'"),
        (
            "threads-fetch-url --fail 1",
            "--fail is for say-after, not for fetch-url",
        ),
        (
            "say-after --urls 5",
            "--urls is for fetch-url, which is not drawn",
        ),
        ("--fail=-1", "--fail"),
    ] {
        let finished = run(&format!("timeline {arguments}"), &folder, 2);
        assert!(finished.stderr.contains(expected), "{}", finished.stderr);
        assert_eq!(finished.stdout, "");
    }
    assert!(files(&folder).is_empty());
}

#[test]
fn a_page_that_fails_is_reported_and_the_others_are_drawn() {
    let folder = folder("failure");
    // The page cannot write its trace: a folder has that name.
    fs::create_dir(folder.join("trace-threads-heavy-calculation.json")).unwrap();
    let finished = run("timeline heavy-calculation --numbers 1000", &folder, 1);
    let expected = "error: heavy-calculation: threads ended with exit status: 2: error: ";
    assert!(finished.stderr.contains(expected), "{}", finished.stderr);
    assert!(
        finished.stderr.contains("--trace trace-threads-heavy"),
        "{}",
        finished.stderr
    );
    let others = runnable(HEAVY_CALCULATION).filter(|page| !page.starts_with("threads"));
    let others = others.map(|page| page.trim_end_matches("-heavy-calculation"));
    assert!(names(&timelines(&folder)).into_iter().eq(others));
}

#[test]
fn a_page_that_has_to_wait_longer_than_the_timeout_is_left_out() {
    let folder = folder("too-long");
    let arguments =
        "timeline sequential-say-after async-gather --sayings 0.1:a --repeat 1000";
    let finished = run(arguments, &folder, 0);
    let expected = "say-after: sequential is left out: it needs at least 2 minutes";
    assert!(finished.stderr.contains(expected), "{}", finished.stderr);
    let timelines = timelines(&folder);
    assert_eq!(names(&timelines), ["async-gather"]);
    assert_eq!(timelines[0]["items"], 1000);
    assert_eq!(timelines[0]["most"], 1000);
    assert!(
        finished.stdout.contains("  and 988 lanes more\n"),
        "{}",
        finished.stdout
    );
}

#[test]
fn a_race_begins_with_timelines_and_the_report_shows_the_newest() {
    let folder = folder("race");
    let race = "compare heavy-calculation say-after --rounds 1 --numbers 1000 --workers 2 \
                --sayings 0.02:a,0.01:b --repeat 3 --only sequential,threads,async-gather";
    run(race, &folder, 0);
    let results = json(&folder.join("compare.json"));
    let [numbers, sayings] = array(&results["timelines"]) else {
        panic!("not two: {results:#}")
    };
    // A race has other sizes: its numbers take too little time to see, and its sayings are too
    // many.
    assert_eq!(numbers["title"], "the numbers 10000000 15000000 20000000");
    assert_eq!(sayings["title"], "2 sayings: 0.02:a 0.01:b");
    assert_eq!(
        names(array(&numbers["timelines"])),
        ["sequential", "threads"]
    );
    assert_eq!(
        names(array(&sayings["timelines"])),
        ["sequential", "threads", "async-gather"]
    );
    let report = || fs::read_to_string(folder.join("report.html")).unwrap();
    let pictures = |report: &str| report.matches("<svg class=\"timeline\"").count();
    assert_eq!(pictures(&report()), 2);

    let timeline = "timeline sequential-heavy-calculation --numbers 1234";
    run(timeline, &folder, 0);
    assert_eq!(pictures(&report()), 1);
    assert!(report().contains("the number 1234"));
    assert!(report().contains("<h2 id=\"say-after\">"));
}

#[test]
fn a_race_goes_on_if_its_timeline_fails() {
    let folder = folder("race-without");
    fs::create_dir(folder.join("trace-threads-heavy-calculation.json")).unwrap();
    let race = "compare heavy-calculation --rounds 1 --numbers 1000 --only threads";
    let finished = run(race, &folder, 0);
    let expected = "warning: heavy-calculation: no timeline: threads ended with ";
    assert!(finished.stderr.contains(expected), "{}", finished.stderr);
    let results = json(&folder.join("compare.json"));
    assert!(array(&results["timelines"]).is_empty());
    assert_eq!(array(&results["races"]).len(), 1);
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    use super::*;
    use crate::scripts::is_there;

    #[test]
    fn ctrl_c_keeps_the_last_results_and_leaves_nothing_running() {
        let folder = folder("interrupted");
        // This builds the pages.
        run("timeline sequential-fetch-url --delay 0.01", &folder, 0);
        let before = fs::read_to_string(folder.join("timeline.json")).unwrap();

        let arguments = "timeline processes-fetch-url --delay 50 --workers 3";
        let mut drawing = xtask(arguments, &folder).start();
        let stderr = BufReader::new(drawing.child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().for_each(drop));
        let mut workers = Vec::new();
        tests::eventually("it has three workers", || {
            workers = workers_of("processes-fetch", drawing.child.id());
            workers.len() == 3
        });

        let children = tests::children(drawing.child.id());
        drawing.signal("INT");
        assert_eq!(drawing.wait("timeline").signal(), Some(2));
        tests::assert_gone(&children, "timeline");
        tests::assert_gone(&workers, "timeline");
        let after = fs::read_to_string(folder.join("timeline.json")).unwrap();
        assert_eq!(after, before);
        assert!(!files(&folder).contains("timeline.urls"));
    }

    /// The workers of a page that xtask runs, as folders of `/proc`. The page's name begins so.
    fn workers_of(page: &str, xtask: u32) -> Vec<PathBuf> {
        for child in tests::children(xtask) {
            let name = fs::read_to_string(child.join("comm"));
            if name.is_ok_and(|name| name.starts_with(page)) {
                let id = child.file_name().unwrap().to_str().unwrap();
                return tests::children(id.parse().unwrap());
            }
        }
        Vec::new()
    }

    /// An interpreter that needs no package from anywhere: its virtual environment is itself.
    fn interpreter(folder: &Path) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;

        let file = folder.join("python");
        let text = "#!/bin/sh\n\
             case \"$*\" in\n\
             '-m venv --clear '*) mkdir -p \"$4/bin\"; ln -sf \"$0\" \"$4/bin/python\" ;;\n\
             '-m pip '*) ;;\n\
             *version_info*) python3 \"$@\" | sed 's/$/-timeline/' ;;\n\
             *) exec python3 \"$@\" ;;\n\
             esac\n";
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    #[test]
    fn with_python_the_twins_are_drawn_as_well() {
        if !is_there("python3", "REQUIRE_PYTHON") {
            return;
        }
        let folder = folder("python");
        let arguments = format!(
            "timeline threads-heavy-calculation sequential-heavy-calculation \
             --numbers 100,200 --python --python-interpreter {}",
            interpreter(&folder).display()
        );
        run(&arguments, &folder, 0);
        let timelines = timelines(&folder);
        let expected = [
            "sequential",
            "threads",
            "python-sequential",
            "python-threads",
        ];
        assert_eq!(names(&timelines), expected);
        let twin = &timelines[3];
        assert_eq!(twin["origin"]["python"], "threads-heavy-calculation");
        assert_eq!(bars(twin, "label"), ["100", "200"]);
        assert!(files(&folder).contains("trace-python-threads-heavy-calculation.json"));
        let svg = folder.join("timeline-heavy-calculation-light.svg");
        let svg = fs::read_to_string(svg).unwrap();
        assert_eq!(svg.matches("<g class=\"threads python\">").count(), 1);
    }

    /// The lanes that a small timeline draws in a terminal.
    fn in_a_terminal(folder: &Path, variables: &[(&str, &str)]) -> String {
        let xtask = tests::program("xtask");
        let command = format!(
            "{} timeline threads-say-after --sayings 0.02:hello,0.01:world --output {}",
            xtask.display(),
            folder.display()
        );
        let mut terminal = Command::new("script");
        terminal
            .args(["-qec", &command, "/dev/null"])
            .env("TERM", "xterm");
        terminal.env_remove("NO_COLOR").env("COLUMNS", "60");
        for (name, value) in variables {
            terminal.env(name, value);
        }
        let finished = Program::from(terminal).run_for(BUILD_AND_RUN);
        assert_eq!(finished.status.code(), Some(0), "{finished:#?}");
        let lines = finished.stdout.lines();
        let lanes = lines.filter(|line| line.starts_with("  thread"));
        lanes
            .map(|line| line.trim_end().to_string() + "\n")
            .collect()
    }

    #[test]
    fn colours_are_for_terminals_that_want_them() {
        if !is_there("script", "REQUIRE_SCRIPT") {
            return;
        }
        let folder = folder("terminal");
        let coloured = in_a_terminal(&folder, &[]);
        let bright_blue = "\x1b[38;5;12m";
        assert!(
            coloured.contains(&format!("{bright_blue}█"))
                && coloured.contains(&format!("{bright_blue}\x1b[7mhello")),
            "{coloured}"
        );
        let plain = in_a_terminal(&folder, &[("NO_COLOR", "1")]);
        assert!(
            plain.contains("█hello█") && !plain.contains('\x1b'),
            "{plain}"
        );
        let dumb = in_a_terminal(&folder, &[("TERM", "dumb")]);
        assert!(!dumb.contains('\x1b'), "{dumb}");
        for line in plain.lines() {
            assert!(line.chars().count() <= 60, "{line}");
        }
    }
}
