//! `cargo xtask compare` from end to end: real programs are built, checked, raced at tiny
//! sizes beside programs of known behaviour, and the files that come out are read back.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tests::{FETCH_URL, Finished, HEAVY_CALCULATION, Program, SAY_AFTER, runnable};

/// Sizes at which a race takes seconds.
const SMALL: [&str; 7] = [
    "--rounds=3",
    "--urls=6",
    "--delay=0.02",
    "--workers=2",
    "--numbers=20000,30000",
    "--sayings=0.02:hello,0.01:world",
    "--repeat=2",
];

/// The first of these builds the pages in release.
const BUILD_AND_RACE: Duration = Duration::from_secs(900);

/// A folder for one test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// `compare`, with these arguments, writing to that folder.
fn compare(arguments: &str, folder: &Path) -> Program {
    let xtask = Program::new("xtask").args(["compare"]);
    xtask
        .args(arguments.split_whitespace())
        .arg("--output")
        .arg(folder)
}

/// What the folder holds of the last comparison.
fn comparison(folder: &Path) -> Value {
    let json = fs::read_to_string(folder.join("compare.json")).unwrap();
    serde_json::from_str(&json).unwrap()
}

/// The entrants of the only race in the folder, by name.
fn entrants(folder: &Path) -> Vec<(String, Value)> {
    let comparison = comparison(folder);
    let [race] = &comparison["races"].as_array().unwrap()[..] else {
        panic!("not one race: {comparison:#}")
    };
    let entrants = race["entrants"].as_array().unwrap().iter();
    entrants
        .map(|entrant| {
            (
                entrant["name"].as_str().unwrap().to_string(),
                entrant.clone(),
            )
        })
        .collect()
}

fn names(folder: &Path) -> Vec<String> {
    entrants(folder).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn every_model_is_raced_and_every_file_written() {
    let folder = folder("compare");
    let mut cargo = Command::new(env!("CARGO"));
    // From a folder below the root, where the alias works as well.
    cargo
        .current_dir(tests::root().join("xtask"))
        .args(["xtask", "compare"]);
    let cargo = Program::from(cargo)
        .args(SMALL)
        .arg("--output")
        .arg(&folder);
    let Finished {
        status,
        stdout,
        stderr,
    } = cargo.run_for(BUILD_AND_RACE);
    assert_eq!(status.code(), Some(0), "{stdout}\n{stderr}");
    assert!(
        stdout.contains("When to use which, measured here"),
        "{stdout}"
    );

    let comparison = comparison(&folder);
    let report = fs::read_to_string(folder.join("report.html")).unwrap();
    for (i, (workload, pages)) in [
        ("fetch-url", &FETCH_URL[..]),
        ("heavy-calculation", &HEAVY_CALCULATION),
        ("say-after", &SAY_AFTER),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(stdout.contains(&format!("{workload}: ")), "{stdout}");
        let racers = runnable(pages.iter().copied())
            .map(|page| page.trim_end_matches(&format!("-{workload}")));
        let racers = racers.collect::<Vec<_>>();
        let race = &comparison["races"][i];
        assert_eq!(race["workload"], workload);
        assert!(race["seed"].is_u64(), "{race:#}");
        // Three rounds, in each of which one ran twice.
        assert_eq!(race["twins"].as_array().unwrap().len(), 3, "{race:#}");
        for (entrant, racer) in race["entrants"].as_array().unwrap().iter().zip(&racers) {
            assert_eq!(entrant["name"], **racer);
            assert_eq!(
                entrant["rounds"],
                serde_json::json!([1, 2, 3]),
                "{entrant:#}"
            );
            assert!(entrant["ideal"].as_f64().unwrap() > 0.0, "{entrant:#}");
        }

        let json = fs::read_to_string(folder.join(format!("{workload}.json"))).unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        let results = json["results"].as_array().unwrap();
        let commands = results
            .iter()
            .map(|result| result["command"].as_str().unwrap());
        assert!(commands.eq(racers.iter().copied()), "{json:#}");
        for result in results {
            let times = result["times"].as_array().unwrap();
            assert_eq!(times.len(), 3, "{json:#}");
            for figure in ["mean", "stddev", "median", "user", "system", "min", "max"] {
                assert!(result[figure].is_number(), "{figure} of {json:#}");
            }
            let times = times.iter().map(|time| time.as_f64().unwrap());
            assert_eq!(result["max"], times.fold(0.0, f64::max), "{json:#}");
        }
        let table = fs::read_to_string(folder.join(format!("{workload}.md"))).unwrap();
        let script =
            fs::read_to_string(folder.join(format!("race-{workload}.sh"))).unwrap();
        for racer in racers {
            assert!(table.contains(&format!("| {racer} ")), "{table}");
            assert!(script.contains(&format!("-n {racer} ")), "{script}");
            assert!(
                report.contains(&format!(">{racer}<")),
                "{racer} in the report"
            );
        }
        assert!(report.contains(&format!("<h2 id=\"{workload}\">")));
        assert!(script.contains("exec hyperfine "), "{script}");
    }
    // The decision is in the file, row by row as it is printed.
    let verdict = comparison["verdict"].as_array().unwrap();
    let has_machines = runnable(["machines-heavy-calculation"]).count();
    assert_eq!(verdict.len(), 4 + has_machines, "{verdict:#?}");
    assert_eq!(
        comparison["races"][1]["per_job"].is_object(),
        has_machines == 1
    );
    for row in verdict {
        let take = row["take"].as_str().unwrap();
        assert!(stdout.contains(&format!("{take}: ")), "{take} in {stdout}");
        let cell = format!("data-label=\"take\">{take}</td>");
        assert!(report.contains(&cell), "{cell} in the report");
    }
    // The site's time on the shared cores is told.
    assert!(comparison["races"][0]["site"].is_number() || !cfg!(target_os = "linux"));
    assert!(comparison["races"][1]["site"].is_null());
}

#[test]
fn a_folder_that_cannot_be_written_to_is_an_error() {
    let file = folder("not-a-folder");
    fs::write(&file, "").unwrap();
    let Finished { status, stderr, .. } = compare("", &file).run_for(BUILD_AND_RACE);
    assert_eq!(status.code(), Some(1), "{stderr}");
    let error = stderr.lines().last().unwrap();
    assert!(
        error.starts_with("error: cannot create the folder "),
        "{stderr}"
    );
}

#[test]
fn a_later_error_loses_nothing() {
    let folder = folder("later-error");
    // Where the second race would put its script.
    fs::create_dir_all(folder.join("race-say-after.sh")).unwrap();
    let arguments = "heavy-calculation say-after --rounds 1 --numbers 1000 --repeat 1 \
                     --sayings 0.01:a --only threads,sequential";
    let finished = compare(arguments, &folder).run_for(BUILD_AND_RACE);
    assert_eq!(finished.status.code(), Some(1), "{finished:?}");
    assert!(
        finished.stderr.contains("race-say-after.sh"),
        "{finished:?}"
    );
    assert_eq!(names(&folder), ["sequential", "threads"]);
    assert!(folder.join("report.html").exists());
}

#[test]
fn a_hyperfine_that_is_missing_is_an_error_that_names_one() {
    let xtask = Program::new("xtask")
        .args(["compare", "--hyperfine"])
        .env("PATH", "/nowhere");
    let stderr = xtask.expect(1).stderr;
    assert!(
        stderr.contains("cargo install hyperfine@1.20.0 --locked"),
        "{stderr}"
    );
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let site = Program::new("demo-site")
        .args([format!("--port={port}")])
        .expect(1);
    assert!(
        site.stderr
            .contains(&format!("cannot listen on port {port}")),
        "{}",
        site.stderr
    );
}

#[test]
fn names_that_nobody_has_and_names_that_somebody_has_are_refused() {
    for (arguments, expected) in [
        (
            "--only nope",
            "--only nope: no racer of that name; there are sequential, threads, processes, \
             async, ",
        ),
        (
            "fetch-url --also threads=true",
            "--also threads: there is a racer of that name",
        ),
        ("fetch-url --also x", "expected NAME=COMMAND"),
        ("--also x=true", "--also needs exactly one workload"),
        (
            "say-after --urls 5",
            "--urls is for fetch-url, which is not raced",
        ),
    ] {
        let finished = compare(arguments, &folder("refused")).run_for(BUILD_AND_RACE);
        assert_eq!(finished.status.code(), Some(2), "{finished:?}");
        assert!(finished.stderr.contains(expected), "{}", finished.stderr);
        assert_eq!(finished.stdout, "");
    }
}

#[test]
fn a_workload_that_has_none_of_the_racers_is_left_out_in_words() {
    let folder = folder("only");
    let arguments = "heavy-calculation say-after --only async --rounds 1 --numbers 1000";
    let finished = compare(arguments, &folder).run_for(BUILD_AND_RACE);
    assert_eq!(finished.status.code(), Some(0), "{finished:?}");
    let words = "say-after is left out: it has none of the racers of --only";
    assert!(finished.stderr.contains(words), "{}", finished.stderr);
    assert_eq!(names(&folder), ["async"]);
}

#[test]
fn the_article_s_sizes_are_those_of_the_article() {
    let folder = folder("article");
    let arguments = "fetch-url --article --rounds 1 --only async --seed 5";
    let finished = compare(arguments, &folder).run_for(BUILD_AND_RACE);
    assert_eq!(finished.status.code(), Some(0), "{finished:?}");
    let race = &comparison(&folder)["races"][0];
    assert_eq!(
        race["title"],
        "3 URLs, each answered after 300 ms, 5 at a time"
    );
    assert_eq!((&race["items"], &race["seed"]), (&3.into(), &5.into()));
}

#[test]
fn who_could_not_end_within_its_share_is_left_out_with_a_note() {
    let folder = folder("left-out");
    let arguments = "say-after --sayings 0.2:a --repeat 20 --share 2 --rounds 2 \
                     --only sequential,threads";
    let finished = compare(arguments, &folder).run_for(BUILD_AND_RACE);
    assert_eq!(finished.status.code(), Some(0), "{finished:?}");
    let note = "Not started, because a racer may take 2 s in all (--share): sequential, which \
                could not end in less than 4.00 s.";
    assert!(finished.stdout.contains(note), "{}", finished.stdout);
    assert_eq!(names(&folder), ["threads"]);
    let race = &comparison(&folder)["races"][0];
    assert_eq!(race["left_out"][0]["name"], "sequential");
    // What threads need for each saying is over what the sequential program needs for one.
    assert!(race["one_item"]["cpu"].is_number(), "{race:#}");
}

#[test]
fn a_report_that_cannot_be_opened_is_a_warning() {
    let folder = folder("open");
    let arguments = "heavy-calculation --only threads --rounds 1 --numbers 1000 --open";
    let browser = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(browser);
    fs::write(&file, "#!/bin/sh\nexit 3\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", folder.display());
    let finished = compare(arguments, &folder)
        .env("PATH", path)
        .run_for(BUILD_AND_RACE);
    assert_eq!(finished.status.code(), Some(0), "{finished:?}");
    assert!(
        finished.stderr.contains("warning: cannot open "),
        "{}",
        finished.stderr
    );
}

/// Races with programs whose behaviour is known.
#[cfg(target_os = "linux")]
mod also {
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::ExitStatusExt;
    use std::time::Instant;

    use tests::{python, root};

    use super::*;

    /// The results of `--numbers 2,3`.
    const RIGHT: &str = "echo 'Calculation for 2 returned 1'\n\
                         echo 'Calculation for 3 returned 5'\n";

    /// Puts a script into the folder and returns the option that lets it race.
    fn script(folder: &Path, name: &str, text: &str) -> String {
        fs::create_dir_all(folder).unwrap();
        let file = folder.join(name);
        let shebang = if text.starts_with("#!") {
            ""
        } else {
            "#!/bin/sh\n"
        };
        fs::write(&file, format!("{shebang}{text}")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        format!("--also={name}={}", file.display())
    }

    /// A race of the numbers 2 and 3 between the threads page and these scripts.
    fn race(folder: &Path, options: &str, scripts: &[(&str, &str)]) -> Program {
        let also: Vec<_> = scripts
            .iter()
            .map(|(name, text)| script(folder, name, text))
            .collect();
        let names: Vec<_> = scripts.iter().map(|(name, _)| *name).collect();
        let only = format!("--only=threads,{}", names.join(","));
        let arguments = format!("heavy-calculation --numbers 2,3 {options}");
        compare(&arguments, folder).args(also).arg(only)
    }

    #[test]
    fn who_hangs_differs_or_dies_is_reported_once_and_the_others_race() {
        let folder = folder("failures");
        let program = race(
            &folder,
            "--rounds 3 --share 2",
            &[
                ("right", RIGHT),
                ("hangs", &format!("{RIGHT}sleep 1000 & sleep 1000")),
                (
                    "differs",
                    &format!("{RIGHT}echo 'Calculation for 3 returned 6'"),
                ),
                ("dies", &format!("{RIGHT}kill -KILL $$")),
                ("fails", "echo no bread >&2; exit 3"),
                ("short", "echo 'Calculation for 2 returned 1'"),
                ("floods", "yes"),
                ("floods-line", "tr '\\0' x < /dev/zero"),
                // Right at first, and wrong in the second round, when it runs twice as well.
                (
                    "late",
                    &format!(
                        "echo x >> late.log; {RIGHT}[ $(wc -l < late.log) -lt 3 ] || exit 4"
                    ),
                ),
            ],
        );
        let finished = program.run_for(BUILD_AND_RACE);
        assert_eq!(finished.status.code(), Some(1), "{finished:?}");
        assert_eq!(names(&folder), ["threads", "right"]);
        let race = comparison(&folder)["races"][0].clone();
        let failures: Vec<_> = race["failures"]
            .as_array()
            .unwrap()
            .iter()
            .map(|failure| {
                let text = |field: &str| failure[field].as_str().unwrap().to_string();
                (text("name"), text("message"))
            })
            .collect();
        let expected = [
            ("hangs", "did not end within 2s and was killed"),
            (
                "differs",
                "gives one more result: \"Calculation for 3 returned 6\"",
            ),
            ("dies", "signal: 9 (SIGKILL)"),
            ("fails", "ended with exit status: 3: no bread"),
            ("short", "gives 1 result, not 2"),
            ("floods", "did not end within 2s and was killed"),
            ("floods-line", ""),
            ("late", "ended with exit status: 4"),
        ];
        assert_eq!(failures.len(), expected.len(), "{failures:#?}");
        for ((name, message), (expected_name, words)) in failures.iter().zip(expected) {
            assert_eq!(name, expected_name);
            assert!(message.contains(words), "{name}: {message}");
            let line = format!("error: heavy-calculation: {name} {message}");
            assert_eq!(
                finished.stderr.matches(&line).count(),
                1,
                "{}",
                finished.stderr
            );
        }
    }

    #[test]
    fn a_program_is_given_what_the_threads_page_is_given() {
        let folder = folder("arguments");
        let log = "echo \"$@\" >> arguments.log; pwd >> arguments.log\n";
        let program = race(
            &folder,
            "--workers 3 --rounds 1",
            &[("mine", &format!("{log}{RIGHT}"))],
        );
        assert_eq!(program.run_for(BUILD_AND_RACE).status.code(), Some(0));
        let log = fs::read_to_string(folder.join("arguments.log")).unwrap();
        let lines: Vec<_> = log.lines().collect();
        // First as a user runs it, to see its results; then as it is raced.
        let here = folder.display().to_string();
        assert_eq!(&lines[..2], ["--max-workers=3 2 3", &here]);
        assert!(lines.len() > 3);
        for run in lines[2..].chunks(2) {
            assert_eq!(run, ["--max-workers=3 2 3 --quiet", &here]);
        }
    }

    #[test]
    fn a_relative_program_is_found_from_the_caller_s_folder() {
        let folder = folder("relative");
        script(&folder, "mine", RIGHT);
        let mut command = Command::new(tests::program("xtask"));
        command.current_dir(&folder).args([
            "compare",
            "heavy-calculation",
            "--numbers=2,3",
            "--rounds=1",
            "--only=mine",
            "--also=mine=./mine",
            "--output=results",
        ]);
        let finished = Program::from(command).run_for(BUILD_AND_RACE);
        assert_eq!(finished.status.code(), Some(0), "{finished:?}");
        assert_eq!(names(&folder.join("results")), ["mine"]);
    }

    #[test]
    fn memory_is_that_of_all_forked_children_and_never_nothing() {
        let folder = folder("memory");
        let fork = "#!/usr/bin/env python3\n\
            import os, time\n\
            for _ in range(4):\n    \
                if os.fork() == 0:\n        \
                    mine = b'x' * 30_000_000; time.sleep(0.5); os._exit(0)\n\
            for _ in range(4): os.wait()\n\
            print('Calculation for 2 returned 1')\n\
            print('Calculation for 3 returned 5')\n";
        let program = race(&folder, "--rounds 1", &[("forks", fork), ("short", RIGHT)]);
        let finished = program.run_for(BUILD_AND_RACE);
        assert_eq!(finished.status.code(), Some(0), "{finished:?}");
        for (name, entrant) in entrants(&folder) {
            let peaks = entrant["memory"]["peaks"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            for peak in peaks.iter().map(|peak| peak.as_u64().unwrap()) {
                assert!(peak > 0, "{entrant:#}");
                if name == "forks" {
                    assert!((120_000_000..180_000_000).contains(&peak), "{entrant:#}");
                }
            }
            if name == "forks" {
                assert_eq!(peaks.len(), 5, "{entrant:#}");
            }
        }
        assert!(!finished.stdout.contains(" 0 B"), "{}", finished.stdout);
    }

    /// Starts a race between the threads page and a slow script, and sends the signal when
    /// the script runs for the `n`-th time. Returns how xtask ended.
    fn interrupt_at(folder: &Path, n: usize, signal: &str) -> i32 {
        let text = format!("echo $$ >> runs.log; sleep 0.3; {RIGHT}");
        let mut racing = race(folder, "--rounds 3", &[("slow", &text)]).start();
        let stderr = BufReader::new(racing.child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().for_each(drop));
        let start = Instant::now();
        let runs = || fs::read_to_string(folder.join("runs.log")).unwrap_or_default();
        while runs().lines().count() < n {
            assert!(start.elapsed() < BUILD_AND_RACE, "it never came to run {n}");
            std::thread::sleep(Duration::from_millis(5));
        }
        let children = tests::children(racing.child.id());
        racing.signal(signal);
        let status = racing.wait("compare");
        tests::assert_gone(&children, "compare");
        let racer = Path::new("/proc").join(runs().lines().last().unwrap());
        tests::assert_gone(&[racer], "compare");
        status.signal().unwrap_or(0)
    }

    #[test]
    fn an_interrupt_keeps_what_was_measured_and_leaves_nobody() {
        for (signal, number) in [("INT", 2), ("HUP", 1), ("TERM", 15)] {
            // While the results are checked there is nothing to keep yet: what was there stays.
            let folder = folder(&format!("interrupted-{signal}"));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("compare.json"), "of before").unwrap();
            assert_eq!(interrupt_at(&folder, 1, signal), number);
            let kept = fs::read_to_string(folder.join("compare.json")).unwrap();
            assert_eq!(kept, "of before");
            fs::remove_file(folder.join("runs.log")).unwrap();

            // In the second or third round, and while memory is looked at.
            for (run, rounds) in [(4, 1..=2), (7, 3..=3)] {
                assert_eq!(interrupt_at(&folder, run, signal), number);
                for (name, entrant) in entrants(&folder) {
                    let times = entrant["times"].as_array().unwrap().len();
                    assert!(rounds.contains(&times) || name != "slow", "{entrant:#}");
                }
                assert!(names(&folder).contains(&"slow".to_string()));
                fs::remove_file(folder.join("runs.log")).unwrap();
            }
        }
    }

    #[test]
    fn hyperfine_times_in_blocks_that_make_no_pairs() {
        let there = Command::new("hyperfine").arg("--version").output().is_ok();
        if !there {
            assert!(
                std::env::var_os("REQUIRE_HYPERFINE").is_none(),
                "no hyperfine found"
            );
            eprintln!("SKIPPED: no hyperfine on this machine");
            return;
        }
        let folder = folder("hyperfine");
        let finished = race(&folder, "--rounds 3 --hyperfine", &[("right", RIGHT)])
            .run_for(BUILD_AND_RACE);
        assert_eq!(finished.status.code(), Some(0), "{finished:?}");
        assert_eq!(names(&folder), ["threads", "right"]);
        for (_, entrant) in entrants(&folder) {
            assert_eq!(entrant["times"].as_array().unwrap().len(), 3, "{entrant:#}");
        }
        let race = &comparison(&folder)["races"][0];
        assert!(race["seed"].is_null(), "{race:#}");
        assert_eq!(race["twins"], serde_json::json!([]));
        assert!(
            finished.stdout.contains("in a block of its own"),
            "{}",
            finished.stdout
        );
        // Three runs each are too few to call one slower, paired or not.
        assert!(!folder.join("hyperfine.json").exists());
    }

    /// Two interpreters that are the real one under versions of their own, and need no
    /// package from anywhere.
    fn interpreter(folder: &Path, version: &str) -> String {
        let text = format!(
            "case \"$*\" in\n\
             '-m venv --clear '*) mkdir -p \"$4/bin\"; ln -sf \"$0\" \"$4/bin/python\" ;;\n\
             '-m pip '*) ;;\n\
             *version_info*) echo True CPython 3.{version} ;;\n\
             *) exec python3 \"$@\" ;;\n\
             esac\n"
        );
        script(folder, &format!("python-{version}"), &text);
        format!("--python-interpreter={}/python-{version}", folder.display())
    }

    #[test]
    fn two_pythons_race_each_under_its_own_name() {
        let python = Command::new("python3").arg("--version").output();
        if !python.is_ok_and(|python| python.status.success()) {
            eprintln!("SKIPPED: no python3 on this machine");
            return;
        }
        if !python::can_run(&root().join("python/processes_heavy_calculation.py")) {
            return;
        }
        let folder = folder("python");
        let both = [interpreter(&folder, "a"), interpreter(&folder, "b")];
        let arguments = "heavy-calculation --python --rounds 1 --numbers 1000,2000";
        let run = |pythons: &[String], names: &[&str]| {
            // All but machines, whose twin needs a package.
            let racers = names.iter().flat_map(|name| {
                let models = ["sequential", "threads", "processes", "async"];
                models.map(|model| format!("{name}{model}"))
            });
            let only = format!("--only={}", Vec::from_iter(racers).join(","));
            let finished = compare(arguments, &folder)
                .args(pythons)
                .arg(only)
                .run_for(BUILD_AND_RACE);
            assert_eq!(finished.status.code(), Some(0), "{finished:?}");
            finished.stdout
        };
        let stdout = run(&both, &["", "python3.a-", "python3.b-"]);
        let names = names(&folder);
        let of = |version: &str| {
            let name = format!("python3.{version}-threads");
            names.iter().filter(|other| **other == name).count()
        };
        assert_eq!((names.len(), of("a"), of("b")), (12, 1, 1), "{names:?}");
        assert!(
            stdout.contains("Times as long as its twin in Rust: "),
            "{stdout}"
        );

        run(&both[..1], &["", "python-"]);
        let names = super::names(&folder);
        assert!(names.contains(&"python-processes".to_string()), "{names:?}");
        assert!(comparison(&folder)["verdict"][0]["python_here"].is_string());
    }

    #[test]
    fn scale_finds_out_how_each_model_grows() {
        let folder = folder("scale");
        let finished = Program::new("xtask")
            .args([
                "scale",
                "say-after",
                "--up-to=10",
                "--deadline=2",
                "--output",
            ])
            .arg(&folder)
            .run_for(BUILD_AND_RACE);
        assert_eq!(finished.status.code(), Some(0), "{finished:?}");
        let json = fs::read_to_string(folder.join("scale.json")).unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        let curves = json["sweeps"][0]["curves"].as_array().unwrap();
        assert_eq!(curves.len(), runnable(SAY_AFTER).count());
        for curve in curves {
            let sizes = curve["points"].as_array().unwrap().iter();
            let sizes: Vec<_> =
                sizes.map(|point| point["size"].as_u64().unwrap()).collect();
            if curve["name"] == "sequential" {
                // Ten sayings of half a second.
                assert_eq!(sizes, [1], "{curve:#}");
                assert_eq!(curve["limit"]["what"], "time", "{curve:#}");
            } else {
                assert_eq!(sizes, [1, 10], "{curve:#}");
                assert!(
                    curve["points"][1]["memory"].as_f64().unwrap() > 0.0,
                    "{curve:#}"
                );
            }
        }
        assert!(
            finished
                .stdout
                .contains("sequential: at 10, it did not end"),
            "{finished:?}"
        );
    }

    #[test]
    fn ctrl_c_in_a_race_with_the_site_leaves_nothing_running() {
        // Once raced, so that nothing has to be built while this looks.
        let warm = compare(
            "fetch-url --rounds 1 --urls 2 --only async",
            &folder("warm"),
        );
        let finished = warm.run_for(BUILD_AND_RACE);
        assert_eq!(finished.status.code(), Some(0), "{finished:?}");

        let arguments = "fetch-url --urls 1000 --delay 1 --workers 1 --share 2000";
        let mut racing = compare(arguments, &folder("interrupted-site")).start();
        let stderr = BufReader::new(racing.child.stderr.take().unwrap());
        let mut lines = stderr.lines().map_while(Result::ok);
        assert!(
            lines.any(|line| line == "racing fetch-url"),
            "it never began"
        );
        let racers = |children: &[PathBuf]| {
            let is_racer = |child: &&PathBuf| {
                fs::read_to_string(child.join("comm"))
                    .is_ok_and(|comm| comm.starts_with("sequential"))
            };
            children.iter().filter(is_racer).count()
        };
        let children = loop {
            let children = tests::children(racing.child.id());
            if racers(&children) == 1 {
                break children;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        racing.signal("INT");
        assert_eq!(racing.wait("compare").signal(), Some(2));
        tests::assert_gone(&children, "compare");
    }
}
