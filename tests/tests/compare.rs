//! `cargo xtask compare` and `serve` from end to end: real programs are built, checked, raced
//! at tiny sizes, and the files that come out are read back.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tests::{FETCH_URL, Finished, HEAVY_CALCULATION, Program, SAY_AFTER};

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

/// `cargo xtask compare`, with a folder of its own for what it writes.
fn compare(folder: &Path) -> Program {
    let mut cargo = Command::new(env!("CARGO"));
    // From a folder below the root, where the alias works as well.
    cargo
        .current_dir(tests::root().join("xtask"))
        .args(["xtask", "compare"]);
    Program::from(cargo).args(SMALL).arg("--output").arg(folder)
}

/// A folder for one test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

#[test]
fn every_model_is_raced_and_every_file_written() {
    let folder = folder("compare");
    let Finished {
        status,
        stdout,
        stderr,
    } = compare(&folder).run_for(BUILD_AND_RACE);
    assert_eq!(status.code(), Some(0), "{stdout}\n{stderr}");
    assert!(
        stdout.contains("When to use which, measured here"),
        "{stdout}"
    );

    for (workload, pages) in [
        ("fetch-url", &FETCH_URL[..]),
        ("heavy-calculation", &HEAVY_CALCULATION),
        ("say-after", &SAY_AFTER),
    ] {
        assert!(stdout.contains(&format!("{workload}: ")), "{stdout}");
        let racers = pages
            .iter()
            .map(|page| page.trim_end_matches(&format!("-{workload}")));
        let json = fs::read_to_string(folder.join(format!("{workload}.json"))).unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        let results = json["results"].as_array().unwrap();
        let names = results
            .iter()
            .map(|result| result["command"].as_str().unwrap());
        assert!(names.eq(racers.clone()), "{json:#}");
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
        }
        assert!(script.contains("exec hyperfine "), "{script}");
    }
    let report = fs::read_to_string(folder.join("report.html")).unwrap();
    for id in [
        "verdict",
        "fetch-url",
        "heavy-calculation",
        "say-after",
        "async-gather",
    ] {
        assert!(
            report.contains(&format!(" id=\"{id}\"")),
            "{id} in {report}"
        );
    }
    let json = fs::read_to_string(folder.join("compare.json")).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let rows = json["verdict"].as_array().unwrap();
    assert_eq!(rows.len(), 4, "{json:#}");
    for row in rows {
        let take = row["take"].as_str().unwrap();
        assert!(
            report.contains(&format!("data-label=\"take\">{take}</td>")),
            "{report}"
        );
        assert!(stdout.contains(take), "{stdout}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_is_an_error() {
    let file = folder("not-a-folder");
    fs::write(&file, "").unwrap();
    let Finished { status, stderr, .. } = compare(&file).run_for(BUILD_AND_RACE);
    assert_eq!(status.code(), Some(1), "{stderr}");
    let error = stderr.lines().last().unwrap();
    assert!(
        error.starts_with("error: cannot create the folder "),
        "{stderr}"
    );
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

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_leaves_nothing_running() {
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::ExitStatusExt;

    // Once raced, so that nothing has to be built while this looks.
    let Finished { status, stderr, .. } =
        compare(&folder("warm")).run_for(BUILD_AND_RACE);
    assert_eq!(status.code(), Some(0), "{stderr}");

    let mut racing = Program::new("xtask")
        .args([
            "compare",
            "fetch-url",
            "--urls=1000",
            "--delay=1",
            "--output",
        ])
        .args([folder("interrupted")])
        .start();
    let stderr = BufReader::new(racing.child.stderr.take().unwrap());
    let mut lines = stderr.lines().map_while(Result::ok);
    assert!(
        lines.any(|line| line == "racing fetch-url"),
        "it never began"
    );
    let children = loop {
        // The demo site and a racer.
        let children = tests::children(racing.child.id());
        if children.len() == 2 {
            break children;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    racing.signal("INT");
    assert_eq!(racing.wait("compare").signal(), Some(2));
    tests::assert_gone(&children, "compare");
}
