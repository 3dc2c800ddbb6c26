//! `cargo xtask compare` from end to end: real programs are built, checked and raced at tiny
//! sizes, and the files that come out are read back.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tests::{FETCH_URL, HEAVY_CALCULATION, Program, SAY_AFTER, THUMBNAILS, runnable};

use crate::race::{
    expect, folder, json, name, only_race, racers, rounds, text, timed, with_arguments,
    xtask,
};

/// Sizes at which a race takes seconds.
const SMALL: &str = "compare --rounds=3 --urls=6 --delay=0.02 --workers=2 \
                     --numbers=20000,30000 --sayings=0.02:hello,0.01:world --repeat=2 --photos=6";

/// The workloads, with their pages.
const WORKLOADS: [(&str, &[&str]); 4] = [
    ("fetch-url", &FETCH_URL),
    ("heavy-calculation", &HEAVY_CALCULATION),
    ("say-after", &SAY_AFTER),
    ("thumbnails", &THUMBNAILS),
];

/// The racers of a workload that can run here.
fn racers_of(workload: &str, pages: &[&'static str]) -> Vec<&'static str> {
    let end = format!("-{workload}");
    let pages = runnable(pages.iter().copied());
    pages.map(|page| page.trim_end_matches(&end)).collect()
}

/// The names of the fields of an object, in alphabetical order.
fn fields(object: &Value) -> Vec<&str> {
    let mut fields: Vec<_> = object
        .as_object()
        .unwrap()
        .keys()
        .map(|it| &it[..])
        .collect();
    fields.sort_unstable();
    fields
}

#[test]
fn every_model_is_raced_and_every_file_written() {
    let folder = folder("compare");
    let mut cargo = Command::new(env!("CARGO"));
    // This runs in a folder below the root, because the alias must work there as well.
    cargo.current_dir(tests::root().join("xtask")).arg("xtask");
    let cargo = with_arguments(Program::from(cargo), SMALL, &folder);
    let stdout = expect(cargo, 0).stdout;
    assert!(
        stdout.contains("When to use which, measured here"),
        "{stdout}"
    );

    let comparison = json(&folder, "compare.json");
    assert_eq!(fields(&comparison), ["provenance", "races", "timelines"]);
    let panels = comparison["timelines"].as_array().unwrap();
    assert_eq!(panels.len(), WORKLOADS.len());
    let races = comparison["races"].as_array().unwrap();
    assert_eq!(races.len(), WORKLOADS.len());
    for (race, (workload, pages)) in races.iter().zip(WORKLOADS) {
        assert!(stdout.contains(&format!("{workload}: ")), "{stdout}");
        let names = racers_of(workload, pages);
        the_race_is_stored_as_it_was_run(race, workload, &names);
        the_times_are_in_hyperfine_s_form(&folder, workload, &names);
        the_race_is_shown(&folder, workload, &names);
    }
    for workload in ["fetch-url", "thumbnails"] {
        let urls = text(&folder, &format!("{workload}.urls"));
        assert_eq!(urls.lines().count(), 6, "{urls}");
    }
    assert!(stdout.contains("I/O, then CPU"), "{stdout}");
}

/// A file has three rounds, in each of which one racer ran twice. It has nothing that can be
/// calculated from them.
fn the_race_is_stored_as_it_was_run(race: &Value, workload: &str, names: &[&str]) {
    assert_eq!(fields(race), ["cores", "origins", "results", "work"]);
    assert!(race["work"][workload].is_object(), "{race:#}");
    let results = &race["results"];
    assert_eq!(fields(results), ["racers", "self_pairs", "timeout"]);
    assert_eq!(results["timeout"], 15.0);
    assert_eq!(
        results["self_pairs"].as_array().unwrap().len(),
        3,
        "{race:#}"
    );

    let racers = results["racers"].as_array().unwrap();
    let stored = racers.iter().map(name);
    assert!(stored.eq(names.iter().copied()), "{race:#}");
    for racer in racers {
        let expected = ["bound", "check", "failure", "memory", "name", "runs"];
        assert_eq!(fields(racer), expected);
        assert_eq!(rounds(racer), [1, 2, 3], "{racer:#}");
        for run in racer["runs"].as_array().unwrap() {
            assert_eq!(fields(run), ["round", "system", "user", "wall"]);
            assert!(run["wall"].as_f64().unwrap() > 0.0, "{racer:#}");
        }
        assert_eq!(racer["check"]["round"], 0, "{racer:#}");
        assert!(racer["failure"].is_null(), "{racer:#}");
        // How long a calculation takes is not known before it is measured.
        let is_waiting = workload != "heavy-calculation";
        assert_eq!(racer["bound"].is_number(), is_waiting, "{racer:#}");
        let page = race["origins"][name(racer)]["page"].as_str();
        assert!(
            page.is_some_and(|page| page.contains(name(racer))),
            "{race:#}"
        );
    }
}

fn the_times_are_in_hyperfine_s_form(folder: &Path, workload: &str, names: &[&str]) {
    let json = json(folder, &format!("{workload}.json"));
    let results = json["results"].as_array().unwrap();
    let commands = results
        .iter()
        .map(|result| result["command"].as_str().unwrap());
    assert!(commands.eq(names.iter().copied()), "{json:#}");
    for result in results {
        let times = result["times"].as_array().unwrap();
        assert_eq!(times.len(), 3, "{json:#}");
        for figure in ["mean", "stddev", "median", "user", "system", "min", "max"] {
            assert!(result[figure].is_number(), "{figure} of {json:#}");
        }
        let times = times.iter().map(|time| time.as_f64().unwrap());
        assert_eq!(result["max"], times.fold(0.0, f64::max), "{json:#}");
    }
}

/// It is shown in the document, in the report, and as a script.
fn the_race_is_shown(folder: &Path, workload: &str, names: &[&str]) {
    let document = text(folder, "compare.md");
    assert!(
        document.contains(&format!("\n## {workload}: ")),
        "{document}"
    );
    let report = text(folder, "report.html");
    assert!(report.contains(&format!("<h2 id=\"{workload}\">")));
    let script = text(folder, &format!("race-{workload}.sh"));
    assert!(script.contains("exec hyperfine "), "{script}");
    for name in names {
        assert!(document.contains(&format!("\n| {name} ")), "{document}");
        assert!(
            report.contains(&format!(">{name}<")),
            "{name} in the report"
        );
        assert!(script.contains(&format!("-n {name} ")), "{script}");
    }
}

/// A test in `xtask/src/show/tables.rs` counts the lines, with known times.
#[test]
fn what_is_printed_fits_in_80_columns() {
    let folder = folder("screen");
    fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new(tests::program("xtask"));
    // It runs in this folder, so that the command line that it prints has no long path.
    command.current_dir(&folder);
    let race = with_arguments(Program::from(command), SMALL, Path::new("here"));
    let stdout = expect(race, 0).stdout;
    for line in stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn an_error_in_a_later_race_loses_nothing_of_an_earlier_one() {
    let folder = folder("later-error");
    // The second race cannot write its script: a folder has that name.
    fs::create_dir_all(folder.join("race-say-after.sh")).unwrap();
    let arguments = "compare heavy-calculation say-after --rounds 1 --numbers 1000 \
                     --repeat 1 --sayings 0.01:a --only threads,sequential";
    let finished = expect(xtask(arguments, &folder), 1);
    assert!(
        finished.stderr.contains("race-say-after.sh"),
        "{finished:#?}"
    );
    assert_eq!(timed(&folder), ["sequential", "threads"]);
    assert!(folder.join("report.html").exists());
}

#[test]
fn a_workload_without_any_of_the_wanted_racers_is_left_out_with_a_note() {
    let folder = folder("only");
    let arguments =
        "compare heavy-calculation say-after --only async --rounds 1 --numbers 1000";
    let finished = expect(xtask(arguments, &folder), 0);
    let note = "say-after is left out: it has none of the racers of --only";
    assert!(finished.stderr.contains(note), "{}", finished.stderr);
    assert_eq!(timed(&folder), ["async"]);
}

#[test]
fn article_races_the_sizes_of_the_article() {
    let folder = folder("article");
    let arguments = "compare fetch-url --article --rounds 1 --only async";
    let finished = expect(xtask(arguments, &folder), 0);
    let title = "fetch-url: 3 URLs, each answered after 300 ms, 5 at a time\n";
    assert!(finished.stdout.contains(title), "{}", finished.stdout);
    let delay = json!({ "secs": 0, "nanos": 300_000_000 });
    let work = json!({ "urls": "demo", "delay": delay, "workers": 5 });
    assert_eq!(only_race(&folder)["work"], json!({ "fetch-url": work }));
}

#[test]
fn a_racer_that_must_wait_longer_than_the_timeout_is_not_run_and_named_with_its_need() {
    let folder = folder("left-out");
    let arguments = "compare say-after --sayings 0.2:a --repeat 20 --timeout 2 --rounds 2 \
                     --only sequential,threads";
    let finished = expect(xtask(arguments, &folder), 0);
    let note = "\nNot run: sequential would need at least 4.00 s.\n";
    assert!(finished.stdout.contains(note), "{}", finished.stdout);
    assert!(text(&folder, "compare.md").contains(note));
    assert_eq!(timed(&folder), ["threads"]);
    let sequential = &racers(&folder)[0];
    assert_eq!(sequential["bound"], 4.0, "{sequential:#}");
    assert!(sequential["failure"].is_null(), "{sequential:#}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_opened_is_a_warning() {
    let folder = folder("open");
    crate::scripts::write(&folder, "xdg-open", "exit 3\n");
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", folder.display());
    let arguments =
        "compare heavy-calculation --only threads --rounds 1 --numbers 1000 --open";
    let finished = expect(xtask(arguments, &folder).env("PATH", path), 0);
    let warning = "warning: cannot open ";
    assert!(finished.stderr.contains(warning), "{}", finished.stderr);
}
