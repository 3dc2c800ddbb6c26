//! `say-after`: waiting for timers.

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use page_list::SAY_AFTER;
use serde::{Deserialize, Serialize};

use crate::format;
use crate::racers::answers::Expected;
use crate::racers::load::{Facts, Growth, Kind, Load, Occasion, Question, SharedSizes};
use crate::racers::pages::{Model, Page};

pub static FACTS: Facts = Facts {
    name: "say-after",
    item: "saying",
    pages: &PAGES,
    fetches: false,
    questions: &[Question {
        work: "Timers",
        candidates: &[
            "sequential",
            "threads",
            "async-task-group",
            "async-gather-tasks",
            "async-gather",
            "processes",
            "machines",
        ],
    }],
    growth: Growth {
        about: "sayings at the same time, each after 500 ms",
        unit: "saying",
        powers: 0..=6,
        waits: true,
    },
};

static PAGES: [Page; 7] = {
    let [
        sequential,
        threads,
        processes,
        gather,
        gather_tasks,
        task_group,
        machines,
    ] = SAY_AFTER;
    [
        Page::new(sequential, "sequential", Model::Sequential),
        Page::new(threads, "threads", Model::Threads),
        Page::new(processes, "processes", Model::Processes),
        Page::new(gather, "async-gather", Model::Async),
        Page::new(gather_tasks, "async-gather-tasks", Model::Async),
        Page::new(task_group, "async-task-group", Model::Async),
        Page::new(machines, "machines", Model::Machines),
    ]
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SayAfter {
    pub sayings: Vec<Saying>,
    pub repeat: u32,
    /// How many workers a model with a pool or a queue has. `None`: as many as the page takes
    /// without the option.
    pub workers: Option<u32>,
}

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

#[derive(Args, Clone)]
pub struct SayAfterSizes {
    /// say-after: the sayings [default: 0.1:hello,0.2:world; in a timeline 1:hello,2:world]
    #[arg(long, value_name = "SECONDS:WHAT,...", value_delimiter = ',')]
    sayings: Vec<Saying>,

    /// say-after: how many times over all sayings are said [default: 1000; in a timeline 1]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    repeat: Option<u32>,
}

impl SayAfterSizes {
    pub fn given(&self) -> Vec<&'static str> {
        let mut given = Vec::new();
        if !self.sayings.is_empty() {
            given.push("--sayings");
        }
        if self.repeat.is_some() {
            given.push("--repeat");
        }
        given
    }

    pub fn load(&self, shared: &SharedSizes, occasion: Occasion) -> SayAfter {
        let default = match occasion.kind {
            Kind::Race => SayAfter::hello_world(100, 1000),
            Kind::Article | Kind::Timeline => SayAfter::hello_world(1000, 1),
        };
        SayAfter {
            sayings: match &self.sayings[..] {
                [] => default.sayings,
                sayings => sayings.to_vec(),
            },
            repeat: self.repeat.unwrap_or(default.repeat),
            workers: shared.workers,
        }
    }
}

impl SayAfter {
    /// The article's sayings: `hello` after `millis`, `world` after twice as long.
    fn hello_world(millis: u64, repeat: u32) -> Self {
        let sayings = [(millis, "hello"), (2 * millis, "world")];
        SayAfter {
            sayings: sayings
                .map(|(millis, what)| Saying {
                    after: Duration::from_millis(millis),
                    what: what.to_string(),
                })
                .into(),
            repeat,
            workers: None,
        }
    }

    /// For the timelines before a race.
    pub fn small(&self) -> Self {
        let all: Duration = self.sayings.iter().map(|saying| saying.after).sum();
        if all > Duration::from_millis(500) {
            return SayAfter::hello_world(100, 1);
        }
        SayAfter {
            sayings: self.sayings.clone(),
            repeat: 1,
            workers: None,
        }
    }

    /// For `cargo xtask scale`.
    pub fn scaled(sayings: u32) -> Self {
        SayAfter {
            sayings: vec![Saying {
                after: Duration::from_millis(500),
                what: "hello".to_string(),
            }],
            repeat: sayings,
            workers: Some(sayings),
        }
    }
}

impl Load for SayAfter {
    fn title(&self) -> String {
        let items = format::counted(self.items(), FACTS.item);
        let each = match self.repeat {
            1 => String::new(),
            repeat => format!(", {} of each", format::count(u64::from(repeat))),
        };
        let sayings: Vec<_> = self.sayings.iter().map(Saying::to_string).collect();
        format!("{items}{each}: {}", format::visible(&sayings.join(" ")))
    }

    fn items(&self) -> u64 {
        self.sayings.len() as u64 * u64::from(self.repeat)
    }

    fn workers(&self, model: Model) -> Option<u64> {
        // The pages have the same limits.
        let most = match model {
            Model::Threads => 10_000,
            Model::Processes | Model::Machines => 200,
            Model::Sequential | Model::Async => return None,
        };
        Some(self.workers.map_or(self.items().min(most), u64::from))
    }

    fn arguments(&self, _urls: &str) -> Vec<String> {
        let mut arguments = vec![format!("--repeat={}", self.repeat)];
        arguments.extend(self.sayings.iter().map(Saying::to_string));
        arguments
    }

    fn expected(&self, _site: &str) -> Expected {
        let mut missing = HashMap::new();
        for saying in &self.sayings {
            *missing.entry(saying.what.clone()).or_insert(0) += u64::from(self.repeat);
        }
        Expected::InAnyOrder {
            missing,
            is_completed: false,
        }
    }

    fn waiting(&self, at_a_time: u64) -> Option<Duration> {
        let delays = self.sayings.iter().map(|saying| saying.after);
        let longest = delays.clone().max().unwrap_or_default();
        let sum: Duration = delays.sum();
        let all = sum.saturating_mul(self.repeat).as_secs_f64();
        let spread = Duration::from_secs_f64(all / at_a_time as f64);
        Some(spread.max(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(sayings: &[&str], repeat: u32) -> SayAfter {
        let sayings = sayings.iter().map(|saying| saying.parse().unwrap());
        SayAfter {
            sayings: sayings.collect(),
            repeat,
            workers: None,
        }
    }

    #[test]
    fn a_saying_takes_its_time_and_all_of_them_theirs_in_turn() {
        let work = say(&["0.5:a", "1:b"], 4);
        let bound = |at_a_time| work.bound(at_a_time, 2, None);
        assert_eq!([1, 2, 4, 8].map(bound), [6.0, 3.0, 1.5, 1.0].map(Some));
    }

    #[test]
    fn the_title_counts_in_singular_and_plural() {
        assert_eq!(say(&["1:a"], 1).title(), "1 saying: 1:a");
        assert_eq!(
            say(&["1:a", "2:b"], 500).title(),
            "1,000 sayings, 500 of each: 1:a 2:b"
        );
    }

    #[test]
    fn small_sayings_are_those_of_the_race_unless_they_take_long() {
        let titles = [&["0.2:a", "0.3:b"], &["0.2:a", "0.4:b"]]
            .map(|sayings| say(sayings, 7).small().title());
        let expected = ["2 sayings: 0.2:a 0.3:b", "2 sayings: 0.1:hello 0.2:world"];
        assert_eq!(titles, expected);
    }
}
