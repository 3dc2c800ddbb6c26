//! What a race found out: the matter of its tables, of the verdict and of the files.

use serde::{Deserialize, Serialize};

use crate::measure::race::{Failure, Memory, Timing, Twin};
use crate::racers::racer::Origin;
use crate::racers::workload::{Model, Workload};
use crate::stats::{self, Interval, LEVEL};

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
    /// What a job costs in a pool and on a queue, if both took part.
    pub per_job: Option<PerJob>,
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

/// For how long a worker is kept from other work by a job that does nothing, in seconds.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct PerJob {
    /// How many jobs were done to find out.
    pub jobs: u32,
    /// How many workers did them.
    pub workers: u32,
    pub processes: f64,
    pub machines: f64,
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

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A racer with known figures.
    #[derive(Clone)]
    pub struct Sample {
        name: String,
        times: Vec<f64>,
        rounds: Vec<u32>,
        bytes: Option<u64>,
        cpu: f64,
        ideal: Option<f64>,
    }

    impl Sample {
        /// One that ran in the first rounds.
        pub fn new(name: &str, times: &[f64]) -> Self {
            Sample {
                name: name.to_string(),
                times: times.to_vec(),
                rounds: (1..).take(times.len()).collect(),
                bytes: None,
                cpu: 0.5,
                ideal: None,
            }
        }

        pub fn memory(self, bytes: u64) -> Self {
            let bytes = Some(bytes);
            Sample { bytes, ..self }
        }

        pub fn cpu(self, cpu: f64) -> Self {
            Sample { cpu, ..self }
        }

        pub fn ideal(self, ideal: f64) -> Self {
            let ideal = Some(ideal);
            Sample { ideal, ..self }
        }

        fn rounds(self, rounds: &[u32]) -> Self {
            let rounds = rounds.to_vec();
            Sample { rounds, ..self }
        }

        fn entrant(&self) -> Entrant {
            let runs = self.times.len();
            Entrant {
                timing: Timing {
                    name: self.name.clone(),
                    rounds: self.rounds.clone(),
                    times: self.times.clone(),
                    user: vec![self.cpu; runs],
                    system: vec![0.0; runs],
                },
                origin: match self.name.strip_prefix("python-") {
                    Some(page) => Origin::Python(page.to_string()),
                    None => Origin::Page(self.name.clone()),
                },
                in_flight: if self.name == "sequential" { 1 } else { 4 },
                ideal: self.ideal,
                memory: self.bytes.map(|bytes| Memory {
                    peaks: vec![bytes],
                    samples: vec![10],
                }),
                command: format!("../release/{}", self.name),
            }
        }
    }

    /// What a race of eight items by these shows.
    pub fn results(workload: Workload, samples: &[Sample]) -> Results {
        Results {
            workload,
            title: "eight items".to_string(),
            items: 8,
            rounds: 6,
            share: 15.0,
            seed: Some(1),
            entrants: samples.iter().map(Sample::entrant).collect(),
            twins: Vec::new(),
            ideal: None,
            one_item: None,
            per_job: None,
            left_out: Vec::new(),
            failures: Vec::new(),
            site: None,
        }
    }

    fn ratio(results: &Results) -> Ratio {
        results.ratio(&results.entrants[0], &results.entrants[1])
    }

    #[test]
    fn what_slows_a_round_down_slows_both() {
        let load = [1.0, 2.0, 4.0, 1.0, 3.0, 1.0];
        let mut results = results(
            Workload::FetchUrl,
            &[
                Sample::new("threads", &load.map(|load| load * 1.1)),
                Sample::new("async", &load),
            ],
        );
        let paired = ratio(&results);
        assert!((paired.interval.low - 1.1).abs() < 1e-9, "{paired:?}");
        assert!(paired.is_slower());
        // Runs that were not in the same rounds show no such thing.
        results.seed = None;
        let unpaired = ratio(&results);
        assert!((unpaired.median - 1.1).abs() < 1e-9);
        assert!(
            unpaired.interval.low < 1.0 && !unpaired.is_slower(),
            "{unpaired:?}"
        );
    }

    #[test]
    fn rounds_are_paired_by_their_number() {
        let results = results(
            Workload::FetchUrl,
            &[
                Sample::new("processes", &[3.0, 6.0]).rounds(&[2, 4]),
                Sample::new("async", &[9.0, 1.0, 9.0, 2.0]),
            ],
        );
        let Ratio { median, interval } = ratio(&results);
        assert_eq!((median, interval.low, interval.high), (3.0, 3.0, 3.0));
        assert_eq!(interval.confidence, 0.5);
    }

    #[test]
    fn a_whole_interval_of_enough_confidence_is_slower() {
        let of = |low, confidence| {
            let interval = Interval {
                low,
                high: 2.0,
                confidence,
            };
            Ratio {
                median: 1.5,
                interval,
            }
            .is_slower()
        };
        assert!(of(1.06, 0.95));
        assert!(!of(1.05, 0.95));
        assert!(!of(1.06, 0.94));
    }

    #[test]
    fn figures_are_per_item_and_over_the_sequential_program() {
        let mut results = results(
            Workload::FetchUrl,
            &[
                Sample::new("sequential", &[4.0]).memory(1_000).cpu(0.2),
                Sample::new("threads", &[2.0]).memory(5_000).cpu(1.0),
                Sample::new("async", &[1.0]).memory(3_000).cpu(0.1),
            ],
        );
        let [sequential, threads, task] = &results.entrants[..] else {
            unreachable!()
        };
        assert!(results.has_times());
        assert_eq!(results.throughput(threads), 4.0);
        assert_eq!(results.speed_up(threads).unwrap().median, 2.0);
        // Four at a time, eight in all.
        assert_eq!(results.memory_per_item(threads), Some(1_000.0));
        assert_eq!(results.cpu_per_item(threads), Some(0.1));
        assert_eq!(results.cpu_per_item(task), Some(-0.0125));
        assert_eq!(results.memory_per_item(sequential), None);
        assert_eq!(results.cpu_per_item(sequential), None);

        results.entrants.remove(0);
        assert_eq!(results.memory_per_item(&results.entrants[0]), None);
        results.one_item = Some(Base {
            memory: Some(3_000),
            cpu: 0.6,
        });
        assert_eq!(results.memory_per_item(&results.entrants[0]), Some(500.0));
        assert_eq!(results.cpu_per_item(&results.entrants[0]), Some(0.05));
    }

    #[test]
    fn the_instrument_is_checked_by_the_later_run_of_each_pair() {
        let mut results = results(Workload::FetchUrl, &[]);
        assert!(!results.has_times());
        assert_eq!(results.instrument(), None);
        results.twins = (1..=6)
            .map(|round| Twin {
                round,
                name: "threads".to_string(),
                first: 2.0,
                second: 3.0,
            })
            .collect();
        let ratio = results.instrument().unwrap();
        assert_eq!((ratio.median, ratio.interval.low), (1.5, 1.5));
    }
}
