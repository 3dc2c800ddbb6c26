//! The workloads as a table, and the work that is raced: one of them at some size.
//!
//! Each workload is a file in `workloads`. A new one is a file there, and a line wherever the
//! others have one here.

use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::racers::answers::Answers;
use crate::racers::load::{
    Facts, Fetched, Growth, Load, Occasion, Question, SharedSizes,
};
use crate::racers::pages::{Model, Page};
use crate::racers::workloads::fetch_url::{self, FetchUrl, FetchUrlSizes};
use crate::racers::workloads::heavy_calculation::{
    self, HeavyCalculation, HeavyCalculationSizes,
};
use crate::racers::workloads::say_after::{self, SayAfter, SayAfterSizes};
use crate::racers::workloads::thumbnails::{self, Thumbnails, ThumbnailsSizes};

/// What a page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// Waiting for a site (I/O)
    FetchUrl,
    /// Exact sums of squares (CPU)
    HeavyCalculation,
    /// Waiting for timers
    SayAfter,
    /// Waiting for photos, then shrinking them (I/O, then CPU)
    Thumbnails,
}

impl Workload {
    fn facts(self) -> &'static Facts {
        match self {
            Workload::FetchUrl => &fetch_url::FACTS,
            Workload::HeavyCalculation => &heavy_calculation::FACTS,
            Workload::SayAfter => &say_after::FACTS,
            Workload::Thumbnails => &thumbnails::FACTS,
        }
    }

    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// What one item of it is called.
    pub fn item(self) -> &'static str {
        self.facts().item
    }

    /// The pages that run it, the sequential one first.
    pub fn pages(self) -> &'static [Page] {
        self.facts().pages
    }

    /// The workload that a page runs.
    pub fn of(page: &Page) -> Option<Self> {
        let mut all = Workload::value_variants().iter().copied();
        all.find(|workload| workload.pages().contains(page))
    }

    /// How `cargo xtask scale` lets it grow.
    pub fn growth(self) -> &'static Growth {
        &self.facts().growth
    }

    /// The rows of the decision table that its race answers.
    pub fn questions(self) -> &'static [Question] {
        self.facts().questions
    }
}

/// Every page that is raced.
pub fn pages() -> impl Iterator<Item = &'static Page> {
    let workloads = Workload::value_variants().iter();
    workloads.flat_map(|workload| workload.pages())
}

/// The page of that name.
pub fn page_named(name: &str) -> Option<&'static Page> {
    pages().find(|page| page.name == name)
}

/// A workload at one size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    FetchUrl(FetchUrl),
    HeavyCalculation(HeavyCalculation),
    SayAfter(SayAfter),
    Thumbnails(Thumbnails),
}

impl Work {
    pub fn workload(&self) -> Workload {
        match self {
            Work::FetchUrl(_) => Workload::FetchUrl,
            Work::HeavyCalculation(_) => Workload::HeavyCalculation,
            Work::SayAfter(_) => Workload::SayAfter,
            Work::Thumbnails(_) => Workload::Thumbnails,
        }
    }

    fn load(&self) -> &dyn Load {
        match self {
            Work::FetchUrl(load) => load,
            Work::HeavyCalculation(load) => load,
            Work::SayAfter(load) => load,
            Work::Thumbnails(load) => load,
        }
    }

    /// The same workload, so small that it takes some tenths of a second: for the timelines
    /// before a race.
    pub fn small(&self, with_python: bool) -> Self {
        match self {
            Work::FetchUrl(_) => Work::FetchUrl(FetchUrl::article()),
            Work::HeavyCalculation(load) => {
                Work::HeavyCalculation(load.small(with_python))
            }
            Work::SayAfter(load) => Work::SayAfter(load.small()),
            Work::Thumbnails(_) => Work::Thumbnails(Thumbnails::small()),
        }
    }

    /// The size for `cargo xtask scale`.
    pub fn scaled(workload: Workload, size: u64, cores: u32) -> Self {
        let count = u32::try_from(size).unwrap_or(u32::MAX);
        match workload {
            Workload::FetchUrl => Work::FetchUrl(FetchUrl::scaled(count)),
            Workload::HeavyCalculation => {
                Work::HeavyCalculation(HeavyCalculation::scaled(size, cores))
            }
            Workload::SayAfter => Work::SayAfter(SayAfter::scaled(count)),
            Workload::Thumbnails => Work::Thumbnails(Thumbnails::scaled(count)),
        }
    }

    /// What is done, in words.
    pub fn title(&self) -> String {
        self.load().title()
    }

    /// How many items there are, each of which has a result.
    pub fn items(&self) -> u64 {
        self.load().items()
    }

    /// How many items a model does at a time.
    pub fn at_a_time(&self, model: Model) -> u64 {
        let workers = match model {
            Model::Sequential => Some(1),
            _ => self.load().workers(model),
        };
        workers.map_or(self.items(), |workers| workers.min(self.items()))
    }

    /// The command line, without the program. Addresses come from the file `urls`.
    pub fn arguments(&self, model: Model, urls: &str) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(workers) = self.load().workers(model) {
            arguments.push(format!("--max-workers={workers}"));
        }
        arguments.extend(self.load().arguments(urls));
        arguments
    }

    /// What is fetched from the demo site, if anything is.
    pub fn fetched(&self) -> Option<Fetched> {
        self.load().fetched()
    }

    /// The file with the addresses for a race. It is in the output folder, in which every racer
    /// runs.
    pub fn urls_file(&self) -> String {
        format!("{}.urls", self.workload().name())
    }

    /// The addresses to fetch, one a line.
    pub fn addresses(&self, site: &str) -> String {
        let paths = self.fetched().map_or(Vec::new(), |fetched| fetched.paths);
        let addresses = paths.iter().map(|path| format!("{site}{path}\n"));
        addresses.collect()
    }

    /// What checks the results of a program, with addresses of `site`.
    pub fn answers(&self, site: &str) -> Answers {
        Answers::new(self.load().expected(site), self.items())
    }

    /// The least time that a program waits if it does `at_a_time` items at a time. `None` if
    /// the work does not wait. It is known without measuring.
    pub fn waiting(&self, at_a_time: u64) -> Option<Duration> {
        self.load().waiting(at_a_time)
    }

    /// The least time in seconds that such a program takes, waiting and calculating.
    /// `sequential_cpu` is the CPU time of the sequential program.
    pub fn bound(
        &self,
        at_a_time: u64,
        cores: usize,
        sequential_cpu: Option<f64>,
    ) -> Option<f64> {
        self.load().bound(at_a_time, cores, sequential_cpu)
    }
}

/// How much work is done. What is not given depends on the occasion.
#[derive(Args, Clone)]
pub struct Sizes {
    #[command(flatten)]
    fetch_url: FetchUrlSizes,

    #[command(flatten)]
    shared: SharedSizes,

    #[command(flatten)]
    heavy_calculation: HeavyCalculationSizes,

    #[command(flatten)]
    say_after: SayAfterSizes,

    #[command(flatten)]
    thumbnails: ThumbnailsSizes,
}

impl Sizes {
    /// A workload at the size that is asked for.
    pub fn work(&self, workload: Workload, occasion: Occasion) -> Work {
        let shared = &self.shared;
        match workload {
            Workload::FetchUrl => Work::FetchUrl(self.fetch_url.load(shared, occasion)),
            Workload::HeavyCalculation => {
                Work::HeavyCalculation(self.heavy_calculation.load(shared, occasion))
            }
            Workload::SayAfter => Work::SayAfter(self.say_after.load(shared, occasion)),
            Workload::Thumbnails => {
                Work::Thumbnails(self.thumbnails.load(shared, occasion))
            }
        }
    }

    /// The options that were given for this workload alone.
    fn given_for(&self, workload: Workload) -> Vec<&'static str> {
        match workload {
            Workload::FetchUrl => self.fetch_url.given(),
            Workload::HeavyCalculation => self.heavy_calculation.given(),
            Workload::SayAfter => self.say_after.given(),
            Workload::Thumbnails => self.thumbnails.given(),
        }
    }

    /// The options that were given, each with the workloads that it is for.
    pub fn given(&self) -> Vec<(&'static str, Vec<Workload>)> {
        let all = Workload::value_variants();
        let mut given = Vec::new();
        for workload in all {
            let options = self.given_for(*workload).into_iter();
            given.extend(options.map(|option| (option, vec![*workload])));
        }
        if self.shared.delay.is_some() {
            let fetches = |workload: &&Workload| workload.facts().fetches;
            let fetching = all.iter().filter(fetches).copied().collect();
            given.push(("--delay", fetching));
        }
        if self.shared.workers.is_some() {
            given.push(("--workers", all.to_vec()));
        }
        given
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::racers::workloads::fetch_url::Urls;

    fn fetch(count: u32, workers: u32) -> Work {
        Work::FetchUrl(FetchUrl {
            urls: Urls::Distinct(count),
            delay: Duration::from_millis(20),
            workers,
        })
    }

    fn say(saying: &str, repeat: u32, workers: Option<u32>) -> Work {
        Work::SayAfter(SayAfter {
            sayings: vec![saying.parse().unwrap()],
            repeat,
            workers,
        })
    }

    #[test]
    fn a_workload_is_known_by_its_name_and_its_pages() {
        for workload in Workload::value_variants() {
            let value = workload.to_possible_value().unwrap();
            assert_eq!(value.get_name(), workload.name());
            let json = serde_json::to_string(workload).unwrap();
            assert_eq!(json, format!("\"{}\"", workload.name()));
            let [first, ..] = workload.pages() else {
                panic!("{workload:?} has no page");
            };
            assert_eq!(first.model, Model::Sequential);
            for page in workload.pages() {
                assert_eq!(Workload::of(page), Some(*workload));
                assert_eq!(page_named(page.name), Some(page));
            }
            assert_eq!(Work::scaled(*workload, 10, 2).workload(), *workload);
        }
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
        let ten = fetch(10, 4);
        assert_eq!(models.map(|model| ten.at_a_time(model)), [1, 4, 4, 4, 4]);
        let few = fetch(3, 4);
        assert_eq!(models.map(|model| few.at_a_time(model)), [1, 3, 3, 3, 3]);
        let many = say("1:a", 20_000, None);
        let expected = [1, 10_000, 200, 20_000, 200];
        assert_eq!(models.map(|model| many.at_a_time(model)), expected);
        let some = say("1:a", 20_000, Some(50));
        assert_eq!(
            models.map(|model| some.at_a_time(model)),
            [1, 50, 50, 20_000, 50]
        );
    }

    #[test]
    fn pages_with_a_pool_are_told_its_size() {
        let arguments = |work: &Work, model| work.arguments(model, "urls").join(" ");
        let ten = fetch(10, 4);
        assert_eq!(arguments(&ten, Model::Async), "--max-workers=4 --from=urls");
        let numbers = Work::HeavyCalculation(HeavyCalculation {
            numbers: vec![1, 2],
            workers: 4,
        });
        assert_eq!(arguments(&numbers, Model::Threads), "--max-workers=4 1 2");
        let sayings = say("0.5:a b", 3, None);
        assert_eq!(
            arguments(&sayings, Model::Processes),
            "--max-workers=3 --repeat=3 0.5:a b"
        );
        for model in [Model::Sequential, Model::Async] {
            assert_eq!(arguments(&sayings, model), "--repeat=3 0.5:a b");
        }
    }

    #[test]
    fn addresses_are_distinct_and_on_the_site() {
        assert_eq!(
            fetch(2, 1).addresses("http://here"),
            "http://here/delay/0.02?page=1\nhttp://here/delay/0.02?page=2\n"
        );
    }
}
