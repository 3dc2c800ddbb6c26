//! The measurements of a race, and the comparisons that they allow.

use serde::{Deserialize, Serialize};

use crate::run::Usage;
use crate::stats;

/// All measurements of a race. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The racers, in the order of [`Race::racers`](crate::Race::racers).
    pub racers: Vec<Entrant>,
    /// In each round one racer ran twice. The difference between its two runs is noise.
    pub self_pairs: Vec<SelfPair>,
    /// The timeout of a run.
    pub timeout: f64,
}

/// A racer and its measurements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entrant {
    /// Its name.
    pub name: String,
    /// A lower bound of its time, if one is known without measuring.
    pub bound: Option<f64>,
    /// The run in which its answers were checked. `None` if it was not started, because its
    /// bound is above the timeout, or if this run failed.
    pub check: Option<Run>,
    /// Its timed runs, by round.
    pub runs: Vec<Run>,
    /// Its peak memory, in bytes, in each run that was watched.
    pub memory: Vec<u64>,
    /// Why it is out of the race; `None` if it is not.
    pub failure: Option<String>,
}

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The round, from 1 on; 0 for the check.
    pub round: u32,
    /// Wall-clock time.
    pub wall: f64,
    /// CPU time in user mode.
    pub user: f64,
    /// CPU time in the kernel.
    pub system: f64,
}

/// Two runs of one racer in one round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfPair {
    /// The round.
    pub round: u32,
    /// The racer's name.
    pub name: String,
    /// Wall-clock time of the first run.
    pub first: f64,
    /// Wall-clock time of the second run.
    pub second: f64,
}

/// A difference of less than 5 % counts as none.
pub const MARGIN: f64 = 1.05;

/// How many times as long as another racer one takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// The centre of the ratios of all rounds in which both ran.
    pub estimate: f64,
    /// The lower and upper end, see [`stats::Z`]. `None` if both ran in fewer than three
    /// rounds.
    pub interval: Option<(f64, f64)>,
}

/// How a racer compares with the fastest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// It takes at least 5 % longer: the whole interval of the ratio is above 1.05, or its
    /// bound is above the times of the fastest.
    Slower(Ratio),
    /// It takes less than 5 % more or less: the whole interval is inside 1/1.05 … 1.05.
    Equal(Ratio),
    /// Neither is known yet.
    Open(Ratio),
}

impl Run {
    pub(crate) fn new(round: u32, usage: &Usage) -> Self {
        Run {
            round,
            wall: usage.wall.as_secs_f64(),
            user: usage.user.as_secs_f64(),
            system: usage.system.as_secs_f64(),
        }
    }

    /// CPU time, user and system together.
    pub fn cpu(&self) -> f64 {
        self.user + self.system
    }
}

impl Entrant {
    /// The runs that count: the timed ones, or the check of a racer that has no others.
    pub fn counted(&self) -> &[Run] {
        match &self.runs[..] {
            [] => self.check.as_slice(),
            runs => runs,
        }
    }

    /// Whether it has times and did not fail.
    pub fn is_timed(&self) -> bool {
        self.failure.is_none() && !self.counted().is_empty()
    }

    /// Whether it was not started, because it could not end within the timeout.
    pub fn is_left_out(&self) -> bool {
        self.failure.is_none() && self.check.is_none()
    }

    /// The wall-clock times of the runs that count.
    pub fn times(&self) -> Vec<f64> {
        self.counted().iter().map(|run| run.wall).collect()
    }

    /// The median of the wall-clock times.
    ///
    /// # Panics
    ///
    /// If it has no times.
    pub fn median(&self) -> f64 {
        stats::median(&self.times())
    }

    /// The median of the CPU times.
    ///
    /// # Panics
    ///
    /// If it has no times.
    pub fn cpu(&self) -> f64 {
        let times: Vec<_> = self.counted().iter().map(Run::cpu).collect();
        stats::median(&times)
    }

    /// The median of the memory peaks, in bytes; `None` if none was measured.
    pub fn peak(&self) -> Option<u64> {
        let mut peaks = self.memory.clone();
        peaks.sort_unstable();
        peaks.get(peaks.len() / 2).copied()
    }
}

impl Results {
    /// The racers that have times and did not fail.
    pub fn timed(&self) -> impl Iterator<Item = &Entrant> {
        self.racers.iter().filter(|racer| racer.is_timed())
    }

    /// The racer of that name, if it has times.
    pub fn get(&self, name: &str) -> Option<&Entrant> {
        self.timed().find(|racer| racer.name == name)
    }

    /// The fastest of these.
    pub fn fastest<'a>(
        &self,
        among: impl IntoIterator<Item = &'a Entrant>,
    ) -> Option<&'a Entrant> {
        let mut among: Vec<_> = among.into_iter().collect();
        among.sort_by(|a, b| a.median().total_cmp(&b.median()));
        // Compare only rounds in which both ran. A racer may have a smaller median only
        // because it left the race before the machine became slow.
        among.into_iter().reduce(|fastest, racer| {
            match self.ratio(racer, fastest).estimate < 1.0 {
                true => racer,
                false => fastest,
            }
        })
    }

    /// How many times as long `slow` takes as `fast`.
    ///
    /// It is computed from each round in which both ran, because what slows a round down
    /// slows both. If there is no such round, it is the ratio of the medians, without an
    /// interval.
    pub fn ratio(&self, slow: &Entrant, fast: &Entrant) -> Ratio {
        let mut logs = Vec::new();
        let mut others = fast.runs.iter().peekable();
        // Both are sorted by round.
        for run in &slow.runs {
            while others.next_if(|other| other.round < run.round).is_some() {}
            if let Some(other) = others.next_if(|other| other.round == run.round) {
                logs.push((run.wall / other.wall).ln());
            }
        }
        if logs.is_empty() {
            return Ratio {
                estimate: slow.median() / fast.median(),
                interval: None,
            };
        }
        let centre = stats::centre(&logs);
        Ratio {
            estimate: centre.estimate.exp(),
            interval: centre.interval.map(|(low, high)| (low.exp(), high.exp())),
        }
    }

    /// How a racer compares with the fastest.
    pub fn standing(&self, racer: &Entrant, fastest: &Entrant) -> Standing {
        let ratio = self.ratio(racer, fastest);
        if is_slower_by_bound(racer, fastest) {
            return Standing::Slower(ratio);
        }
        match ratio.interval {
            Some((low, _)) if low > MARGIN => Standing::Slower(ratio),
            Some((low, high)) if low > 1.0 / MARGIN && high < MARGIN => {
                Standing::Equal(ratio)
            }
            _ => Standing::Open(ratio),
        }
    }

    /// How much a racer's runs differ: the standard deviation of the logarithm of the ratio
    /// of two runs in one round. 0.05 is about 5 %. `None` if fewer than two racers ran
    /// twice.
    pub fn noise(&self) -> Option<f64> {
        let pairs = self.self_pairs.iter();
        let logs: Vec<_> = pairs.map(|pair| (pair.second / pair.first).ln()).collect();
        stats::standard_deviation(&logs)
    }
}

/// Whether a racer's bound shows that it is slower: it has to wait longer than the fastest
/// ever took.
fn is_slower_by_bound(racer: &Entrant, fastest: &Entrant) -> bool {
    let longest = stats::max(&fastest.times());
    racer.bound.is_some_and(|bound| bound > MARGIN * longest)
}

#[cfg(test)]
mod tests;
