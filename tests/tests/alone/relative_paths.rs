//! Programs are found by relative paths, although racers run in another folder.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use tests::{Program, nats};

use crate::compare_python;
use crate::race::{expect, folder, timed};
use crate::scripts::{self, RIGHT, is_there, nats_server};

/// A race that is started in a folder. It writes to `results` in it, and looks for programs
/// in `bin` in it first.
fn race_in(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(tests::program("xtask"));
    command
        .current_dir(folder)
        .env("PATH", format!("bin:{}", env::var("PATH").unwrap()));
    command
        .arg("compare")
        .args(arguments.split_whitespace())
        .args(["--rounds=1", "--output=results"]);
    command
}

/// Runs a race, which must succeed, and returns the racers that were timed.
fn racers_of(race: Command, folder: &Path) -> Vec<String> {
    expect(Program::from(race), 0);
    timed(&folder.join("results"))
}

#[test]
fn a_program_of_the_user_is_found_on_a_relative_path() {
    let folder = folder("relative-also");
    scripts::write(&folder.join("bin"), "my-racer", RIGHT);
    let arguments = "heavy-calculation --numbers 2,3 --only mine --also mine=my-racer";
    assert_eq!(racers_of(race_in(&folder, arguments), &folder), ["mine"]);
}

/// A program that records its arguments and then becomes the real nats-server.
fn stand_in_for_nats(folder: &Path, name: &str) {
    let real = nats_server().expect("it was just started");
    let log = folder.join("started.log");
    let text = format!(
        "echo \"$@\" >> '{}'\nexec '{}' \"$@\"\n",
        log.display(),
        real.display()
    );
    scripts::write(&folder.join("bin"), name, &text);
}

/// Whether that server was started to serve, and not only asked for its version.
fn has_served(folder: &Path) -> bool {
    let log = fs::read_to_string(folder.join("started.log")).unwrap();
    log.lines().any(|arguments| arguments != "--version")
}

const MACHINES: &str = "heavy-calculation --numbers 1000,2000 --only machines";

#[test]
fn a_nats_server_is_found_by_a_relative_variable() {
    if nats::is_missing() {
        return;
    }
    let folder = folder("relative-nats-variable");
    stand_in_for_nats(&folder, "my-nats");
    let mut race = race_in(&folder, MACHINES);
    race.env("NATS_SERVER", "bin/my-nats");
    assert_eq!(racers_of(race, &folder), ["machines"]);
    assert!(has_served(&folder));
}

#[test]
fn a_nats_server_is_found_on_a_relative_path() {
    if nats::is_missing() {
        return;
    }
    let folder = folder("relative-nats-path");
    stand_in_for_nats(&folder, "nats-server");
    let mut race = race_in(&folder, MACHINES);
    race.env_remove("NATS_SERVER");
    assert_eq!(racers_of(race, &folder), ["machines"]);
    assert!(has_served(&folder));
}

const PYTHON: &str =
    "heavy-calculation --numbers 1000,2000 --python --only python-threads";

#[test]
fn an_interpreter_is_found_on_a_relative_path() {
    if !is_there("python3", "REQUIRE_PYTHON") {
        return;
    }
    let folder = folder("relative-python-path");
    compare_python::stand_in(&folder.join("bin"), "python3", "3.on-a-relative-path");
    assert_eq!(
        racers_of(race_in(&folder, PYTHON), &folder),
        ["python-threads"]
    );
}

#[test]
fn an_interpreter_is_found_by_a_relative_option() {
    if !is_there("python3", "REQUIRE_PYTHON") {
        return;
    }
    let folder = folder("relative-python-option");
    compare_python::stand_in(&folder, "my-python", "3.by-a-relative-option");
    let mut race = race_in(&folder, PYTHON);
    race.args(["--python-interpreter", "./my-python"]);
    assert_eq!(racers_of(race, &folder), ["python-threads"]);
}
