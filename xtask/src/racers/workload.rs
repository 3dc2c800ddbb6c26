//! What is raced: the workloads, their sizes, and the time that no program can beat.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::format;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// Waiting for a site (I/O)
    FetchUrl,
    /// Exact sums of squares (CPU)
    HeavyCalculation,
    /// Waiting for timers
    SayAfter,
}

impl Workload {
    pub fn name(self) -> &'static str {
        match self {
            Workload::FetchUrl => "fetch-url",
            Workload::HeavyCalculation => "heavy-calculation",
            Workload::SayAfter => "say-after",
        }
    }

    /// What one item of it is called.
    pub fn item(self) -> &'static str {
        match self {
            Workload::FetchUrl => "URL",
            Workload::HeavyCalculation => "number",
            Workload::SayAfter => "saying",
        }
    }

    /// Whether its items wait at the same time, so that each needs memory of its own.
    pub fn waits(self) -> bool {
        self != Workload::HeavyCalculation
    }

    /// The pages that run it; the baseline first.
    pub fn pages(self) -> &'static [&'static str] {
        match self {
            Workload::FetchUrl => &[
                "sequential-fetch-url",
                "threads-fetch-url",
                "processes-fetch-url",
                "async-fetch-url",
            ],
            Workload::HeavyCalculation => &[
                "sequential-heavy-calculation",
                "threads-heavy-calculation",
                "processes-heavy-calculation",
                "async-heavy-calculation",
            ],
            Workload::SayAfter => &[
                "sequential-say-after",
                "threads-say-after",
                "processes-say-after",
                "async-gather",
                "async-gather-tasks",
                "async-task-group",
            ],
        }
    }
}

/// The models, from the simplest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    Sequential,
    Threads,
    Async,
    Processes,
}

impl Model {
    /// The model of a page, whose name begins with it.
    pub fn of(page: &str) -> Self {
        match page.split('-').next() {
            Some("sequential") => Model::Sequential,
            Some("threads") => Model::Threads,
            Some("processes") => Model::Processes,
            _ => Model::Async,
        }
    }
}

/// What is said, and after how long.
#[derive(Clone, Debug)]
pub struct Saying {
    pub after: Duration,
    pub what: String,
}

impl Display for Saying {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.after.as_secs_f64(), self.what)
    }
}

impl FromStr for Saying {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (after, what) = text.split_once(':').ok_or("expected SECONDS:WHAT")?;
        Ok(Saying {
            after: positive_seconds(after)?,
            what: what.to_string(),
        })
    }
}

/// A time that may be zero, up to the day that the pages accept.
pub fn seconds(text: &str) -> Result<Duration, String> {
    const DAY: Duration = Duration::from_secs(86_400);
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| *duration <= DAY)
        .ok_or_else(|| "expected seconds, from 0 to 86400".to_string())
}

/// As [`seconds`], but not zero.
pub fn positive_seconds(text: &str) -> Result<Duration, String> {
    match seconds(text)? {
        Duration::ZERO => Err("expected more than 0 seconds".to_string()),
        duration => Ok(duration),
    }
}

/// A workload at one size.
#[derive(Clone, Debug)]
pub enum Work {
    FetchUrl {
        pages: Vec<Page>,
        /// How long the site waits before it answers.
        delay: Duration,
        workers: u32,
    },
    HeavyCalculation {
        numbers: Vec<u64>,
        workers: u32,
    },
    SayAfter {
        sayings: Vec<Saying>,
        repeat: u32,
        /// For threads and processes; as many as the page takes by itself if not given.
        workers: Option<u32>,
    },
}

/// A page on the demo site.
#[derive(Clone, Debug)]
pub struct Page {
    /// For instance `/delay/0.1?page=7`.
    pub path: String,
    /// How many bytes the site answers with.
    pub length: usize,
}

impl Work {
    /// The three demo pages, which stand for the article's addresses.
    pub fn demo_pages(delay: Duration, workers: u32) -> Self {
        let pages = [("/python", 51_042), ("/django", 20_313), ("/flask", 17_806)];
        Work::FetchUrl {
            pages: pages
                .map(|(path, length)| Page {
                    path: path.to_string(),
                    length,
                })
                .into(),
            delay,
            workers,
        }
    }

    /// Distinct addresses, each of which answers after `delay`.
    pub fn fetch(urls: u32, delay: Duration, workers: u32) -> Self {
        let seconds = delay.as_secs_f64();
        let page = |page| Page {
            path: format!("/delay/{seconds}?page={page}"),
            length: format!("waited {seconds} s\n").len(),
        };
        Work::FetchUrl {
            pages: (1..=urls).map(page).collect(),
            delay,
            workers,
        }
    }

    /// The size for `cargo xtask scale`: so many URLs or sayings that all wait at once, or
    /// that many terms to sum up, in ten equal parts.
    pub fn scaled(workload: Workload, size: u64, cores: u32) -> Self {
        const DELAY: Duration = Duration::from_millis(500);
        let count = u32::try_from(size).unwrap_or(u32::MAX);
        match workload {
            Workload::FetchUrl => Work::fetch(count, DELAY, count),
            Workload::HeavyCalculation => Work::HeavyCalculation {
                numbers: vec![size / 10; 10],
                workers: cores,
            },
            Workload::SayAfter => Work::SayAfter {
                sayings: vec![Saying {
                    after: DELAY,
                    what: "hello".to_string(),
                }],
                repeat: count,
                workers: Some(count),
            },
        }
    }

    /// What [`scaled`](Self::scaled) work is, in words, and what is counted.
    pub fn about_scaled(workload: Workload) -> (&'static str, &'static str) {
        match workload {
            Workload::FetchUrl => {
                ("URLs, all at once, each answered after 500 ms", "URL")
            }
            Workload::HeavyCalculation => ("terms to sum up, in ten equal parts", "term"),
            Workload::SayAfter => ("sayings, all at once, each after 500 ms", "saying"),
        }
    }

    pub fn workload(&self) -> Workload {
        match self {
            Work::FetchUrl { .. } => Workload::FetchUrl,
            Work::HeavyCalculation { .. } => Workload::HeavyCalculation,
            Work::SayAfter { .. } => Workload::SayAfter,
        }
    }

    /// What is done, in words.
    pub fn title(&self) -> String {
        let items = format::counted(self.items(), self.workload().item());
        match self {
            Work::FetchUrl { delay, workers, .. } => {
                let delay = format::duration(*delay);
                format!("{items}, each answered after {delay}, {workers} at a time")
            }
            Work::HeavyCalculation { numbers, .. } => match &numbers[..] {
                [number] => format!("the number {number}"),
                [first, rest @ ..] if rest.iter().all(|number| number == first) => {
                    let times = format::times(numbers.len() as u64);
                    format!("the number {first}, {times}")
                }
                _ => format!("the numbers {}", join(numbers)),
            },
            Work::SayAfter {
                sayings, repeat, ..
            } => {
                let times = match repeat {
                    1 => String::new(),
                    repeat => format!(", {}", format::times(u64::from(*repeat))),
                };
                format!("{items}: {}{times}", join(sayings))
            }
        }
    }

    /// How many items there are, each of which has a result.
    pub fn items(&self) -> u64 {
        match self {
            Work::FetchUrl { pages, .. } => pages.len() as u64,
            Work::HeavyCalculation { numbers, .. } => numbers.len() as u64,
            Work::SayAfter {
                sayings, repeat, ..
            } => sayings.len() as u64 * u64::from(*repeat),
        }
    }

    /// How many workers the page of a model is told to have; `None` where it has no pool.
    pub fn workers(&self, model: Model) -> Option<u64> {
        match self {
            Work::FetchUrl { workers, .. } | Work::HeavyCalculation { workers, .. } => {
                Some(u64::from(*workers))
            }
            Work::SayAfter { workers, .. } => {
                // As many as the pages take by themselves.
                let most = match model {
                    Model::Threads => 10_000,
                    Model::Processes => 200,
                    Model::Sequential | Model::Async => return None,
                };
                Some(workers.map_or(self.items().min(most), u64::from))
            }
        }
    }

    /// How many items a model has under way at one time.
    pub fn in_flight(&self, model: Model) -> u64 {
        let workers = match model {
            Model::Sequential => Some(1),
            _ => self.workers(model),
        };
        workers.map_or(self.items(), |workers| workers.min(self.items()))
    }

    /// The command line, without the program. URLs come from the file `urls`.
    pub fn arguments(&self, model: Model, urls: &str) -> Vec<String> {
        let workers = self.workers(model);
        let workers = workers.map(|workers| format!("--max-workers={workers}"));
        let work = match self {
            Work::FetchUrl { .. } => vec![format!("--from={urls}")],
            Work::HeavyCalculation { numbers, .. } => {
                numbers.iter().map(u64::to_string).collect()
            }
            Work::SayAfter {
                sayings, repeat, ..
            } => {
                let sayings = sayings.iter().map(Saying::to_string);
                [format!("--repeat={repeat}")]
                    .into_iter()
                    .chain(sayings)
                    .collect()
            }
        };
        workers.into_iter().chain(work).collect()
    }

    /// How many terms there are to sum up, if that is the work.
    pub fn terms(&self) -> f64 {
        match self {
            Work::HeavyCalculation { numbers, .. } => {
                numbers.iter().map(|number| *number as f64).sum()
            }
            _ => 0.0,
        }
    }

    /// The addresses to fetch, one a line, if that is the work.
    pub fn urls(&self, site: &str) -> String {
        match self {
            Work::FetchUrl { pages, .. } => pages
                .iter()
                .map(|page| format!("{site}{}\n", page.path))
                .collect(),
            _ => String::new(),
        }
    }

    /// The time in seconds that no program can beat which has so many items under way at one
    /// time: waiting that cannot be shortened, or the CPU time of the sequential program
    /// spread over the cores, and never less than the largest item takes alone.
    pub fn ideal(
        &self,
        in_flight: u64,
        cores: usize,
        sequential_cpu: Option<f64>,
    ) -> Option<f64> {
        match self {
            Work::FetchUrl { delay, .. } => {
                Some(delay.as_secs_f64() * self.items().div_ceil(in_flight) as f64)
            }
            Work::HeavyCalculation { numbers, .. } => {
                let largest = numbers.iter().copied().max().unwrap_or(0) as f64;
                let share = largest / self.terms();
                let spread = 1.0 / in_flight.min(cores as u64) as f64;
                sequential_cpu.map(|cpu| cpu * share.max(spread))
            }
            Work::SayAfter {
                sayings, repeat, ..
            } => {
                let delays = sayings.iter().map(|saying| saying.after.as_secs_f64());
                let sum = delays.clone().sum::<f64>() * f64::from(*repeat);
                Some(delays.fold(sum / in_flight as f64, f64::max))
            }
        }
    }
}

fn join(items: &[impl ToString]) -> String {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    items.join(" ")
}
