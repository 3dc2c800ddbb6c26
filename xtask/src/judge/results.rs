//! What a comparison found out: the matter of its tables, its verdict and its files.

use serde::{Deserialize, Serialize};

use crate::judge::verdict::Row;
use crate::measure::machine::Machine;
use crate::measure::race::{Failure, Memory, Timing, Twin};
use crate::racers::racer::Origin;
use crate::racers::workload::{Model, Workload};
use crate::stats::{self, Interval, LEVEL};

/// The file that holds a comparison, in the output folder.
pub const FILE: &str = "compare.json";

#[derive(Serialize, Deserialize)]
pub struct Comparison {
    pub machine: Machine,
    pub races: Vec<Results>,
    /// What follows from them.
    pub verdict: Vec<Row>,
}

/// What a race of one workload showed. All times are in seconds, all memory in bytes.
#[derive(Clone, Serialize, Deserialize)]
pub struct Results {
    pub workload: Workload,
    /// What was raced, in words.
    pub title: String,
    /// How many items there were to do.
    pub items: u64,
    /// How many rounds were asked for.
    pub rounds: u32,
    /// How long the runs of one racer were to take in all.
    pub share: f64,
    /// What the order within the rounds was drawn from; `None` where there were no rounds,
    /// but a block of runs for each racer, none of which makes a pair with another's.
    pub seed: Option<u64>,
    pub entrants: Vec<Entrant>,
    /// In each round one of them ran twice: what it seems to differ from itself.
    pub twins: Vec<Twin>,
    /// The time that no program can beat.
    pub ideal: Option<f64>,
    /// What the sequential program takes of memory and CPU time where it has one item to do,
    /// if it was too slow to take part.
    pub one_item: Option<Base>,
    /// Who was not started, because the least time it could take is more than its share.
    pub left_out: Vec<LeftOut>,
    /// Who was not timed, and why.
    pub failures: Vec<Failure>,
    /// How much of the time in which the rounds ran the demo site kept a core busy.
    pub site: Option<f64>,
}

/// A racer that was timed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Entrant {
    #[serde(flatten)]
    pub timing: Timing,
    pub origin: Origin,
    /// How many items it had under way at one time.
    pub in_flight: u64,
    /// The time that no program can beat which has no more items under way than it.
    pub ideal: Option<f64>,
    /// `None` if it was never seen to hold any.
    pub memory: Option<Memory>,
    /// Run in the output folder.
    pub command: String,
}

/// What a program holds and takes before it does anything at the same time as anything else.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Base {
    pub memory: Option<u64>,
    pub cpu: f64,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct LeftOut {
    pub name: String,
    /// The least time it would have taken, in seconds.
    pub ideal: f64,
}

impl Entrant {
    pub fn name(&self) -> &str {
        &self.timing.name
    }

    /// The model of the page that it is, or whose twin.
    pub fn model(&self) -> Option<Model> {
        self.origin.page().map(Model::of)
    }

    /// The median of its times.
    pub fn median(&self) -> f64 {
        stats::median(&self.timing.times)
    }

    /// Where the median lies of what its times are drawn from.
    pub fn interval(&self) -> Interval {
        stats::median_interval(&self.timing.times, LEVEL)
    }

    /// CPU time of a run: the median.
    pub fn cpu(&self) -> f64 {
        stats::median(&self.timing.cpu())
    }

    /// The median of the peaks of its memory, in bytes.
    pub fn bytes(&self) -> Option<u64> {
        self.memory.as_ref().map(Memory::peak)
    }
}

impl Results {
    /// Whether anything was measured.
    pub fn has_times(&self) -> bool {
        !self.entrants.is_empty()
    }

    /// The entrant that is this page.
    pub fn page(&self, page: &str) -> Option<&Entrant> {
        let is_page =
            |origin: &Origin| matches!(origin, Origin::Page(name) if name == page);
        self.entrants
            .iter()
            .find(|entrant| is_page(&entrant.origin))
    }

    /// How many times as long `long` took as `short`.
    pub fn ratio(&self, long: &Entrant, short: &Entrant) -> Ratio {
        let pairs = long.timing.pairs(&short.timing);
        if self.seed.is_some() && !pairs.is_empty() {
            let ratios: Vec<_> = pairs.iter().map(|(long, short)| long / short).collect();
            Ratio {
                median: stats::median(&ratios),
                interval: stats::median_interval(&ratios, LEVEL),
            }
        } else {
            Ratio {
                median: long.median() / short.median(),
                interval: stats::unpaired_ratio(&long.timing.times, &short.timing.times),
            }
        }
    }

    /// How many times as long the sequential program took as this one.
    pub fn speed_up(&self, entrant: &Entrant) -> Option<Ratio> {
        Some(self.ratio(self.page("sequential")?, entrant))
    }

    /// Items a second.
    pub fn throughput(&self, entrant: &Entrant) -> f64 {
        self.items as f64 / entrant.median()
    }

    /// What the sequential program holds and takes: of the same work where it took part, of a
    /// single item where that would have been too slow.
    pub fn base(&self) -> Option<Base> {
        let sequential = self.page("sequential").map(|entrant| Base {
            memory: entrant.bytes(),
            cpu: entrant.cpu(),
        });
        sequential.or(self.one_item)
    }

    /// Bytes for each item under way, over what the sequential program holds.
    pub fn memory_per_item(&self, entrant: &Entrant) -> Option<f64> {
        let over = entrant.bytes()? as f64 - self.base()?.memory? as f64;
        (entrant.in_flight > 1).then(|| over / entrant.in_flight as f64)
    }

    /// Seconds of CPU time for each item, over what the sequential program takes; below zero
    /// where it is the one that takes more.
    pub fn cpu_per_item(&self, entrant: &Entrant) -> Option<f64> {
        let over = entrant.cpu() - self.base()?.cpu;
        (entrant.in_flight > 1).then(|| over / self.items as f64)
    }

    /// What racers seem to differ from themselves: the later run of a pair by the earlier.
    pub fn instrument(&self) -> Option<Ratio> {
        let ratios = self.twins.iter().map(|twin| twin.second / twin.first);
        let ratios: Vec<_> = ratios.collect();
        (!ratios.is_empty()).then(|| Ratio {
            median: stats::median(&ratios),
            interval: stats::median_interval(&ratios, LEVEL),
        })
    }
}

/// How many times as long one racer took as another.
///
/// Where both ran in the same rounds this is the median of the rounds' ratios: what slows a
/// round down slows both. Else it is the ratio of the medians.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    pub median: f64,
    pub interval: Interval,
}

/// A difference below this is none that matters.
pub const CLEAR: f64 = 1.05;

impl Ratio {
    /// Whether the one is slower for certain, and by enough to matter: the whole interval, of
    /// at least 95 % confidence, says so.
    pub fn is_slower(&self) -> bool {
        self.interval.confidence >= LEVEL && self.interval.low > CLEAR
    }
}
