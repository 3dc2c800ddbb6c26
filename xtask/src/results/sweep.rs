//! What a sweep over sizes found out: a curve for each model, and where curves cross.

use std::collections::BTreeSet;

use race::RunError;
use serde::{Deserialize, Serialize};

use crate::format;
use crate::racers::work::Workload;
use crate::results::provenance::Provenance;

/// The file that holds a sweep of all workloads, in the output folder.
pub const FILE: &str = "scale.json";

#[derive(Clone, Serialize, Deserialize)]
pub struct Scaling {
    pub provenance: Provenance,
    pub sweeps: Vec<Sweep>,
}

impl Scaling {
    /// Whether anything was measured.
    pub fn has_points(&self) -> bool {
        let mut curves = self.sweeps.iter().flat_map(|sweep| &sweep.curves);
        curves.any(|curve| !curve.points.is_empty())
    }
}

/// One workload at growing sizes.
#[derive(Clone, Serialize, Deserialize)]
pub struct Sweep {
    pub workload: Workload,
    pub curves: Vec<Curve>,
}

/// How one model does as the work grows.
#[derive(Clone, Serialize, Deserialize)]
pub struct Curve {
    pub name: String,
    pub points: Vec<Point>,
    pub limit: Option<Limit>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Point {
    pub size: u64,
    /// Seconds from start to end.
    pub wall: f64,
    /// Seconds of CPU time.
    pub cpu: f64,
    /// The most bytes that it held at the same time, if that was seen.
    pub memory: Option<f64>,
}

/// What is looked at as the work grows.
pub struct Cost {
    pub name: String,
    pub of: fn(&Point) -> Option<f64>,
    pub format: fn(f64) -> String,
}

/// The first size that a model does not manage.
#[derive(Clone, Serialize, Deserialize)]
pub struct Limit {
    pub size: u64,
    pub what: Lack,
    /// The message of what stopped it, or the first line that it printed itself.
    pub message: String,
}

/// What a model had too little of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lack {
    Time,
    Memory,
    /// Something else, such as descriptors: its message says what.
    Other,
}

impl Lack {
    pub fn name(self) -> &'static str {
        match self {
            Lack::Time => "time",
            Lack::Memory => "memory",
            Lack::Other => "failed",
        }
    }
}

impl Limit {
    pub fn new(size: u64, error: &RunError) -> Self {
        let message = error.to_string();
        Limit {
            size,
            what: match error {
                RunError::TimedOut(_) => Lack::Time,
                RunError::TooMuchMemory(_) => Lack::Memory,
                _ => Lack::Other,
            },
            message: message.lines().next().unwrap_or_default().to_string(),
        }
    }
}

impl Sweep {
    pub fn curve(&self, name: &str) -> Option<&Curve> {
        self.curves.iter().find(|curve| curve.name == name)
    }

    /// All sizes that any model was asked for.
    pub fn sizes(&self) -> BTreeSet<u64> {
        let sizes = self.curves.iter().flat_map(|curve| {
            let sizes = curve.points.iter().map(|point| point.size);
            sizes.chain(curve.limit.as_ref().map(|limit| limit.size))
        });
        sizes.collect()
    }

    /// What a run costs, or each of its units.
    pub fn costs(&self) -> [Cost; 3] {
        let growth = self.workload.growth();
        let unit = growth.unit;
        let (memory, of): (_, fn(&Point) -> Option<f64>) = if growth.waits {
            let per_unit = |point: &Point| Some(point.memory? / point.size as f64);
            (format!("Memory per {unit}"), per_unit)
        } else {
            ("Memory".to_string(), |point| point.memory)
        };
        [
            Cost {
                name: "Time".to_string(),
                of: |point| Some(point.wall),
                format: format::seconds,
            },
            Cost {
                name: format!("CPU time per {unit}"),
                of: |point| Some(point.cpu / point.size as f64),
                format: format::seconds,
            },
            Cost {
                name: memory,
                of,
                format: format::bytes,
            },
        ]
    }

    /// A sentence for each model that reached its limit: how far it came.
    fn limits(&self) -> Vec<String> {
        let limits = self.curves.iter().filter_map(|curve| {
            let Limit { size, message, .. } = curve.limit.as_ref()?;
            let size = format::count(*size);
            Some(format!("{}: at {size}, it {message}", curve.name))
        });
        limits.collect()
    }

    /// A sentence about the models that wait for all items at the same time: how much memory
    /// one more item takes.
    fn memory_per_item(&self) -> Option<String> {
        if !self.workload.growth().waits {
            return None;
        }
        let mut held = Vec::new();
        for curve in &self.curves {
            let one = curve.points.first().map_or(0.0, |point| point.wall);
            // If all items took twice as long as one, the first had ended before the last
            // began.
            let together = curve.points.iter().filter(|point| point.wall < 2.0 * one);
            let known: Vec<_> = together
                .filter_map(|point| Some((point.size, point.memory?)))
                .collect();
            // From the two largest sizes: at smaller ones the program itself takes more than
            // its items.
            if let [.., (size, memory), (more, more_memory)] = known[..]
                && curve.name != "sequential"
            {
                let bytes = (more_memory - memory) / (more - size) as f64;
                held.push(format!(
                    "{} in {}",
                    format::bytes(bytes.max(0.0)),
                    curve.name
                ));
            }
        }
        let held: Vec<_> = held.iter().map(String::as_str).collect();
        let item = self.workload.item();
        (!held.is_empty()).then(|| {
            format!(
                "One more {item} at the same time takes {}.",
                format::list(&held)
            )
        })
    }

    /// All sentences about it.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences: Vec<_> = self.memory_per_item().into_iter().collect();
        sentences.extend(self.limits());
        sentences.extend(self.crossovers());
        sentences
    }

    /// From which size on one model is better than another, in sentences.
    fn crossovers(&self) -> Vec<String> {
        let mut crossovers = Vec::new();
        if let Some(sequential) = self.curve("sequential") {
            for curve in self
                .curves
                .iter()
                .filter(|curve| curve.name != "sequential")
            {
                let ratios = ratios(sequential, curve, |point| Some(point.wall));
                let from = from_which_size(&ratios, 1.05);
                crossovers.extend(from.map(|from| {
                    format!("{}: faster than sequential {}", curve.name, from.describe())
                }));
            }
        }
        let task = self.curve("async").or(self.curve("async-gather-tasks"));
        if let (Some(threads), Some(task)) = (self.curve("threads"), task)
            && self.workload.growth().waits
        {
            let ratios = ratios(threads, task, |point| point.memory);
            let from = from_which_size(&ratios, 2.0);
            crossovers.extend(from.map(|from| {
                format!(
                    "threads: twice the memory of {} {}",
                    task.name,
                    from.describe()
                )
            }));
        }
        crossovers
    }
}

/// At each size that both managed: the size, and how many times as much `a` needs as `b`.
fn ratios(a: &Curve, b: &Curve, cost: fn(&Point) -> Option<f64>) -> Vec<(u64, f64)> {
    let pairs = a.points.iter().zip(&b.points);
    pairs
        .filter_map(|(a, b)| Some((a.size, cost(a)? / cost(b)?)))
        .collect()
}

#[derive(Debug, PartialEq)]
enum From {
    AllSizes,
    /// Estimated between two sizes that were measured.
    About(f64),
    /// Not up to this size.
    NotUpTo(u64),
}

impl From {
    fn describe(&self) -> String {
        match self {
            From::AllSizes => "at every size".to_string(),
            From::About(size) => {
                format!("from about {} on", format::count(rounded(*size)))
            }
            From::NotUpTo(size) => format!("at no size up to {}", format::count(*size)),
        }
    }
}

/// Two digits are enough for an estimate. It is a whole number: there is no half URL.
fn rounded(size: f64) -> u64 {
    let magnitude = 10_f64.powf((size.log10().floor() - 1.0).max(0.0));
    ((size / magnitude).ceil() * magnitude) as u64
}

/// From which size on all ratios reach the threshold; `None` if there are none. Between two
/// measured sizes it interpolates linearly on logarithmic scales.
fn from_which_size(ratios: &[(u64, f64)], threshold: f64) -> Option<From> {
    if ratios.is_empty() {
        return None;
    }
    let below = ratios.iter().rposition(|(_, ratio)| *ratio < threshold);
    let Some(below) = below else {
        return Some(From::AllSizes);
    };
    let (size, ratio) = ratios[below];
    let Some((next_size, next_ratio)) = ratios.get(below + 1) else {
        return Some(From::NotUpTo(size));
    };
    let way = (threshold / ratio).ln() / (next_ratio / ratio).ln();
    let size = size as f64 * (*next_size as f64 / size as f64).powf(way);
    Some(From::About(size))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn crossovers_are_found_between_sizes() {
        let at = |ratios: &[f64]| {
            let sizes = (0..).map(|power| 10_u64.pow(power));
            let ratios: Vec<_> = sizes.zip(ratios.iter().copied()).collect();
            from_which_size(&ratios, 1.0)
        };
        assert_eq!(at(&[]), None);
        assert_eq!(at(&[1.0, 2.0, 3.0]), Some(From::AllSizes));
        assert_eq!(at(&[0.1, 0.5, 0.9]), Some(From::NotUpTo(100)));
        // A later ratio below the threshold counts.
        assert_eq!(at(&[2.0, 3.0, 0.5]), Some(From::NotUpTo(100)));
        let Some(From::About(size)) = at(&[0.01, 0.1, 10.0, 11.0]) else {
            panic!("no crossover")
        };
        assert!((size - 10_f64.powf(1.5)).abs() < 1e-9, "{size}");
        assert_eq!([1.2, 31.6, 6_886_846.0].map(rounded), [2, 32, 6_900_000]);
    }

    #[test]
    fn one_more_item_takes_what_the_two_largest_sizes_differ_by() {
        let point = |size, memory| Point {
            size,
            wall: if size < 100_000 { 0.5 } else { 1.0 },
            cpu: 0.1,
            memory,
        };
        let curve = |name: &str, points: &[Point]| Curve {
            name: name.to_string(),
            points: points.to_vec(),
            limit: None,
        };
        let grows = [
            point(1, Some(2e6)),
            point(1_000, Some(3e6)),
            point(11_000, Some(10e6)),
            point(100_000, Some(11e6)), // They did not all wait at the same time.
        ];
        let mut sweep = Sweep {
            workload: Workload::SayAfter,
            curves: vec![
                curve("sequential", &grows),
                curve("threads", &[point(1, Some(2e6)), point(101, Some(4.5e6))]),
                curve("async-gather", &grows),
                curve("machines", &grows[..1]),
            ],
        };
        assert_eq!(
            sweep.sentences()[0],
            "One more saying at the same time takes 25.0 kB in threads and 700 B in async-gather."
        );
        sweep.workload = Workload::HeavyCalculation;
        assert_eq!(sweep.memory_per_item(), None);
    }

    #[test]
    fn limits_are_named() {
        let limit = |error: RunError| Limit::new(10, &error);
        let timed_out = limit(RunError::TimedOut(Duration::from_secs(10)));
        assert_eq!(timed_out.what, Lack::Time);
        assert_eq!(timed_out.message, "did not end within 10s and was killed");
        assert_eq!(limit(RunError::TooMuchMemory(7)).what, Lack::Memory);
        let other = limit(RunError::WrongAnswer("gives 1 result\nof 2".to_string()));
        assert_eq!(
            (other.what, &other.message[..]),
            (Lack::Other, "gives 1 result")
        );
    }
}
