//! Races with programs of the user (`--also`) that behave in a known way.

use std::process::Command;

use tests::Program;

use crate::race::{
    errors, expect, folder, name, racers, text, timed, with_arguments, xtask,
};
use crate::scripts::{self, RIGHT, is_there, race};

#[test]
fn a_racer_that_hangs_differs_or_dies_is_reported_once_and_the_others_race() {
    let folder = folder("failures");
    let program = race(
        &folder,
        "--rounds 3 --timeout 2",
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
            // This one is right in its check, and wrong later: its second run in a round is its
            // third run.
            (
                "late",
                &format!(
                    "echo x >> late.log; {RIGHT}[ $(wc -l < late.log) -lt 3 ] || exit 4"
                ),
            ),
        ],
    );
    let finished = expect(program, 1);
    assert_eq!(timed(&folder), ["threads", "right"]);
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
        ("floods-line", "printed a line of more than 1048576 bytes"),
        ("late", "ended with exit status: 4"),
    ];
    let racers = racers(&folder);
    let failed: Vec<_> = racers
        .iter()
        .filter(|it| !it["failure"].is_null())
        .collect();
    assert_eq!(failed.len(), expected.len(), "{failed:#?}");
    assert_eq!(errors(&finished).len(), expected.len(), "{finished:#?}");
    for (racer, (expected_name, words)) in failed.into_iter().zip(expected) {
        let (name, failure) = (name(racer), racer["failure"].as_str().unwrap());
        assert_eq!(name, expected_name);
        assert!(failure.contains(words), "{name}: {failure}");
        let error = format!("error: heavy-calculation: {name} {failure}");
        assert!(errors(&finished).contains(&&error[..]), "{finished:#?}");
        let note = format!("Not timed: {name} {}", failure.split('"').next().unwrap());
        assert!(text(&folder, "compare.md").contains(&note), "{note}");
    }
}

#[test]
fn a_program_is_given_what_the_threads_page_is_given() {
    let folder = folder("arguments");
    let script = format!("echo \"$@\" >> arguments.log; pwd >> arguments.log\n{RIGHT}");
    expect(
        race(&folder, "--workers 3 --rounds 1", &[("mine", &script)]),
        0,
    );
    let log = text(&folder, "arguments.log");
    let lines: Vec<_> = log.lines().collect();
    // Its check runs it as a user would, to see its results. Then it is raced.
    let here = folder.display().to_string();
    assert_eq!(&lines[..2], ["--max-workers=3 2 3", &here]);
    assert!(lines.len() > 3);
    for run in lines[2..].chunks(2) {
        assert_eq!(run, ["--max-workers=3 2 3 --quiet", &here]);
    }
}

#[test]
fn a_relative_program_is_found_from_the_folder_of_the_caller() {
    let folder = folder("relative");
    scripts::write(&folder, "mine", RIGHT);
    let mut command = Command::new(tests::program("xtask"));
    command.current_dir(&folder);
    let arguments = "compare heavy-calculation --numbers=2,3 --rounds=1 --only=mine \
                     --also=mine=./mine";
    let race = with_arguments(Program::from(command), arguments, "results".as_ref());
    expect(race, 0);
    assert_eq!(timed(&folder.join("results")), ["mine"]);
}

#[test]
fn memory_is_that_of_all_forked_children_and_never_zero() {
    if !is_there("python3", "REQUIRE_PYTHON") {
        return;
    }
    let folder = folder("memory");
    let forks = "#!/usr/bin/env python3\n\
        import os, time\n\
        for _ in range(4):\n    \
            if os.fork() == 0:\n        \
                mine = b'x' * 30_000_000; time.sleep(0.5); os._exit(0)\n\
        for _ in range(4): os.wait()\n\
        print('Calculation for 2 returned 1')\n\
        print('Calculation for 3 returned 5')\n";
    let scripts = [("forks", forks), ("short", RIGHT)];
    let finished = expect(race(&folder, "--rounds 1", &scripts), 0);
    for racer in racers(&folder) {
        let peaks = racer["memory"].as_array().unwrap().iter();
        let peaks: Vec<_> = peaks.map(|peak| peak.as_u64().unwrap()).collect();
        assert!(!peaks.contains(&0), "{racer:#}");
        if name(&racer) == "forks" {
            assert!(!peaks.is_empty(), "{racer:#}");
            for peak in peaks {
                assert!((120_000_000..180_000_000).contains(&peak), "{racer:#}");
            }
        }
    }
    assert!(!finished.stdout.contains(" 0 B"), "{}", finished.stdout);
}

#[test]
fn thousands_of_rounds_end_and_are_told_in_a_few_lines() {
    let folder = folder("many-rounds");
    for copy in ["a", "b"] {
        scripts::write(&folder, copy, RIGHT);
    }
    let here = folder.display();
    let arguments = format!(
        "compare heavy-calculation --numbers 2,3 --rounds 2000 --only a,b \
         --also a={here}/a --also b={here}/b"
    );
    let finished = expect(xtask(&arguments, &folder), 0);
    for racer in racers(&folder) {
        assert_eq!(racer["runs"].as_array().unwrap().len(), 2000);
    }
    for document in [finished.stdout, text(&folder, "compare.md")] {
        assert!(document.lines().count() < 60, "{document}");
    }
}
