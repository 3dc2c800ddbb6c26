//! Before a race: do all programs give the same results?

use std::time::Duration;

use anyhow::{Result, bail};
use indicatif::ProgressBar;

use crate::interrupt;
use crate::measure;
use crate::race::Failure;
use crate::workload::{Racer, Work, Workload};

/// The racers that gave the same results, each with the time it took, and the others with
/// the reason. The first racer that gives as many results as asked for is what the others are
/// compared with. This is also the warm-up of the race.
pub fn check(
    work: &Work,
    racers: Vec<Racer>,
    deadline: Duration,
    progress: &ProgressBar,
) -> Result<(Vec<Racer>, Vec<Failure>)> {
    let mut reference: Option<(String, Vec<String>)> = None;
    let (mut same, mut failures) = (Vec::new(), Vec::new());
    for racer in racers {
        progress.set_message(format!("the same results? {}", racer.name));
        let printed = measure::capture(&mut racer.talkative(), deadline);
        interrupt::check()?;
        progress.inc(1);
        let checked = printed.and_then(|(_, stdout)| {
            let results = results(work.workload(), &stdout);
            match &reference {
                _ if results.len() != work.results() => {
                    bail!("gives {} results, not {}", results.len(), work.results())
                }
                Some((name, expected)) => compare(name, expected, &results)?,
                None => reference = Some((racer.name.clone(), results)),
            }
            Ok(())
        });
        match checked {
            Ok(()) => same.push(racer),
            Err(error) => failures.push(Failure {
                racer: racer.name,
                error,
            }),
        }
    }
    Ok((same, failures))
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
