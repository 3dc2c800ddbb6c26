//! The raced pages as a table: name, model and workload.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

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

    /// The pages that run it, the sequential one first.
    pub fn pages(self) -> impl Iterator<Item = &'static Page> {
        PAGES.iter().filter(move |page| page.workload == self)
    }
}

/// How a page does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    Sequential,
    Threads,
    Processes,
    Async,
    Machines,
}

/// A page that is raced.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The name of its program.
    pub name: &'static str,
    /// Its name among the racers of its workload.
    pub racer: &'static str,
    pub model: Model,
    pub workload: Workload,
}

impl Page {
    const fn new(
        name: &'static str,
        racer: &'static str,
        model: Model,
        workload: Workload,
    ) -> Self {
        Page {
            name,
            racer,
            model,
            workload,
        }
    }

    /// The page of that name.
    pub fn named(name: &str) -> Option<&'static Page> {
        PAGES.iter().find(|page| page.name == name)
    }
}

use Model::{Async, Machines, Processes, Sequential, Threads};
use Workload::{FetchUrl, HeavyCalculation, SayAfter};

/// All of them.
pub static PAGES: [Page; 17] = [
    Page::new("sequential-fetch-url", "sequential", Sequential, FetchUrl),
    Page::new("threads-fetch-url", "threads", Threads, FetchUrl),
    Page::new("processes-fetch-url", "processes", Processes, FetchUrl),
    Page::new("async-fetch-url", "async", Async, FetchUrl),
    Page::new("machines-fetch-url", "machines", Machines, FetchUrl),
    Page::new(
        "sequential-heavy-calculation",
        "sequential",
        Sequential,
        HeavyCalculation,
    ),
    Page::new(
        "threads-heavy-calculation",
        "threads",
        Threads,
        HeavyCalculation,
    ),
    Page::new(
        "processes-heavy-calculation",
        "processes",
        Processes,
        HeavyCalculation,
    ),
    Page::new("async-heavy-calculation", "async", Async, HeavyCalculation),
    Page::new(
        "machines-heavy-calculation",
        "machines",
        Machines,
        HeavyCalculation,
    ),
    Page::new("sequential-say-after", "sequential", Sequential, SayAfter),
    Page::new("threads-say-after", "threads", Threads, SayAfter),
    Page::new("processes-say-after", "processes", Processes, SayAfter),
    Page::new("async-gather", "async-gather", Async, SayAfter),
    Page::new("async-gather-tasks", "async-gather-tasks", Async, SayAfter),
    Page::new("async-task-group", "async-task-group", Async, SayAfter),
    Page::new("machines-say-after", "machines", Machines, SayAfter),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_pages_that_the_tests_and_the_pages_know() {
        for (workload, expected) in [
            (FetchUrl, &page_list::FETCH_URL[..]),
            (HeavyCalculation, &page_list::HEAVY_CALCULATION),
            (SayAfter, &page_list::SAY_AFTER),
        ] {
            let names: Vec<_> = workload.pages().map(|page| page.name).collect();
            assert_eq!(names, expected);
        }
    }
}
