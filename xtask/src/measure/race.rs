//! The race itself: rounds in which every racer runs once, in turn.

use std::time::Duration;

use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

use crate::judge::stats;
use crate::measure::interrupt;
use crate::measure::process::{self, Run};
use crate::racers::workload::Racer;

/// What one racer took, round by round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    pub name: String,
    /// Wall time of each round, in seconds.
    pub times: Vec<f64>,
    /// Mean CPU time of a round, in seconds: its own, and the system's for it.
    pub user: f64,
    pub system: f64,
    /// CPU time of the round that took least of it, where that is known; else the mean.
    pub least_cpu: f64,
}

impl Timing {
    fn new(name: String, runs: &[Run]) -> Self {
        let seconds = |time: fn(&Run) -> Duration| -> Vec<f64> {
            runs.iter().map(|run| time(run).as_secs_f64()).collect()
        };
        Timing {
            name,
            times: seconds(|run| run.wall),
            user: stats::mean(&seconds(|run| run.user)),
            system: stats::mean(&seconds(|run| run.system)),
            least_cpu: stats::min(&seconds(|run| run.user + run.system)),
        }
    }

    /// CPU time in all.
    pub fn cpu(&self) -> f64 {
        self.user + self.system
    }
}

/// What the name of a racer ends in that runs once more in each round, as if it were another:
/// what it seems to differ from itself is the noise of the machine.
pub const AGAIN: &str = " again";

/// The racer that runs once more: the first after the baseline.
pub fn again(racers: &[Racer]) -> Option<Racer> {
    let racer = racers.get(1).or(racers.first())?;
    Some(Racer {
        name: format!("{}{AGAIN}", racer.name),
        ..racer.clone()
    })
}

/// Runs the racers in turn (A B C A B C ...), so that whatever drifts drifts for all. Returns
/// also which failed, and why; one that fails is out of the race. Ctrl-C ends it early.
pub fn rounds(
    racers: &[Racer],
    rounds: u32,
    deadline: Duration,
    progress: &ProgressBar,
) -> (Vec<Timing>, Vec<String>) {
    let mut lanes: Vec<(&Racer, Vec<Run>)> = Vec::new();
    lanes.extend(racers.iter().map(|racer| (racer, Vec::new())));
    let mut failures = Vec::new();
    for round in 1..=rounds {
        lanes.retain_mut(|(racer, runs)| {
            progress.set_message(format!("round {round} of {rounds}: {}", racer.name));
            let run = process::time(&mut racer.command(), deadline);
            progress.inc(1);
            match run {
                Ok(run) => runs.push(run),
                Err(_) if interrupt::requested() => {}
                Err(error) => {
                    failures.push(format!("{} {error:#}", racer.name));
                    return false;
                }
            }
            true
        });
    }
    let timings = lanes
        .into_iter()
        .filter(|(_, runs)| !runs.is_empty())
        .map(|(racer, runs)| Timing::new(racer.name.clone(), &runs))
        .collect();
    (timings, failures)
}

#[cfg(test)]
#[cfg(unix)]
pub mod tests {
    use std::{env, fs};

    use super::*;

    /// A racer that is a shell script.
    pub fn racer(name: &str, script: &str) -> Racer {
        Racer {
            name: name.to_string(),
            program: "sh".into(),
            arguments: ["-c", script].map(String::from).into(),
            folder: env::temp_dir(),
        }
    }

    #[test]
    fn racers_take_turns_and_one_that_fails_is_out() {
        let log = env::temp_dir().join(format!("xtask-race-{}", std::process::id()));
        let logging = |name: &str, and: &str| {
            racer(name, &format!("echo {name} >> '{}'; {and}", log.display()))
        };
        let racers = vec![
            logging("a", "sleep 0.1"),
            // Fails from the second round on.
            logging("b", &format!("test $(grep -c b '{}') = 1", log.display())),
            logging("c", ""),
        ];
        let (timings, failures) =
            rounds(&racers, 3, Duration::from_secs(60), &ProgressBar::hidden());

        let turns = fs::read_to_string(&log).unwrap();
        fs::remove_file(&log).unwrap();
        assert_eq!(turns.split_whitespace().collect::<String>(), "abcabcac");
        assert_eq!(failures, ["b ended with exit status: 1"]);
        let names: Vec<_> = timings.iter().map(|timing| &timing.name[..]).collect();
        assert_eq!(names, ["a", "c"]);
        assert_eq!(timings[0].times.len(), 3);
        assert!(timings[0].times.iter().all(|time| *time >= 0.1));
    }
}
