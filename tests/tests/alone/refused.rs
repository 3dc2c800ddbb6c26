//! What makes no sense is refused before anything is built.

use std::fs;

use crate::race::{errors, expect, folder, xtask};
use crate::scripts::{cargo_that_cannot_build, has_built};

#[test]
fn names_and_options_that_cannot_be_are_usage_errors() {
    let folder = folder("refused");
    let cargo = cargo_that_cannot_build(&folder);
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
            "fetch-url --also x=./no-such-program",
            "--also x: there is no program ",
        ),
        (
            "fetch-url --also x=true --only threads",
            "--also x: --only does not name it, too",
        ),
        (
            "say-after --urls 5",
            "--urls is for fetch-url, which is not raced",
        ),
    ] {
        let race = xtask(&format!("compare {arguments}"), &folder);
        let finished = expect(race.env("CARGO", &cargo), 2);
        let errors = errors(&finished);
        assert_eq!(errors.len(), 1, "{finished:#?}");
        assert!(errors[0].contains(expected), "{errors:?}");
        assert_eq!(finished.stdout, "");
        assert!(!has_built(&cargo), "{arguments}");
    }
}

#[test]
fn machines_does_not_take_part_without_a_nats_server_which_is_said() {
    let folder = folder("no-nats");
    let cargo = cargo_that_cannot_build(&folder);
    let race = xtask("compare --only machines", &folder).env("CARGO", &cargo);
    let finished = expect(race.env("NATS_SERVER", "/no-such-server"), 2);
    let errors = errors(&finished);
    assert_eq!(errors.len(), 1, "{finished:#?}");
    let expected = "--only machines: they need a nats-server, and there is none";
    assert!(errors[0].contains(expected), "{errors:?}");
    let note = "note: machines does not take part: NATS_SERVER is /no-such-server, which does \
                not start";
    assert!(finished.stderr.contains(note), "{finished:#?}");
}

#[test]
fn an_output_that_is_a_file_is_an_error() {
    let folder = folder("not-a-folder");
    let cargo = cargo_that_cannot_build(&folder);
    let file = folder.join("file");
    fs::write(&file, "").unwrap();
    for task in ["compare", "scale", "timeline"] {
        let finished = expect(xtask(task, &file).env("CARGO", &cargo), 1);
        let errors = errors(&finished);
        assert_eq!(errors.len(), 1, "{finished:#?}");
        let expected = format!("error: cannot create the folder {}: ", file.display());
        assert!(errors[0].starts_with(&expected), "{errors:?}");
        assert!(!has_built(&cargo), "{task}");
    }
}

#[test]
fn an_interpreter_that_is_none_is_an_error() {
    let folder = folder("no-interpreter");
    let cargo = cargo_that_cannot_build(&folder);
    for task in ["compare", "timeline"] {
        let arguments = format!("{task} --python --python-interpreter /no-such-python");
        let finished = expect(xtask(&arguments, &folder).env("CARGO", &cargo), 1);
        let errors = errors(&finished);
        assert_eq!(errors.len(), 1, "{finished:#?}");
        assert!(errors[0].contains("/no-such-python"), "{errors:?}");
        assert!(!has_built(&cargo), "{task}");
    }
}
