//! The index of the phrasebook knows Python's modules for concurrency: each of their public
//! names has a row, or a reason why it has none.

use std::collections::BTreeSet;
use std::process::Command;

use tests::phrasebook::code_spans;
use tests::{Program, root};

use crate::phrasebook::{Python, index, pythons};

/// What `python_names.py` prints.
const NAMES: &str = include_str!("../../samples/python-3.13-names.txt");

/// `PATTERN: reason`, where a star stands for any letters.
const LEFT_OUT: &str = include_str!("../../samples/python-names-left-out.txt");

fn left_out() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = LEFT_OUT
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(": ").expect("PATTERN: reason"))
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            let mut ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            ends.any(|at| matches(rest, &name[at..]))
        }),
    }
}

/// The names in the first column of the index. `f(x=None)` stands for `f(x)`.
fn names_in_rows(index: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for row in index.lines().filter_map(|line| line.strip_prefix("| ")) {
        let python = row.split(" | ").next().unwrap_or_default();
        for name in code_spans(python) {
            let name = name
                .trim_start_matches("await ")
                .trim_start_matches("with ");
            let name = name.strip_suffix("()").unwrap_or(name);
            names.insert(match name.split_once('=') {
                Some((name, _)) if name.contains('(') => format!("{name})"),
                _ => name.to_owned(),
            });
        }
    }
    names
}

/// Whether a row has the name or its end after one of the dots, such as `Future.result`. For an
/// argument a row with its name alone is enough, such as `max_workers`.
fn has_row(name: &str, rows: &BTreeSet<String>) -> bool {
    let ends = name.match_indices('.').map(|(point, _)| &name[point + 1..]);
    let argument = name
        .split_once('(')
        .map(|(_, rest)| rest.trim_end_matches(')'));
    [name]
        .into_iter()
        .chain(ends)
        .chain(argument)
        .any(|name| rows.contains(name))
}

#[test]
fn every_name_of_python_has_a_row_or_a_reason() {
    let rows = names_in_rows(&index());
    let is_left_out = |name: &str| left_out().any(|(pattern, _)| matches(pattern, name));
    assert!(NAMES.lines().count() > 700);
    let missing: Vec<_> = NAMES
        .lines()
        .filter(|name| !has_row(name, &rows) && !is_left_out(name))
        .collect();
    assert!(
        missing.is_empty(),
        "{} missing: {missing:#?}",
        missing.len()
    );
}

#[test]
fn nothing_is_left_out_that_python_does_not_have() {
    for (pattern, reason) in left_out() {
        let exists = NAMES.lines().any(|name| matches(pattern, name));
        assert!(exists, "{pattern}");
        assert!(reason.len() > 8, "{pattern}: {reason}");
    }
}

#[test]
fn a_star_stands_for_any_letters() {
    for (pattern, name) in [
        ("signal.SIG*", "signal.SIGTERM"),
        ("asyncio.*(loop)", "asyncio.Task(loop)"),
        ("*.Lock.*lock*", "threading.Lock.acquire_lock(timeout)"),
        ("a", "a"),
        ("a*", "a"),
    ] {
        assert!(matches(pattern, name), "{pattern} {name}");
    }
    for (pattern, name) in [("a", "ab"), ("*b", "ba"), ("a*b*c", "acb"), ("", "a")] {
        assert!(!matches(pattern, name), "{pattern} {name}");
    }
}

#[test]
fn the_names_of_python_are_those_of_its_modules() {
    let script = root().join("tests/samples/python_names.py");
    for Python { program, minor, .. } in pythons() {
        let mut command = Command::new(program);
        command.args(["-B", "-W", "ignore"]).arg(&script);
        let printed = Program::from(command).expect(0).stdout;
        if minor == 13 && cfg!(target_os = "linux") {
            assert_eq!(printed, NAMES);
        } else if printed != NAMES {
            eprintln!("warning: the names of Python 3.{minor} are not those of 3.13");
        }
    }
}
