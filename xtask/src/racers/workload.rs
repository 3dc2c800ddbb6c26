//! What is raced: the workloads, the command lines, and the time that no program can beat.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::racers::pages::Pages;
use crate::racers::python::Python;
use crate::tasks::flags::{Compare, Saying};

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

/// A workload at one size.
#[derive(Clone)]
pub enum Work {
    FetchUrl {
        /// Where the pages are on the site, for instance `/delay/0.1?page=7`.
        paths: Vec<String>,
        /// How long the site waits before it answers.
        delay: Duration,
        workers: u32,
    },
    HeavyCalculation {
        numbers: Vec<u64>,
        /// As many as there are cores if not given.
        workers: Option<u32>,
    },
    SayAfter {
        sayings: Vec<Saying>,
        repeat: u32,
        /// For threads and processes; as many as there are sayings if not given.
        workers: Option<u32>,
    },
}

/// The file with the URLs, in the output folder.
pub const URLS: &str = "fetch-url.urls";

impl Work {
    /// The size that the command line asks for.
    pub fn sized(workload: Workload, flags: &Compare) -> Self {
        let sizes = &flags.sizes;
        match workload {
            Workload::FetchUrl if sizes.article => Work::FetchUrl {
                paths: ["/python", "/django", "/flask"].map(String::from).into(),
                delay: Duration::from_millis(300),
                workers: 5,
            },
            Workload::HeavyCalculation if sizes.article => Work::HeavyCalculation {
                numbers: vec![100_000, 150_000, 200_000],
                workers: None,
            },
            Workload::SayAfter if sizes.article => Work::SayAfter {
                sayings: vec![Saying::new(1, "hello"), Saying::new(2, "world")],
                repeat: 1,
                workers: None,
            },
            Workload::FetchUrl => {
                Work::fetch(sizes.urls, sizes.delay, sizes.workers.unwrap_or(20))
            }

            Workload::HeavyCalculation => Work::HeavyCalculation {
                numbers: match &sizes.numbers[..] {
                    [] => vec![flags.number(); 40],
                    numbers => numbers.to_vec(),
                },
                workers: sizes.workers,
            },
            Workload::SayAfter => Work::SayAfter {
                sayings: sizes.sayings.clone(),
                repeat: sizes.repeat,
                workers: None,
            },
        }
    }

    /// Distinct addresses, each of which answers after `delay`.
    fn fetch(urls: u32, delay: Duration, workers: u32) -> Self {
        let seconds = delay.as_secs_f64();
        Work::FetchUrl {
            paths: (1..=urls)
                .map(|page| format!("/delay/{seconds}?page={page}"))
                .collect(),
            delay,
            workers,
        }
    }

    /// The size for `cargo xtask scale`: so many URLs or sayings that all wait at once, or
    /// that many terms to sum up, in ten equal parts.
    pub fn scaled(workload: Workload, size: u64) -> Self {
        const DELAY: Duration = Duration::from_millis(500);
        let count = u32::try_from(size).unwrap_or(u32::MAX);
        match workload {
            Workload::FetchUrl => Work::fetch(count, DELAY, count),
            Workload::HeavyCalculation => Work::HeavyCalculation {
                numbers: vec![size / 10; 10],
                workers: None,
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
        match self {
            Work::FetchUrl {
                paths,
                delay,
                workers,
            } => {
                let count = paths.len();
                format!(
                    "{count} URLs, each answered after {delay:?}, {workers} at a time"
                )
            }
            Work::HeavyCalculation { numbers, .. } => match &numbers[..] {
                [first, rest @ ..] if rest.iter().all(|number| number == first) => {
                    format!("the number {first}, {} times", numbers.len())
                }
                _ => format!("the numbers {}", join(numbers)),
            },
            Work::SayAfter {
                sayings, repeat, ..
            } => {
                format!(
                    "{} sayings: {}, {repeat} times",
                    self.results(),
                    join(sayings)
                )
            }
        }
    }

    /// How many results every program has to print.
    pub fn results(&self) -> usize {
        match self {
            Work::FetchUrl { paths, .. } => paths.len(),
            Work::HeavyCalculation { numbers, .. } => numbers.len(),
            Work::SayAfter {
                sayings, repeat, ..
            } => sayings.len() * *repeat as usize,
        }
    }

    /// The command line, without the program. URLs come from a file, which [`URLS`] names.
    fn arguments(&self, page: &str) -> Vec<String> {
        let (workers, work) = match self {
            Work::FetchUrl { workers, .. } => {
                (Some(*workers), vec![format!("--from={URLS}")])
            }
            Work::HeavyCalculation { numbers, workers } => {
                (*workers, numbers.iter().map(u64::to_string).collect())
            }
            Work::SayAfter {
                sayings,
                repeat,
                workers,
            } => {
                let sayings = sayings.iter().map(Saying::to_string);
                let has_pool =
                    ["threads-say-after", "processes-say-after"].contains(&page);
                (
                    workers.filter(|_| has_pool),
                    [format!("--repeat={repeat}")]
                        .into_iter()
                        .chain(sayings)
                        .collect(),
                )
            }
        };
        let workers = workers.map(|workers| format!("--max-workers={workers}"));
        workers.into_iter().chain(work).collect()
    }

    /// The addresses to fetch, one a line, if that is the work.
    pub fn urls(&self, site: &str) -> String {
        match self {
            Work::FetchUrl { paths, .. } => {
                paths.iter().map(|path| format!("{site}{path}\n")).collect()
            }
            _ => String::new(),
        }
    }

    /// The time in seconds that no program can beat: waiting that cannot be shortened, or the
    /// least CPU time of the sequential program, spread over the cores.
    pub fn bound(&self, cores: usize, sequential_cpu: Option<f64>) -> Option<f64> {
        match self {
            Work::FetchUrl {
                paths,
                delay,
                workers,
            } => {
                let turns = paths.len().div_ceil(*workers as usize);
                Some(delay.as_secs_f64() * turns as f64)
            }
            Work::HeavyCalculation { workers, .. } => {
                let cores = workers.map_or(cores, |workers| cores.min(workers as usize));
                sequential_cpu.map(|cpu| cpu / cores as f64)
            }
            Work::SayAfter { sayings, .. } => {
                let longest = sayings.iter().map(|saying| saying.after).max();
                longest.as_ref().map(Duration::as_secs_f64)
            }
        }
    }
}

fn join(items: &[impl ToString]) -> String {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    items.join(" ")
}

/// One command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Racer {
    pub name: String,
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// Where it is run: the output folder, in which the URLs are.
    pub folder: PathBuf,
}

/// Every racer of a workload, the baseline first; with an interpreter, also those in Python.
pub fn racers(
    work: &Work,
    pages: &Pages,
    python: Option<&Python>,
    folder: &Path,
) -> Result<Vec<Racer>> {
    let suffix = format!("-{}", work.workload().name());
    let name = |page: &str| page.strip_suffix(&suffix).unwrap_or(page).to_string();
    let mut racers = Vec::new();
    for page in work.workload().pages() {
        racers.push(Racer {
            name: name(page),
            program: pages.program(page)?.to_path_buf(),
            arguments: work.arguments(page),
            folder: folder.to_path_buf(),
        });
    }
    for (page, python) in work
        .workload()
        .pages()
        .iter()
        .zip(python.into_iter().cycle())
    {
        let program = Python::program(page).to_string_lossy().into_owned();
        racers.push(Racer {
            name: format!("{PYTHON}{}", name(page)),
            program: python.interpreter.clone(),
            arguments: [program].into_iter().chain(work.arguments(page)).collect(),
            folder: folder.to_path_buf(),
        });
    }
    Ok(racers)
}

/// What the names of racers in Python begin with.
pub const PYTHON: &str = "python-";

impl Racer {
    /// The command as it is raced: it prints its results at the end, and nothing before.
    pub fn command(&self) -> Command {
        let mut command = self.talkative();
        command.arg("--quiet");
        command
    }

    /// The same, as a user runs it: with its progress, and with its sayings.
    pub fn talkative(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.folder);
        command
    }
}
