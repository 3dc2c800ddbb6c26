//! The race itself: rounds in which every racer runs once, in an order that is drawn anew.
//!
//! No racer takes more than its share of the time: a slow one runs in fewer rounds, spread
//! evenly over the race, and where there is time for no more than the run in which its
//! results are checked, that one stands for all.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;
use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use serde::{Deserialize, Serialize};

use crate::measure::interrupt;
use crate::measure::memory::Peak;
use crate::measure::process::{self, Run};
use crate::racers::racer::Racer;

/// What one racer took, run by run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    pub name: String,
    /// In which round each of the runs was; 0 is the one in which the results were checked.
    pub rounds: Vec<u32>,
    /// Wall time of each run, in seconds.
    pub times: Vec<f64>,
    /// CPU time of each run, in seconds: its own, and the system's for it.
    pub user: Vec<f64>,
    pub system: Vec<f64>,
}

impl Timing {
    /// Wall times that belong to no rounds in which others ran as well.
    pub fn block(name: String, times: Vec<f64>) -> Self {
        Timing {
            name,
            rounds: (1..).take(times.len()).collect(),
            times,
            ..Timing::default()
        }
    }

    fn add(&mut self, round: u32, run: &Run) {
        self.rounds.push(round);
        self.times.push(run.wall.as_secs_f64());
        self.user.push(run.user.as_secs_f64());
        self.system.push(run.system.as_secs_f64());
    }

    /// CPU time of each run in all.
    pub fn cpu(&self) -> Vec<f64> {
        let both = self.user.iter().zip(&self.system);
        both.map(|(user, system)| user + system).collect()
    }

    /// The wall times of both in every round in which both ran.
    pub fn pairs(&self, other: &Timing) -> Vec<(f64, f64)> {
        let time = |round: &u32| {
            let place = other.rounds.iter().position(|other| other == round)?;
            other.times.get(place).copied()
        };
        let mine = self.rounds.iter().zip(&self.times);
        mine.filter_map(|(round, mine)| Some((*mine, time(round)?)))
            .collect()
    }
}

/// How much memory a racer held at most, in each of the runs that were watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// In bytes.
    pub peaks: Vec<u64>,
    /// How often each of these runs was looked at.
    pub samples: Vec<u32>,
}

impl Memory {
    /// `None` if it was never seen to hold any.
    fn new(seen: &[Peak]) -> Option<Self> {
        (!seen.is_empty()).then(|| Memory {
            peaks: seen.iter().map(|peak| peak.bytes).collect(),
            samples: seen.iter().map(|peak| peak.samples).collect(),
        })
    }

    /// The median of the peaks; the greater of the two in the middle.
    pub fn peak(&self) -> u64 {
        let mut peaks = self.peaks.clone();
        peaks.sort_unstable();
        peaks.get(peaks.len() / 2).copied().unwrap_or(0)
    }
}

/// A racer that ran twice in one round, as if it were two: what it seems to differ from
/// itself is what the instrument cannot tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Twin {
    pub round: u32,
    pub name: String,
    /// Wall time of the earlier run and of the later one, in seconds.
    pub first: f64,
    pub second: f64,
}

/// Why a racer is out of the race.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub name: String,
    pub message: String,
}

impl Failure {
    pub fn new(racer: &Racer, error: &anyhow::Error) -> Self {
        Failure {
            name: racer.name.clone(),
            message: format!("{error:#}"),
        }
    }
}

/// A racer on its way through the race.
pub struct Lane {
    pub racer: Racer,
    pub timing: Timing,
    /// The run in which its results were checked.
    check: Run,
    /// Peaks of its memory, in runs of their own.
    peaks: Vec<Peak>,
    /// How long all its runs took so far.
    spent: Duration,
    /// In how many rounds it is to run.
    pub planned: u32,
}

/// So many runs show how much memory a racer holds.
const WATCHED: u32 = 5;

impl Lane {
    /// A racer whose results were right in the run `check`, and who may run as often as its
    /// share of the time allows.
    pub fn new(racer: Racer, check: Run, rounds: u32, share: Duration) -> Self {
        let left = share.saturating_sub(check.wall);
        let affordable = left.as_secs_f64() / check.wall.as_secs_f64().max(1e-9);
        let name = racer.name.clone();
        Lane {
            racer,
            timing: Timing {
                name,
                ..Timing::default()
            },
            peaks: Vec::new(),
            spent: check.wall,
            planned: rounds.min(affordable as u32),
            check,
        }
    }

    /// Whether it is its turn, so that its runs are spread evenly over all rounds.
    fn is_due(&self, round: u32, rounds: u32) -> bool {
        let runs_up_to =
            |round: u32| u64::from(round) * u64::from(self.planned) / u64::from(rounds);
        runs_up_to(round) > runs_up_to(round - 1)
    }

    /// Whether another run as long as the longest so far is within its share.
    fn can_afford(&self, share: Duration) -> bool {
        let longest = self.timing.times.iter().copied().fold(0.0, f64::max);
        let longest = self.check.wall.max(Duration::from_secs_f64(longest));
        // Its runs may turn out a little longer than the first without losing it a round.
        self.spent + longest <= share + share / 10
    }

    /// How long its part of the race will take, in milliseconds.
    fn estimate(&self) -> u64 {
        self.check.wall.as_millis() as u64 * u64::from(self.planned + WATCHED)
    }

    /// The times by which it is judged; `None` if the race was called off before there were
    /// any.
    pub fn finish(mut self) -> Option<(Racer, Timing, Option<Memory>)> {
        if self.planned == 0 {
            self.timing.add(0, &self.check);
        }
        if self.peaks.is_empty() {
            self.peaks.extend(self.check.memory);
        }
        let memory = Memory::new(&self.peaks);
        (!self.timing.times.is_empty()).then_some((self.racer, self.timing, memory))
    }
}

/// Runs every lane in as many rounds as it has planned, and adds the times. In each round one
/// of those that run in all of them, another each time, runs twice. Returns these twins, and
/// who failed: one that fails is out of the race. Ctrl-C ends it early.
pub fn rounds(
    lanes: &mut Vec<Lane>,
    rounds: u32,
    share: Duration,
    seed: u64,
    progress: &ProgressBar,
) -> (Vec<Twin>, Vec<Failure>) {
    let mut order = Rng::with_seed(seed);
    let mut twins = Vec::new();
    let mut failures = Vec::new();
    show_time_left(lanes, progress);
    for round in 1..=rounds {
        let mut due: Vec<usize> = (0..lanes.len())
            .filter(|lane| lanes[*lane].is_due(round, rounds))
            .filter(|lane| lanes[*lane].can_afford(share))
            .collect();
        let steady = |lane: &&usize| lanes[**lane].planned == rounds;
        let steady: Vec<_> = due.iter().filter(steady).copied().collect();
        if let Some(twin) = steady.get(round as usize % steady.len().max(1)) {
            due.push(*twin);
        }
        order.shuffle(&mut due);
        let mut failed = Vec::new();
        for index in due {
            let lane = &mut lanes[index];
            if failed.contains(&index) {
                continue;
            }
            let name = &lane.racer.name;
            progress.set_message(format!("round {round} of {rounds}: {name}"));
            match process::time(&mut lane.racer.command(), share) {
                Err(_) if interrupt::requested() => return (twins, failures),
                Err(error) => {
                    failures.push(Failure::new(&lane.racer, &error));
                    failed.push(index);
                }
                Ok(run) => {
                    progress.inc(run.wall.as_millis() as u64);
                    lane.spent += run.wall;
                    if lane.timing.rounds.last() == Some(&round) {
                        twins.push(Twin {
                            round,
                            name: name.clone(),
                            first: lane.timing.times.last().copied().unwrap_or(0.0),
                            second: run.wall.as_secs_f64(),
                        });
                    } else {
                        lane.timing.add(round, &run);
                    }
                }
            }
        }
        failed.sort_unstable();
        for index in failed.into_iter().rev() {
            lanes.remove(index);
        }
    }
    (twins, failures)
}

/// From here on the bar is as long as the race will take, in milliseconds.
fn show_time_left(lanes: &[Lane], progress: &ProgressBar) {
    progress.set_length(lanes.iter().map(Lane::estimate).sum());
    progress.set_position(0);
    let style = ProgressStyle::with_template("{prefix} {bar:30} {left} {msg}");
    let left = |state: &ProgressState, to: &mut dyn fmt::Write| {
        let left = state.len().unwrap_or(0).saturating_sub(state.pos());
        // There is nobody to tell that a bar cannot be drawn.
        let _ = write!(to, "{:#}", HumanDuration(Duration::from_millis(left)));
    };
    if let Ok(style) = style {
        progress.set_style(style.with_key("left", left));
    }
}

/// Watches the memory of every lane, in runs of their own, as far as its share allows.
/// Returns who failed; that is out of the race. Ctrl-C ends it early.
pub fn memory(
    lanes: &mut Vec<Lane>,
    share: Duration,
    progress: &ProgressBar,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    lanes.retain_mut(|lane| {
        for _ in 0..WATCHED {
            if interrupt::requested() || !lane.can_afford(share) {
                break;
            }
            progress.set_message(format!("memory: {}", lane.racer.name));
            match process::watch(&mut lane.racer.command(), share) {
                Err(_) if interrupt::requested() => {}
                Err(error) => {
                    failures.push(Failure::new(&lane.racer, &error));
                    return false;
                }
                Ok(run) => {
                    progress.inc(run.wall.as_millis() as u64);
                    lane.spent += run.wall;
                    lane.peaks.extend(run.memory);
                }
            }
        }
        true
    });
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seconds: f64) -> Run {
        Run {
            wall: Duration::from_secs_f64(seconds),
            user: Duration::from_secs(1),
            system: Duration::from_secs(2),
            memory: None,
        }
    }

    fn lane(name: &str, script: &str, check: f64, rounds: u32, share: f64) -> Lane {
        let racer = Racer {
            name: name.to_string(),
            origin: crate::racers::racer::Origin::Also,
            program: "sh".into(),
            arguments: ["-c", script].map(String::from).into(),
            folder: std::env::temp_dir(),
            in_flight: 1,
        };
        Lane::new(racer, run(check), rounds, Duration::from_secs_f64(share))
    }

    #[test]
    fn a_slow_racer_runs_as_often_as_its_share_allows() {
        // A second for the check; nine are left.
        for (check, planned) in [(1.0, 9), (0.1, 10), (3.0, 2), (6.0, 0), (20.0, 0)] {
            assert_eq!(lane("a", "", check, 10, 10.0).planned, planned, "{check}");
        }
    }

    #[test]
    fn the_runs_of_a_slow_racer_are_spread_over_all_rounds() {
        let due = |planned| {
            let mut lane = lane("a", "", 0.1, 10, 10.0);
            lane.planned = planned;
            (1..=10)
                .filter(|round| lane.is_due(*round, 10))
                .collect::<Vec<_>>()
        };
        assert_eq!(due(0), [0; 0]);
        assert_eq!(due(1), [10]);
        assert_eq!(due(3), [4, 7, 10]);
        assert_eq!(due(10), (1..=10).collect::<Vec<_>>());
    }

    #[test]
    fn another_run_may_begin_as_long_as_it_stays_within_the_share() {
        let share = Duration::from_secs(10);
        let mut lane = lane("a", "", 1.0, 10, 10.0);
        lane.spent = Duration::from_secs_f64(9.5);
        assert!(lane.can_afford(share));
        lane.timing.times.push(2.0);
        assert!(!lane.can_afford(share));
    }

    #[test]
    fn the_check_stands_for_all_runs_where_there_is_no_time_for_others() {
        let mut slow = lane("slow", "", 8.0, 10, 10.0);
        slow.check.memory = Some(Peak {
            bytes: 7,
            samples: 3,
        });
        let (_, timing, memory) = slow.finish().unwrap();
        assert_eq!(
            (&timing.rounds[..], &timing.times[..]),
            (&[0][..], &[8.0][..])
        );
        assert_eq!(timing.cpu(), [3.0]);
        assert_eq!(memory.unwrap().peaks, [7]);

        // One that was called off has none.
        assert_eq!(lane("quick", "", 1.0, 10, 10.0).finish(), None);
        let mut quick = lane("quick", "", 1.0, 10, 10.0);
        quick.timing.add(1, &run(0.5));
        let (_, timing, memory) = quick.finish().unwrap();
        assert_eq!(
            (&timing.rounds[..], &timing.times[..]),
            (&[1][..], &[0.5][..])
        );
        assert_eq!(memory, None);
    }

    #[test]
    fn memory_is_the_median_of_the_peaks() {
        let memory = |peaks: &[u64]| Memory {
            peaks: peaks.to_vec(),
            samples: vec![1; peaks.len()],
        };
        assert_eq!(memory(&[9, 1, 5]).peak(), 5);
        assert_eq!(memory(&[9, 1, 5, 6]).peak(), 6);
    }

    #[test]
    fn pairs_are_of_the_same_round() {
        let timing = |rounds: &[u32], times: &[f64]| Timing {
            rounds: rounds.to_vec(),
            times: times.to_vec(),
            ..Timing::default()
        };
        let (a, b) = (
            timing(&[1, 3], &[1.0, 3.0]),
            timing(&[2, 3, 4], &[2.0, 30.0, 4.0]),
        );
        assert_eq!(a.pairs(&b), [(3.0, 30.0)]);
        assert_eq!(b.pairs(&a), [(30.0, 3.0)]);
    }

    /// Runs four shell scripts in six rounds; returns the order in which they ran, by round.
    #[cfg(unix)]
    fn order_of(seed: u64) -> (Vec<String>, Vec<Twin>, Vec<Failure>, Vec<Lane>) {
        let log = tempfile(&format!("order-{seed}"));
        let logging = |name: &str, and: &str| {
            let script = format!("printf {name} >> '{}'; {and}", log.display());
            lane(name, &script, 0.1, 6, 100.0)
        };
        let mut lanes = vec![
            logging("a", ""),
            logging("b", ""),
            logging("c", ""),
            // Fails from its third run on.
            logging(
                "d",
                &format!("test $(grep -o d '{}' | wc -l) -lt 3", log.display()),
            ),
        ];
        let share = Duration::from_secs(100);
        let progress = ProgressBar::hidden();
        let (twins, failures) = rounds(&mut lanes, 6, share, seed, &progress);
        let turns = std::fs::read_to_string(&log).unwrap();
        std::fs::remove_file(&log).unwrap();
        (vec![turns], twins, failures, lanes)
    }

    #[cfg(unix)]
    fn tempfile(name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("xtask-race-{name}-{}", std::process::id()))
    }

    #[test]
    #[cfg(unix)]
    fn the_order_is_drawn_one_runs_twice_and_one_that_fails_is_out() {
        let (turns, twins, failures, lanes) = order_of(7);
        // The same seed, the same order.
        assert_eq!(order_of(7).0, turns);
        assert_ne!(order_of(8).0, turns);

        let names: Vec<_> = lanes.iter().map(|lane| &lane.racer.name[..]).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(failures.len(), 1);
        assert_eq!(failures[0].name, "d");
        assert_eq!(failures[0].message, "ended with exit status: 1");
        for lane in &lanes {
            assert_eq!(lane.timing.rounds, [1, 2, 3, 4, 5, 6]);
            assert_eq!(lane.timing.user.len(), 6);
            assert!(lane.timing.times.iter().all(|time| *time > 0.0));
        }
        // Every round has its twin, of each racer in turn; not while it fails.
        let twin_of: Vec<_> = twins.iter().map(|twin| &twin.name[..]).collect();
        let runs = |name: char| turns[0].matches(name).count();
        for name in ["a", "b", "c"] {
            let as_twin = twin_of.iter().filter(|twin| **twin == name).count();
            assert!((1..=3).contains(&as_twin), "{twin_of:?}");
            assert_eq!(runs(name.chars().next().unwrap()), 6 + as_twin, "{turns:?}");
        }
        assert!(
            twins
                .iter()
                .all(|twin| twin.first > 0.0 && twin.second > 0.0)
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_racer_is_watched_as_often_as_its_share_allows() {
        let log = tempfile("memory");
        let script = format!("printf x >> '{}'", log.display());
        let watched = |check: f64| {
            std::fs::write(&log, "").unwrap();
            let mut lanes = vec![lane("a", &script, check, 10, 1000.0)];
            let share = Duration::from_secs(1000);
            assert_eq!(memory(&mut lanes, share, &ProgressBar::hidden()), []);
            std::fs::read_to_string(&log).unwrap().len()
        };
        assert_eq!(watched(0.001), 5);
        assert_eq!(watched(600.0), 0);
        std::fs::remove_file(&log).unwrap();

        let mut lanes = vec![lane("a", "echo no bread >&2; exit 3", 0.1, 10, 10.0)];
        let failures =
            memory(&mut lanes, Duration::from_secs(10), &ProgressBar::hidden());
        assert_eq!(failures[0].message, "ended with exit status: 3: no bread");
        assert!(lanes.is_empty());
    }
}
