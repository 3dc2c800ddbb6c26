//! `cargo xtask timeline` from end to end: real pages are built, traced at tiny sizes, and
//! what is drawn of them is read back.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tests::{
    FETCH_URL, Finished, HEAVY_CALCULATION, Program, SAY_AFTER, pages, runnable,
};

/// The first of these builds the pages in release.
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

/// A task of xtask, with these arguments, writing to that folder.
fn xtask(arguments: &str, folder: &Path) -> Program {
    let xtask = Program::new("xtask").args(arguments.split_whitespace());
    xtask.arg("--output").arg(folder)
}

fn run(arguments: &str, folder: &Path, code: i32) -> Finished {
    let finished = xtask(arguments, folder).run_for(BUILD_AND_RUN);
    assert_eq!(finished.status.code(), Some(code), "{finished:#?}");
    finished
}

/// What the folder holds of the last timelines: panels, by the names of their workloads.
fn panels(folder: &Path) -> Vec<(String, Value)> {
    let json = fs::read_to_string(folder.join("timeline.json")).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let panels = json["panels"].as_array().unwrap().iter();
    let name = |panel: &Value| panel["workload"].as_str().unwrap().to_string();
    panels.map(|panel| (name(panel), panel.clone())).collect()
}

/// A field of every bar of a timeline.
fn bars<'a>(timeline: &'a Value, field: &str) -> Vec<&'a str> {
    let lanes = timeline["lanes"].as_array().unwrap().iter();
    let bars = lanes.flat_map(|lane| lane["bars"].as_array().unwrap());
    bars.map(|bar| bar[field].as_str().unwrap()).collect()
}

/// The names of the files in a folder whose names begin and end so.
fn files(folder: &Path, begin: &str, end: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names
        .filter(|name| name.starts_with(begin) && name.ends_with(end))
        .collect();
    names.sort();
    names
}

#[test]
fn every_model_is_drawn_and_every_file_written() {
    let folder = folder("all");
    let sizes = "--delay 0.2 --workers 2 --numbers 20000000,30000000 --sayings 0.4:hello,0.3:world";
    let finished = run(&format!("timeline {sizes}"), &folder, 0);
    let panels = panels(&folder);
    assert_eq!(panels.len(), 3);
    let workloads = [
        (
            "fetch-url",
            &FETCH_URL[..],
            vec!["django", "flask", "python"],
        ),
        (
            "heavy-calculation",
            &HEAVY_CALCULATION,
            vec!["20000000", "30000000"],
        ),
        ("say-after", &SAY_AFTER, vec!["hello", "world"]),
    ];
    for ((name, panel), (workload, pages, labels)) in panels.iter().zip(workloads) {
        assert_eq!(name, workload);
        let timelines = panel["timelines"].as_array().unwrap();
        let pages: Vec<_> = runnable(pages.iter().copied()).collect();
        assert_eq!(timelines.len(), pages.len());
        for (timeline, page) in timelines.iter().zip(pages) {
            let name = timeline["name"].as_str().unwrap();
            assert_eq!(name, page.trim_end_matches(&format!("-{workload}")));
            let mut found = bars(timeline, "label");
            found.sort_unstable();
            assert_eq!(found, labels, "{timeline:#}");
            assert!(
                bars(timeline, "outcome")
                    .iter()
                    .all(|outcome| *outcome == "done")
            );
            // How many were under way is what the model allows, with no look at a clock.
            let most = timeline["most"].as_u64().unwrap();
            let is_async = page.starts_with("async");
            match page {
                page if page.starts_with("sequential") => assert_eq!(most, 1, "{page}"),
                _ if workload == "heavy-calculation" => assert!((1..=2).contains(&most)),
                _ if is_async && workload == "say-after" => assert_eq!(most, 2, "{page}"),
                _ => assert_eq!(most, 2, "{page}: {timeline:#}"),
            }
            let lanes = timeline["lanes"].as_array().unwrap();
            let waits = is_async && workload != "heavy-calculation";
            assert!(lanes.iter().all(|lane| lane["is_slot"] == waits), "{page}");
            assert_eq!(timeline["threads"].as_array().unwrap().is_empty(), !waits);
            // Each is drawn, under a heading with its name.
            let heading = format!("\n{name} ");
            assert!(finished.stdout.contains(&heading), "{}", finished.stdout);
            // The trace itself is kept.
            let trace = fs::read_to_string(folder.join(format!("trace-{page}.json")));
            let events: Value = serde_json::from_str(&trace.unwrap()).unwrap();
            assert!(!events.as_array().unwrap().is_empty());
        }
        for shade in ["light", "dark"] {
            let svg = folder.join(format!("timeline-{workload}-{shade}.svg"));
            let svg = fs::read_to_string(svg).unwrap();
            assert_eq!(
                svg.matches("class=\"bar\"").count(),
                timelines
                    .iter()
                    .map(|it| bars(it, "label").len())
                    .sum::<usize>()
            );
        }
    }
    assert!(!finished.stdout.contains('\x1b'), "{}", finished.stdout);
    // Nothing else is left: no URLs, and no report, because there was none.
    assert_eq!(
        files(&folder, "", "").len(),
        runnable(pages()).count() + 2 * 3 + 1,
        "{:?}",
        files(&folder, "", "")
    );
    assert!(
        finished.stderr.contains("https://ui.perfetto.dev"),
        "{}",
        finished.stderr
    );
}

#[test]
fn what_goes_on_when_one_fails_and_what_is_cancelled() {
    let folder = folder("fail");
    let sayings = "--sayings 0.4:hello,0.5:world";
    let finished = run(&format!("timeline --fail 0.1 {sayings}"), &folder, 0);
    let panel = &panels(&folder)[0].1;
    let title = panel["title"].as_str().unwrap();
    assert!(
        title.ends_with(", and one that fails after 100 ms"),
        "{title}"
    );
    let [gather, group] = &panel["timelines"].as_array().unwrap()[..] else {
        panic!("not two: {panel:#}")
    };
    assert_eq!(
        (&gather["name"], &group["name"]),
        (&"async-gather".into(), &"async-task-group".into())
    );
    let outcomes = |timeline| {
        let mut outcomes = bars(timeline, "outcome");
        outcomes.sort_unstable();
        outcomes
    };
    assert_eq!(outcomes(gather), ["done", "done", "failed"]);
    assert_eq!(outcomes(group), ["cancelled", "cancelled", "failed"]);
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
fn what_makes_no_sense_is_refused_before_anything_starts() {
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
    assert!(files(&folder, "", "").is_empty());
}

#[test]
fn a_page_that_fails_is_told_and_the_others_are_drawn() {
    let folder = folder("failure");
    // Where the page would put its trace.
    fs::create_dir(folder.join("trace-threads-heavy-calculation.json")).unwrap();
    let finished = run("timeline heavy-calculation --numbers 1000", &folder, 1);
    let expected = "error: heavy-calculation: threads ended with exit status: 2: error: ";
    assert!(finished.stderr.contains(expected), "{}", finished.stderr);
    assert!(
        finished.stderr.contains("--trace trace-threads-heavy"),
        "{}",
        finished.stderr
    );
    let timelines = panels(&folder)[0].1["timelines"].clone();
    let names: Vec<_> = timelines
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    let others = runnable(HEAVY_CALCULATION).filter(|page| !page.starts_with("threads"));
    let others = others.map(|page| page.trim_end_matches("-heavy-calculation"));
    assert!(names.iter().eq(&others.collect::<Vec<_>>()), "{names:?}");
}

#[test]
fn who_could_not_end_is_left_out_in_words() {
    let folder = folder("too-long");
    let arguments =
        "timeline sequential-say-after async-gather --sayings 0.1:a --repeat 1000";
    let finished = run(arguments, &folder, 0);
    let expected =
        "say-after: sequential is left out: it could not end in less than 2 minutes";
    assert!(finished.stderr.contains(expected), "{}", finished.stderr);
    let timelines = panels(&folder)[0].1["timelines"].clone();
    assert_eq!(timelines.as_array().unwrap().len(), 1);
    assert_eq!(timelines[0]["items"], 1000);
    assert_eq!(timelines[0]["most"], 1000);
    assert!(
        finished.stdout.contains("  and 988 lanes more\n"),
        "{}",
        finished.stdout
    );
}

#[test]
fn a_race_begins_with_the_pictures_and_the_report_shows_them() {
    let folder = folder("race");
    let race = "compare heavy-calculation say-after --rounds 1 --numbers 1000 --workers 2 \
                --sayings 0.02:a,0.01:b --repeat 3 --only sequential,threads,async-gather";
    run(race, &folder, 0);
    let panels = panels(&folder);
    let titles: Vec<_> = panels
        .iter()
        .map(|(_, panel)| panel["title"].clone())
        .collect();
    // Large enough to be seen, and the raced sayings once.
    assert_eq!(
        titles,
        [
            "the numbers 10000000 15000000 20000000",
            "2 sayings: 0.02:a 0.01:b"
        ]
    );
    let names = |panel: &Value| {
        let timelines = panel["timelines"].as_array().unwrap().iter();
        timelines
            .map(|it| it["name"].as_str().unwrap().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&panels[0].1), ["sequential", "threads"]);
    assert_eq!(
        names(&panels[1].1),
        ["sequential", "threads", "async-gather"]
    );
    let report = || fs::read_to_string(folder.join("report.html")).unwrap();
    let pictures = |report: &str| report.matches("<svg class=\"timeline\"").count();
    assert_eq!(pictures(&report()), 2);

    // Where there is a report, it shows the newest.
    run(
        "timeline sequential-heavy-calculation --numbers 1234",
        &folder,
        0,
    );
    assert_eq!(pictures(&report()), 1);
    assert!(report().contains("the number 1234"));
    assert!(report().contains("<h2 id=\"say-after\">"));
}

#[test]
fn a_picture_that_fails_is_no_matter_for_the_race() {
    let folder = folder("race-without");
    fs::create_dir(folder.join("trace-threads-heavy-calculation.json")).unwrap();
    let race = "compare heavy-calculation --rounds 1 --numbers 1000 --only threads";
    let finished = run(race, &folder, 0);
    let expected = "warning: heavy-calculation: no timeline of threads: it ended with ";
    assert!(finished.stderr.contains(expected), "{}", finished.stderr);
    assert!(!folder.join("timeline.json").exists());
    assert!(folder.join("compare.json").exists());
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn ctrl_c_keeps_what_there_was_and_leaves_nothing_running() {
        let folder = folder("interrupted");
        // Once drawn, so that nothing has to be built while this looks.
        run("timeline sequential-fetch-url --delay 0.01", &folder, 0);
        let before = fs::read_to_string(folder.join("timeline.json")).unwrap();

        let arguments = "timeline processes-fetch-url --delay 50 --workers 3";
        let mut drawing = xtask(arguments, &folder).start();
        let stderr = BufReader::new(drawing.child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().for_each(drop));
        let page = || {
            let children = tests::children(drawing.child.id()).into_iter();
            let mut pages = children.filter(|child| {
                let comm = fs::read_to_string(child.join("comm"));
                comm.is_ok_and(|comm| comm.starts_with("processes-fetch"))
            });
            pages.next()
        };
        let workers = |page: &Path| {
            let id = page.file_name().unwrap().to_str().unwrap();
            tests::children(id.parse().unwrap())
        };
        let start = std::time::Instant::now();
        let workers = loop {
            assert!(
                start.elapsed() < BUILD_AND_RUN,
                "it never came to its workers"
            );
            if let Some(workers) = page().map(|page| workers(&page))
                && workers.len() == 3
            {
                break workers;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let children = tests::children(drawing.child.id());
        drawing.signal("INT");
        assert_eq!(drawing.wait("timeline").signal(), Some(2));
        tests::assert_gone(&children, "timeline");
        tests::assert_gone(&workers, "timeline");
        assert_eq!(
            fs::read_to_string(folder.join("timeline.json")).unwrap(),
            before
        );
        assert!(files(&folder, "", ".urls").is_empty());
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
    fn the_twins_are_drawn_as_well() {
        let python = Command::new("python3").arg("--version").output();
        if !python.is_ok_and(|python| python.status.success()) {
            assert!(
                std::env::var_os("REQUIRE_PYTHON").is_none(),
                "no python3 found"
            );
            eprintln!("SKIPPED: no python3 on this machine");
            return;
        }
        let folder = folder("python");
        let arguments = format!(
            "timeline threads-heavy-calculation sequential-heavy-calculation \
             --numbers 100,200 --python --python-interpreter {}",
            interpreter(&folder).display()
        );
        run(&arguments, &folder, 0);
        let timelines = panels(&folder)[0].1["timelines"].clone();
        let timelines = timelines.as_array().unwrap();
        let names = timelines
            .iter()
            .map(|timeline| timeline["name"].as_str().unwrap());
        let names: Vec<_> = names.collect();
        let expected = [
            "sequential",
            "threads",
            "python-sequential",
            "python-threads",
        ];
        assert_eq!(names, expected);
        let python = &timelines[3];
        let mut labels = bars(python, "label");
        labels.sort_unstable();
        assert_eq!(labels, ["100", "200"]);
        assert!(
            folder
                .join("trace-python-threads-heavy-calculation.json")
                .exists()
        );
        let svg = folder.join("timeline-heavy-calculation-light.svg");
        let svg = fs::read_to_string(svg).unwrap();
        assert_eq!(svg.matches("<g class=\"threads python\">").count(), 1);
    }

    /// What stands in a terminal after that.
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
        let there = Command::new("script").arg("--version").output();
        if !there.is_ok_and(|output| output.status.success()) {
            eprintln!("SKIPPED: no `script` on this machine");
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
