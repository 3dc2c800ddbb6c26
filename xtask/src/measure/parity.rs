//! Before a race: do all programs give the same results?

use std::time::Duration;

use anyhow::{Result, bail};
use indicatif::ProgressBar;

use crate::measure::interrupt;
use crate::measure::process;
use crate::racers::workload::{Racer, Work, Workload};

/// Runs every racer once. Returns those that gave the same results, and why the others did
/// not. The first that gives as many results as asked for is what the others are compared
/// with. This is also the warm-up of the race.
pub fn check(
    work: &Work,
    racers: Vec<Racer>,
    deadline: Duration,
    progress: &ProgressBar,
) -> (Vec<Racer>, Vec<String>) {
    let mut reference: Option<(String, Vec<String>)> = None;
    let mut check = |racer: &Racer| {
        progress.set_message(format!("the same results? {}", racer.name));
        let mut stdout = String::new();
        process::check(&mut racer.talkative(), deadline, |line| {
            stdout.push_str(line);
            stdout.push('\n');
            Ok(())
        })?;
        progress.inc(1);
        let results = results(work.workload(), &stdout);
        if results.len() != work.results() {
            bail!("gives {} results, not {}", results.len(), work.results());
        }
        match &reference {
            Some((name, expected)) => compare(name, expected, &results)?,
            None => reference = Some((racer.name.clone(), results)),
        }
        Ok(())
    };
    let (mut same, mut failures) = (Vec::new(), Vec::new());
    for racer in racers {
        match check(&racer) {
            Ok(()) => same.push(racer),
            Err(_) if interrupt::requested() => break,
            Err(error) => failures.push(format!("{} {error:#}", racer.name)),
        }
    }
    (same, failures)
}

/// What must be the same for all: the result lines, which come in the order of the input; of
/// sayings, which come in any order, all lines but the task group's closing one.
fn results(workload: Workload, stdout: &str) -> Vec<String> {
    let lines = stdout.lines().map(String::from);
    match workload {
        Workload::FetchUrl => lines.filter(|line| line.starts_with("URL: ")).collect(),
        Workload::HeavyCalculation => lines
            .filter(|line| line.starts_with("Calculation for "))
            .collect(),
        Workload::SayAfter => {
            let mut lines: Vec<_> = lines.collect();
            lines.pop_if(|line| line.ends_with(" tasks have now completed."));
            lines.sort();
            lines
        }
    }
}

fn compare(name: &str, expected: &[String], results: &[String]) -> Result<()> {
    for (expected, result) in expected.iter().zip(results) {
        if expected != result {
            bail!("gives another result than {name}: {result:?} instead of {expected:?}");
        }
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::measure::race::tests::racer;

    fn calculation() -> Work {
        Work::HeavyCalculation {
            numbers: vec![2, 3],
            workers: None,
        }
    }

    /// Checks racers that are shell scripts; returns who passed, and what was said of the
    /// others.
    fn check_scripts(
        work: &Work,
        scripts: &[(&str, &str)],
    ) -> (Vec<String>, Vec<String>) {
        let racers = scripts.iter().map(|(name, script)| racer(name, script));
        let deadline = Duration::from_secs(5);
        let (same, failures) =
            check(work, racers.collect(), deadline, &ProgressBar::hidden());
        (same.into_iter().map(|racer| racer.name).collect(), failures)
    }

    #[test]
    fn only_result_lines_count_and_their_order_does() {
        let right =
            "echo 'Calculation for 2 returned 1'; echo 'Calculation for 3 returned 5'";
        let (same, failures) = check_scripts(
            &calculation(),
            &[
                ("sequential", &format!("echo Calculating for 2...; {right}")),
                ("threads", &format!("echo Calculating for 3...; {right}")),
                ("swapped", &format!("({right}) | sort -r")),
                ("wrong", &format!("({right}) | sed s/5/6/")),
                ("short", &format!("({right}) | head -1")),
                ("silent", "true"),
                ("failing", &format!("{right}; exit 1")),
                ("dying", &format!("{right}; kill -9 $$")),
                ("hanging", &format!("{right}; sleep 1000")),
            ],
        );
        assert_eq!(same, ["sequential", "threads"]);
        let reasons = [
            r#"swapped gives another result than sequential: "Calculation for 3 returned 5" instead of "Calculation for 2 returned 1""#,
            r#"wrong gives another result than sequential: "Calculation for 3 returned 6" instead of "Calculation for 3 returned 5""#,
            "short gives 1 results, not 2",
            "silent gives 0 results, not 2",
            "failing ended with exit status: 1",
            "dying ended with signal: 9 (SIGKILL)",
            "hanging did not end within 5s and was killed",
        ];
        assert_eq!(failures, reasons);
    }

    #[test]
    fn sayings_may_come_in_any_order() {
        let work = Work::SayAfter {
            sayings: vec!["1:a".parse().unwrap(), "1:b".parse().unwrap()],
            repeat: 2,
            workers: None,
        };
        let (same, failures) = check_scripts(
            &work,
            &[
                ("sequential", "echo a; echo b; echo a; echo b"),
                ("threads", "echo a; echo a; echo b; echo b"),
                (
                    "async-task-group",
                    "echo b; echo b; echo a; echo a; echo All 4 tasks have now completed.",
                ),
                ("wrong", "echo a; echo a; echo a; echo b"),
            ],
        );
        assert_eq!(same, ["sequential", "threads", "async-task-group"]);
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert!(failures[0].starts_with("wrong gives another result"));
    }
}
