//! A task measures and writes its files even if its stdout or stderr is full or closed.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use tests::{Finished, Program};

use crate::race::{
    BUILD_AND_RACE, errors, expect, folder, json, text, with_arguments, xtask,
};
use crate::scripts;

/// A task with two workloads, and what it writes.
struct Task {
    arguments: &'static str,
    /// Holds a list of what was measured, an element for each workload.
    results: (&'static str, &'static str),
    others: &'static [&'static str],
}

const TASKS: [Task; 3] = [
    Task {
        arguments: "compare heavy-calculation say-after --rounds 1 --numbers 1000 \
                    --sayings 0.01:a --repeat 1 --only sequential,threads",
        results: ("compare.json", "races"),
        others: &[
            "compare.md",
            "report.html",
            "heavy-calculation.json",
            "say-after.json",
            "race-heavy-calculation.sh",
            "race-say-after.sh",
        ],
    },
    // Every model reaches its limit at the first saying, which takes half a second.
    Task {
        arguments: "scale heavy-calculation say-after --up-to 1000 --deadline 0.4",
        results: ("scale.json", "sweeps"),
        others: &["report.html"],
    },
    Task {
        arguments: "timeline heavy-calculation say-after --numbers 1000 --sayings 0.01:a",
        results: ("timeline.json", "panels"),
        others: &[
            "timeline-heavy-calculation-light.svg",
            "timeline-heavy-calculation-dark.svg",
            "timeline-say-after-light.svg",
            "timeline-say-after-dark.svg",
            "trace-threads-heavy-calculation.json",
            "trace-async-gather.json",
        ],
    },
];

/// xtask, with its streams redirected as a shell does it: `> /dev/full`.
pub fn redirected(redirections: &str) -> Program {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("exec \"$0\" \"$@\" {redirections}")])
        .arg(tests::program("xtask"));
    Program::from(shell)
}

impl Task {
    /// Its name, and a folder for it.
    fn folder(&self, test: &str) -> PathBuf {
        let (name, _) = self.arguments.split_once(' ').unwrap();
        folder(&format!("{test}-{name}"))
    }

    /// Both workloads were measured, and everything was written.
    fn assert_files(&self, folder: &Path) {
        let (file, list) = self.results;
        let results = json(folder, file);
        assert_eq!(
            results[list].as_array().unwrap().len(),
            2,
            "{file}: {results:#}"
        );
        for file in self.others {
            assert!(!text(folder, file).is_empty(), "{file}");
        }
    }
}

/// Runs each task with redirected streams to its end, which must have this exit code. Returns
/// what each has printed.
fn run_each(test: &str, redirections: &str, code: i32) -> [Finished; 3] {
    TASKS.map(|task| {
        let folder = task.folder(test);
        let program = with_arguments(redirected(redirections), task.arguments, &folder);
        let finished = expect(program, code);
        task.assert_files(&folder);
        finished
    })
}

#[test]
fn a_full_stdout_is_an_error_and_loses_no_file() {
    for finished in run_each("full-stdout", "> /dev/full", 1) {
        let errors = errors(&finished);
        assert_eq!(errors.len(), 1, "{finished:#?}");
        assert!(
            errors[0].starts_with("error: cannot write to stdout: "),
            "{errors:?}"
        );
    }
}

#[test]
fn a_closed_stderr_is_no_error() {
    for finished in run_each("closed-stderr", "2>&-", 0) {
        assert!(!finished.stdout.is_empty(), "{finished:#?}");
    }
}

#[test]
fn a_full_stderr_is_no_error() {
    for finished in run_each("full-stderr", "2> /dev/full", 0) {
        assert!(!finished.stdout.is_empty(), "{finished:#?}");
    }
}

/// Runs a program that finds its stdout closed when it first prints something.
fn run_without_reader(program: Program) -> ExitStatus {
    let mut running = program.start();
    drop(running.child.stdout.take());
    let status = running.wait_for(BUILD_AND_RACE);
    status.expect("it ends")
}

#[test]
fn a_reader_of_stdout_that_leaves_is_no_error() {
    for task in TASKS {
        let folder = task.folder("no-reader");
        let status = run_without_reader(xtask(task.arguments, &folder));
        assert_eq!(status.code(), Some(0), "{}", task.arguments);
        task.assert_files(&folder);
    }
}

#[test]
fn a_reader_of_both_streams_that_leaves_is_no_error() {
    for task in TASKS {
        let folder = task.folder("no-readers");
        let program = with_arguments(redirected("2>&1"), task.arguments, &folder);
        let status = run_without_reader(program);
        assert_eq!(status.code(), Some(0), "{}", task.arguments);
        task.assert_files(&folder);
    }
}

/// The real cargo fails as well if it has something to say and cannot.
#[test]
fn a_build_whose_messages_cannot_be_printed_is_a_build() {
    for redirection in ["2> /dev/full", "2>&1"] {
        let task = &TASKS[0];
        let folder = task.folder("talkative-build");
        let cargo = format!(
            "if [ \"$1\" = build ]; then\n\
                 for i in 1 2 3; do echo \"   Compiling crate-$i\" >&2 || exit 101; done\n\
             fi\n\
             exec '{}' \"$@\"\n",
            env!("CARGO")
        );
        let cargo = scripts::write(&folder, "cargo", &cargo);
        let program = with_arguments(redirected(redirection), task.arguments, &folder);
        let status = run_without_reader(program.env("CARGO", cargo));
        assert_eq!(status.code(), Some(0), "{redirection}");
        task.assert_files(&folder);
    }
}
