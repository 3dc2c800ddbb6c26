//! What the tests of the races share: how to start a race, and how to read what it leaves in
//! its folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

use serde_json::Value;
#[cfg(target_os = "linux")]
use tests::Running;
use tests::{Finished, Program};

/// The first race builds the pages in release.
pub const BUILD_AND_RACE: Duration = Duration::from_secs(900);

/// A folder for one test. It does not exist yet.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    // An earlier test may have put a file there.
    let _ = fs::remove_file(&folder);
    folder
}

/// A task of xtask that writes to this folder.
pub fn xtask(arguments: &str, folder: &Path) -> Program {
    with_arguments(Program::new("xtask"), arguments, folder)
}

/// Adds the arguments of a task, and the folder that it writes to.
pub fn with_arguments(program: Program, arguments: &str, folder: &Path) -> Program {
    program
        .args(arguments.split_whitespace())
        .arg("--output")
        .arg(folder)
}

/// Runs a task to its end, which must have this exit code.
pub fn expect(program: Program, code: i32) -> Finished {
    let finished = program.run_for(BUILD_AND_RACE);
    assert_eq!(finished.status.code(), Some(code), "{finished:#?}");
    finished
}

/// Waits until something holds while a task runs.
#[cfg(target_os = "linux")]
pub fn wait_until(running: &mut Running, what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < BUILD_AND_RACE, "never: {what}");
        let status = running.wait_for(Duration::from_millis(5));
        assert!(status.is_none(), "ended with {status:?}, and never: {what}");
    }
}

/// The errors that a task has printed.
#[cfg(target_os = "linux")]
pub fn errors(finished: &Finished) -> Vec<&str> {
    let lines = finished.stderr.lines();
    lines.filter(|line| line.starts_with("error: ")).collect()
}

/// A JSON file in the folder.
pub fn json(folder: &Path, file: &str) -> Value {
    serde_json::from_str(&text(folder, file)).unwrap()
}

/// A file in the folder.
pub fn text(folder: &Path, file: &str) -> String {
    let path = folder.join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// The only race that `compare` has left in the folder.
pub fn only_race(folder: &Path) -> Value {
    let comparison = json(folder, "compare.json");
    match &comparison["races"].as_array().unwrap()[..] {
        [race] => race.clone(),
        _ => panic!("not one race: {comparison:#}"),
    }
}

/// The racers of the only race.
pub fn racers(folder: &Path) -> Vec<Value> {
    let race = only_race(folder);
    race["results"]["racers"].as_array().unwrap().clone()
}

/// The names of those that have times.
pub fn timed(folder: &Path) -> Vec<String> {
    let racers = racers(folder).into_iter();
    let timed = racers.filter(|racer| {
        let has_times = !racer["check"].is_null() || !rounds(racer).is_empty();
        has_times && racer["failure"].is_null()
    });
    timed.map(|racer| name(&racer).to_string()).collect()
}

pub fn name(racer: &Value) -> &str {
    racer["name"].as_str().unwrap()
}

/// The rounds in which a racer was timed.
pub fn rounds(racer: &Value) -> Vec<u64> {
    let runs = racer["runs"].as_array().unwrap().iter();
    runs.map(|run| run["round"].as_u64().unwrap()).collect()
}
