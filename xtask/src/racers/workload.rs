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
            Workload::FetchUrl => &page_list::FETCH_URL,
            Workload::HeavyCalculation => &page_list::HEAVY_CALCULATION,
            Workload::SayAfter => &page_list::SAY_AFTER,
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
    Machines,
}

impl Model {
    /// The model of a page, whose name begins with it.
    pub fn of(page: &str) -> Self {
        match page.split('-').next() {
            Some("sequential") => Model::Sequential,
            Some("threads") => Model::Threads,
            Some("processes") => Model::Processes,
            Some("machines") => Model::Machines,
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
        let (after, what) = page_list::parse_saying(text)?;
        Ok(Saying {
            after,
            what: what.to_string(),
        })
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
        /// Of those with a pool or a queue; as many as the page takes by itself if not given.
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
        Work::FetchUrl {
            pages: page_list::DEMO_PAGES
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
                    Model::Processes | Model::Machines => 200,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn heavy(numbers: &[u64]) -> Work {
        Work::HeavyCalculation {
            numbers: numbers.to_vec(),
            workers: 4,
        }
    }

    fn say(sayings: &[&str], repeat: u32, workers: Option<u32>) -> Work {
        Work::SayAfter {
            sayings: sayings
                .iter()
                .map(|saying| saying.parse().unwrap())
                .collect(),
            repeat,
            workers,
        }
    }

    #[test]
    fn waiting_takes_as_many_turns_as_there_are_places_for() {
        let work = Work::fetch(10, Duration::from_millis(500), 4);
        let ideal = |in_flight| work.ideal(in_flight, 2, None);
        assert_eq!([1, 3, 4, 10].map(ideal), [5.0, 2.0, 1.5, 0.5].map(Some));
    }

    #[test]
    fn calculating_is_spread_over_the_cores_but_the_largest_number_is_not() {
        let even = heavy(&[10, 10, 10, 10]);
        let ideal = |in_flight, cores| even.ideal(in_flight, cores, Some(8.0));
        assert_eq!(ideal(1, 2), Some(8.0));
        assert_eq!(ideal(4, 2), Some(4.0));
        assert_eq!(ideal(2, 4), Some(4.0));
        assert_eq!(even.ideal(4, 2, None), None);
        // Three quarters of the work cannot be divided.
        assert_eq!(heavy(&[30, 10]).ideal(4, 4, Some(8.0)), Some(6.0));
    }

    #[test]
    fn a_saying_takes_its_time_and_all_of_them_theirs_in_turn() {
        let work = say(&["0.5:a", "1:b"], 4, None);
        let ideal = |in_flight| work.ideal(in_flight, 2, None);
        assert_eq!([1, 2, 4, 8].map(ideal), [6.0, 3.0, 1.5, 1.0].map(Some));
    }

    #[test]
    fn models_have_as_many_items_under_way_as_their_pages_do() {
        let models = [
            Model::Sequential,
            Model::Threads,
            Model::Processes,
            Model::Async,
            Model::Machines,
        ];
        let fetch = Work::fetch(10, Duration::ZERO, 4);
        assert_eq!(models.map(|model| fetch.in_flight(model)), [1, 4, 4, 4, 4]);
        let few = Work::fetch(3, Duration::ZERO, 4);
        assert_eq!(models.map(|model| few.in_flight(model)), [1, 3, 3, 3, 3]);
        let many = say(&["1:a"], 20_000, None);
        let expected = [1, 10_000, 200, 20_000, 200];
        assert_eq!(models.map(|model| many.in_flight(model)), expected);
        let some = say(&["1:a"], 20_000, Some(50));
        assert_eq!(
            models.map(|model| some.in_flight(model)),
            [1, 50, 50, 20_000, 50]
        );
    }

    #[test]
    fn pages_with_a_pool_are_told_its_size() {
        let arguments = |work: &Work, model| work.arguments(model, "urls").join(" ");
        let fetch = Work::fetch(10, Duration::ZERO, 4);
        assert_eq!(
            arguments(&fetch, Model::Async),
            "--max-workers=4 --from=urls"
        );
        let numbers = heavy(&[1, 2]);
        assert_eq!(arguments(&numbers, Model::Threads), "--max-workers=4 1 2");
        let sayings = say(&["0.5:a b"], 3, None);
        assert_eq!(
            arguments(&sayings, Model::Processes),
            "--max-workers=3 --repeat=3 0.5:a b"
        );
        for model in [Model::Sequential, Model::Async] {
            assert_eq!(arguments(&sayings, model), "--repeat=3 0.5:a b");
        }
    }

    #[test]
    fn titles_count_in_singular_and_plural() {
        let titles = [
            Work::fetch(1, Duration::from_millis(20), 1),
            Work::fetch(1000, Duration::from_millis(20), 100),
            heavy(&[5]),
            heavy(&[5, 5]),
            heavy(&[5, 6]),
            say(&["1:a"], 1, None),
            say(&["1:a", "2:b"], 500, None),
        ]
        .map(|work| work.title());
        let expected = [
            "1 URL, each answered after 20 ms, 1 at a time",
            "1,000 URLs, each answered after 20 ms, 100 at a time",
            "the number 5",
            "the number 5, twice",
            "the numbers 5 6",
            "1 saying: 1:a",
            "1,000 sayings: 1:a 2:b, 500 times",
        ];
        assert_eq!(titles, expected);
    }

    #[test]
    fn addresses_are_distinct_and_on_the_site() {
        let work = Work::fetch(2, Duration::from_millis(20), 1);
        assert_eq!(
            work.urls("http://here"),
            "http://here/delay/0.02?page=1\nhttp://here/delay/0.02?page=2\n"
        );
    }
}
