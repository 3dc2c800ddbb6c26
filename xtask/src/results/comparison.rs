//! All that one `cargo xtask compare` found out.

use std::collections::BTreeMap;

use race::{Entrant, Results};
use serde::{Deserialize, Serialize};

use crate::racers::racer::Origin;
use crate::racers::work::Work;
use crate::results::provenance::Provenance;
use crate::results::timelines::Panel;

/// The file that holds it, in the output folder.
pub const FILE: &str = "compare.json";

#[derive(Clone, Serialize, Deserialize)]
pub struct Comparison {
    pub provenance: Provenance,
    /// Drawn before the races, from smaller work.
    pub timelines: Vec<Panel>,
    pub races: Vec<WorkRace>,
}

/// The race of one workload.
#[derive(Clone, Serialize, Deserialize)]
pub struct WorkRace {
    pub work: Work,
    /// How many cores programs could use.
    pub cores: usize,
    /// Where each racer comes from, by its name.
    pub origins: BTreeMap<String, Origin>,
    pub results: Results,
}

impl Comparison {
    /// Whether anything was measured.
    pub fn has_times(&self) -> bool {
        self.races.iter().any(WorkRace::has_times)
    }
}

impl WorkRace {
    pub fn has_times(&self) -> bool {
        self.results.timed().next().is_some()
    }

    pub fn origin(&self, racer: &Entrant) -> Origin {
        self.origins
            .get(&racer.name)
            .copied()
            .unwrap_or(Origin::Also)
    }

    /// The page of that name among the racers, if it has times.
    pub fn page(&self, name: &str) -> Option<&Entrant> {
        let is_page = |racer: &&Entrant| match self.origin(racer) {
            Origin::Page(page) => page.racer == name,
            _ => false,
        };
        self.results.timed().find(is_page)
    }

    /// How many items a racer does at a time.
    pub fn at_a_time(&self, racer: &Entrant) -> u64 {
        self.work.at_a_time(self.origin(racer).model())
    }

    /// The least time in seconds that a racer takes: for its waiting, or for the CPU time of
    /// the sequential page spread over the cores.
    pub fn bound(&self, racer: &Entrant) -> Option<f64> {
        let cpu = self.page("sequential").map(Entrant::cpu);
        self.work.bound(self.at_a_time(racer), self.cores, cpu)
    }

    /// The smallest of the racers' bounds: no racer can be faster.
    pub fn least_bound(&self) -> Option<f64> {
        let bounds = self.results.timed().filter_map(|racer| self.bound(racer));
        bounds.reduce(f64::min)
    }

    /// The racers that have times, the fastest first.
    pub fn fastest_first(&self) -> Vec<&Entrant> {
        let mut racers: Vec<_> = self.results.timed().collect();
        racers.sort_by(|a, b| a.median().total_cmp(&b.median()));
        // The rounds decide which is the fastest. By the medians it may be another one.
        if let Some(fastest) = self.results.fastest(racers.iter().copied()) {
            racers.sort_by_key(|racer| racer.name != fastest.name);
        }
        racers
    }
}
