//! What xtask has to know of a workload. Each is described in a file of `workloads`.

use std::ops::RangeInclusive;
use std::time::Duration;

use clap::Args;
use page_list::parse_seconds;

use crate::racers::answers::Expected;
use crate::racers::pages::{Model, Page};

/// What holds for a workload at every size.
pub struct Facts {
    /// For instance `fetch-url`.
    pub name: &'static str,
    /// What one item of it is called.
    pub item: &'static str,
    /// The pages that run it, the sequential one first.
    pub pages: &'static [Page],
    /// Whether its items are fetched from the demo site.
    pub fetches: bool,
    /// The rows of the decision table that its race answers.
    pub questions: &'static [Question],
    pub growth: Growth,
}

/// A row of the decision table.
pub struct Question {
    pub work: &'static str,
    /// The racers that can be taken, the simplest first.
    pub candidates: &'static [&'static str],
}

/// How `cargo xtask scale` lets a workload grow.
pub struct Growth {
    /// What is done at each size, in words.
    pub about: &'static str,
    /// What the size counts.
    pub unit: &'static str,
    /// The sizes, as powers of ten.
    pub powers: RangeInclusive<u32>,
    /// Whether all items wait at the same time, so that each needs memory of its own.
    pub waits: bool,
}

/// A workload at one size.
pub trait Load {
    /// What is done, in words.
    fn title(&self) -> String;

    /// How many items there are, each of which has a result.
    fn items(&self) -> u64;

    /// How many workers the page of a model is told to have; `None` where it has no pool.
    fn workers(&self, model: Model) -> Option<u64>;

    /// The arguments that say what to do. Addresses come from the file `urls`.
    fn arguments(&self, urls: &str) -> Vec<String>;

    /// What is fetched from the demo site, if anything is.
    fn fetched(&self) -> Option<Fetched> {
        None
    }

    /// The right results, with addresses of `site`.
    fn expected(&self, site: &str) -> Expected;

    /// The least time that a program waits if it does `at_a_time` items at a time. `None` if
    /// the work does not wait.
    fn waiting(&self, at_a_time: u64) -> Option<Duration>;

    /// The least time in seconds that such a program takes, waiting and calculating.
    /// `sequential_cpu` is the CPU time of the sequential program.
    fn bound(
        &self,
        at_a_time: u64,
        _cores: usize,
        _sequential_cpu: Option<f64>,
    ) -> Option<f64> {
        self.waiting(at_a_time).map(|waiting| waiting.as_secs_f64())
    }
}

/// What is fetched from the demo site.
pub struct Fetched {
    /// For instance `/delay/0.1?page=7`.
    pub paths: Vec<String>,
    /// How long the site waits before it answers.
    pub delay: Duration,
}

impl Fetched {
    /// How long a program waits for `items` that it fetches, `at_a_time` of them at the same
    /// time.
    pub fn waiting(items: u64, delay: Duration, at_a_time: u64) -> Duration {
        let turns = items.div_ceil(at_a_time);
        delay.saturating_mul(u32::try_from(turns).unwrap_or(u32::MAX))
    }
}

/// What sizes are for. A size that no option gives is chosen for this.
#[derive(Clone, Copy)]
pub struct Occasion {
    pub kind: Kind,
    /// Whether CPython takes part, which calculates much slower.
    pub with_python: bool,
    /// How many cores programs can use.
    pub cores: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Some tenths of a second for each model.
    Race,
    /// The article's sizes.
    Article,
    /// Small enough to draw.
    Timeline,
}

/// The sizes that several workloads have.
#[derive(Args, Clone)]
pub struct SharedSizes {
    /// fetch-url, thumbnails: how long the site waits before it answers [default: 0.02; in a
    /// timeline of fetch-url 0.3]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub delay: Option<Duration>,

    /// How many items at a time, in models with workers
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub workers: Option<u32>,
}
