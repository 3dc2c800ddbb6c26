//! The work that is raced: its size, the command line that asks for it, and the time that no
//! program can beat.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::format;
use crate::racers::pages::{Model, Workload};

/// What is said, and after how long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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

impl TryFrom<String> for Saying {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Saying> for String {
    fn from(saying: Saying) -> String {
        saying.to_string()
    }
}

/// A workload at one size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    FetchUrl {
        urls: Urls,
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
        /// Of the models with a pool or a queue; if not given, the number that the page takes
        /// by itself.
        workers: Option<u32>,
    },
}

/// What is fetched from the demo site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urls {
    /// Its three pages, which stand for the article's addresses.
    Demo,
    /// So many distinct addresses.
    Distinct(u32),
}

/// A URL of the demo site.
pub struct Url {
    /// For instance `/delay/0.1?page=7`.
    pub path: String,
    /// How many bytes the site answers with.
    pub length: usize,
}

impl Work {
    /// The size for `cargo xtask scale`: `size` URLs or sayings that all wait at the same time,
    /// or `size` terms to sum up, in ten equal parts.
    pub fn scaled(workload: Workload, size: u64, cores: u32) -> Self {
        const DELAY: Duration = Duration::from_millis(500);
        let count = u32::try_from(size).unwrap_or(u32::MAX);
        match workload {
            Workload::FetchUrl => Work::FetchUrl {
                urls: Urls::Distinct(count),
                delay: DELAY,
                workers: count,
            },
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
                ("URLs at the same time, each answered after 500 ms", "URL")
            }
            Workload::HeavyCalculation => ("terms to sum up, in ten equal parts", "term"),
            Workload::SayAfter => {
                ("sayings at the same time, each after 500 ms", "saying")
            }
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
                    format!("{items}, each {}", format::count(*first))
                }
                _ => format!("the numbers {}", join(numbers)),
            },
            Work::SayAfter {
                sayings, repeat, ..
            } => {
                let each = match repeat {
                    1 => String::new(),
                    repeat => format!(", {} of each", format::count(u64::from(*repeat))),
                };
                format!("{items}{each}: {}", format::visible(&join(sayings)))
            }
        }
    }

    /// How many items there are, each of which has a result.
    pub fn items(&self) -> u64 {
        match self {
            Work::FetchUrl { urls, .. } => match urls {
                Urls::Demo => page_list::DEMO_PAGES.len() as u64,
                Urls::Distinct(count) => u64::from(*count),
            },
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

    /// How many items a model does at a time.
    pub fn at_a_time(&self, model: Model) -> u64 {
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

    /// The URLs to fetch, if that is the work.
    pub fn urls(&self) -> Vec<Url> {
        let Work::FetchUrl { urls, delay, .. } = self else {
            return Vec::new();
        };
        let seconds = delay.as_secs_f64();
        match urls {
            Urls::Demo => page_list::DEMO_PAGES
                .map(|(path, length)| Url {
                    path: path.to_string(),
                    length,
                })
                .into(),
            Urls::Distinct(count) => (1..=*count)
                .map(|page| Url {
                    path: format!("/delay/{seconds}?page={page}"),
                    length: format!("waited {seconds} s\n").len(),
                })
                .collect(),
        }
    }

    /// The addresses to fetch, one a line.
    pub fn addresses(&self, site: &str) -> String {
        let urls = self.urls();
        urls.iter()
            .map(|url| format!("{site}{}\n", url.path))
            .collect()
    }

    /// The time that no program can beat which does so many items at a time, if it is known
    /// without measuring: the waiting that nothing shortens.
    pub fn waiting(&self, at_a_time: u64) -> Option<Duration> {
        match self {
            Work::FetchUrl { delay, .. } => {
                let turns = self.items().div_ceil(at_a_time);
                Some(delay.saturating_mul(u32::try_from(turns).unwrap_or(u32::MAX)))
            }
            Work::HeavyCalculation { .. } => None,
            Work::SayAfter {
                sayings, repeat, ..
            } => {
                let delays = sayings.iter().map(|saying| saying.after);
                let longest = delays.clone().max().unwrap_or_default();
                let sum: Duration = delays.sum();
                let all = sum.saturating_mul(*repeat).as_secs_f64();
                let spread = Duration::from_secs_f64(all / at_a_time as f64);
                Some(spread.max(longest))
            }
        }
    }

    /// The same in seconds, also of a calculation: `sequential_cpu`, the CPU time of the
    /// sequential program, spread over the cores, and never less than the largest number takes.
    pub fn bound(
        &self,
        at_a_time: u64,
        cores: usize,
        sequential_cpu: Option<f64>,
    ) -> Option<f64> {
        let Work::HeavyCalculation { numbers, .. } = self else {
            return self.waiting(at_a_time).map(|waiting| waiting.as_secs_f64());
        };
        let largest = numbers.iter().copied().max().unwrap_or(0) as f64;
        let terms: f64 = numbers.iter().map(|number| *number as f64).sum();
        let spread = 1.0 / at_a_time.min(cores as u64) as f64;
        sequential_cpu.map(|cpu| cpu * spread.max(largest / terms))
    }
}

fn join(items: &[impl ToString]) -> String {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    items.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(count: u32, millis: u64, workers: u32) -> Work {
        Work::FetchUrl {
            urls: Urls::Distinct(count),
            delay: Duration::from_millis(millis),
            workers,
        }
    }

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
    fn waiting_takes_a_turn_for_each_full_set_of_workers() {
        let work = fetch(10, 500, 4);
        let bound = |at_a_time| work.bound(at_a_time, 2, None);
        assert_eq!([1, 3, 4, 10].map(bound), [5.0, 2.0, 1.5, 0.5].map(Some));
    }

    #[test]
    fn calculating_is_spread_over_the_cores_but_the_largest_number_is_not() {
        let even = heavy(&[10, 10, 10, 10]);
        let bound = |at_a_time, cores| even.bound(at_a_time, cores, Some(8.0));
        assert_eq!(bound(1, 2), Some(8.0));
        assert_eq!(bound(4, 2), Some(4.0));
        assert_eq!(bound(2, 4), Some(4.0));
        assert_eq!(even.bound(4, 2, None), None);
        // Three quarters of the work cannot be divided.
        assert_eq!(heavy(&[30, 10]).bound(4, 4, Some(8.0)), Some(6.0));
    }

    #[test]
    fn a_saying_takes_its_time_and_all_of_them_theirs_in_turn() {
        let work = say(&["0.5:a", "1:b"], 4, None);
        let bound = |at_a_time| work.bound(at_a_time, 2, None);
        assert_eq!([1, 2, 4, 8].map(bound), [6.0, 3.0, 1.5, 1.0].map(Some));
    }

    #[test]
    fn a_model_does_as_many_items_at_a_time_as_its_page_does() {
        let models = [
            Model::Sequential,
            Model::Threads,
            Model::Processes,
            Model::Async,
            Model::Machines,
        ];
        let ten = fetch(10, 0, 4);
        assert_eq!(models.map(|model| ten.at_a_time(model)), [1, 4, 4, 4, 4]);
        let few = fetch(3, 0, 4);
        assert_eq!(models.map(|model| few.at_a_time(model)), [1, 3, 3, 3, 3]);
        let many = say(&["1:a"], 20_000, None);
        let expected = [1, 10_000, 200, 20_000, 200];
        assert_eq!(models.map(|model| many.at_a_time(model)), expected);
        let some = say(&["1:a"], 20_000, Some(50));
        assert_eq!(
            models.map(|model| some.at_a_time(model)),
            [1, 50, 50, 20_000, 50]
        );
    }

    #[test]
    fn pages_with_a_pool_are_told_its_size() {
        let arguments = |work: &Work, model| work.arguments(model, "urls").join(" ");
        let ten = fetch(10, 0, 4);
        assert_eq!(arguments(&ten, Model::Async), "--max-workers=4 --from=urls");
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
            fetch(1, 20, 1),
            fetch(1000, 20, 100),
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
            "2 numbers, each 5",
            "the numbers 5 6",
            "1 saying: 1:a",
            "1,000 sayings, 500 of each: 1:a 2:b",
        ];
        assert_eq!(titles, expected);
    }

    #[test]
    fn addresses_are_distinct_and_on_the_site() {
        let work = fetch(2, 20, 1);
        assert_eq!(
            work.addresses("http://here"),
            "http://here/delay/0.02?page=1\nhttp://here/delay/0.02?page=2\n"
        );
    }
}
