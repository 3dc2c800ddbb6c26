//! What a comparison found out: the matter of its tables, its verdict and its files.

use serde::{Deserialize, Serialize};

use crate::judge::stats::{self, Interval};
use crate::measure::machine::Machine;
use crate::measure::race::{AGAIN, Timing};
use crate::racers::workload::Workload;

#[derive(Serialize, Deserialize)]
pub struct Comparison {
    pub machine: Machine,
    pub races: Vec<Results>,
}

/// What a race of one workload showed.
#[derive(Serialize, Deserialize)]
pub struct Results {
    pub workload: Workload,
    /// What was raced, in words.
    pub title: String,
    pub entrants: Vec<Entrant>,
    /// One of them once more, as if it were another: the noise of the machine.
    pub again: Option<Timing>,
    /// The time in seconds that no program can beat.
    pub bound: Option<f64>,
    /// Who was not timed, and why.
    pub failures: Vec<String>,
}

/// A racer that was timed.
#[derive(Serialize, Deserialize)]
pub struct Entrant {
    #[serde(flatten)]
    pub timing: Timing,
    /// The most bytes that it and its child processes held at one time.
    pub memory: Option<u64>,
    /// Run in the output folder.
    pub command: String,
}

impl Results {
    pub fn timing(&self, name: &str) -> Option<&Timing> {
        let mut timings = self.entrants.iter().map(|entrant| &entrant.timing);
        timings.find(|timing| timing.name == name)
    }

    /// How many times as long the sequential program took as this one.
    pub fn speed_up(&self, timing: &Timing) -> Option<Ratio> {
        Some(Ratio::new(self.timing("sequential")?, timing))
    }

    /// By how much a racer seems to differ from itself, for instance 0.02: a difference
    /// between two racers that is not greater may be none.
    pub fn noise(&self) -> Option<f64> {
        let again = self.again.as_ref()?;
        let itself = self.timing(again.name.strip_suffix(AGAIN)?)?;
        let Interval { low, high, .. } = Ratio::new(itself, again).interval;
        Some(high.max(1.0 / low) - 1.0)
    }
}

/// How many times as long one racer took as another, from the ratios of every round: what
/// slows a round down slows both.
pub struct Ratio {
    pub median: f64,
    pub interval: Interval,
}

impl Ratio {
    pub fn new(long: &Timing, short: &Timing) -> Self {
        let rounds = long.times.iter().zip(&short.times);
        let ratios: Vec<_> = rounds.map(|(long, short)| long / short).collect();
        Ratio {
            median: stats::median(&ratios),
            interval: stats::median_interval(&ratios),
        }
    }
}
