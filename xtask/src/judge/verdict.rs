//! "When to use which", measured: the article's summary table, answered from the results.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::format;
use crate::judge::results::{CLEAR, Entrant, Ratio, Results};
use crate::racers::racer::Origin;
use crate::racers::workload::{Model, Workload};
use crate::stats::LEVEL;

/// How a row comes to its answer, for those who read it.
pub const RULE: &str = "\
    All are compared with the quickest. Slower is whose time, divided by the quickest's round \
    by round, is above 1.05 with its whole interval of at least 95 % confidence, or who cannot \
    be as quick by its own ideal; the others tie. Those that tie are told apart by memory (a \
    difference under 10 % or 1 MB is none), then by CPU time (under 10 % is none), then the \
    simpler model is taken: sequential, threads, async, processes; among the async ones the \
    task group, as the article advises.";

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Is your task ...
    pub task: String,
    /// ... and are you using ...
    pub using: String,
    /// What the article recommends for Python.
    pub python: String,
    /// What its rule would take of the Python programs, if they were raced.
    pub python_here: Option<String>,
    /// Who has the shortest median.
    pub quickest: String,
    /// Who holds the least memory, if that is known.
    pub leanest: Option<String>,
    /// What to use.
    pub take: String,
    /// Why that and no other, from the figures.
    pub why: Vec<String>,
}

struct Question {
    task: &'static str,
    using: &'static str,
    python: &'static str,
    workload: Workload,
    candidates: &'static [&'static str],
}

const QUESTIONS: [Question; 4] = [
    Question {
        task: "CPU-bound",
        using: "any code",
        python: "ProcessPoolExecutor",
        workload: Workload::HeavyCalculation,
        candidates: &["sequential", "threads", "async", "processes"],
    },
    Question {
        task: "I/O-bound",
        using: "a blocking library",
        python: "ThreadPoolExecutor",
        workload: Workload::FetchUrl,
        candidates: &["sequential", "threads", "processes"],
    },
    Question {
        task: "I/O-bound",
        using: "an async library, or any",
        python: "asyncio",
        workload: Workload::FetchUrl,
        candidates: &["sequential", "threads", "async", "processes"],
    },
    Question {
        task: "Waiting for timers",
        using: "an async library, or any",
        python: "TaskGroup or gather",
        workload: Workload::SayAfter,
        candidates: &[
            "sequential",
            "threads",
            "async-task-group",
            "async-gather",
            "async-gather-tasks",
            "processes",
        ],
    },
];

/// The rows for which at least two candidates were raced.
pub fn verdict(races: &[Results]) -> Vec<Row> {
    QUESTIONS
        .iter()
        .filter_map(|question| {
            let race = |race: &&Results| race.workload == question.workload;
            let results = races.iter().find(race)?;
            let candidates = |origin: fn(String) -> Origin| {
                let names = question.candidates.iter();
                let origins = names.map(|name| origin(name.to_string()));
                origins
                    .filter_map(|origin| {
                        results.entrants.iter().find(|e| e.origin == origin)
                    })
                    .collect::<Vec<_>>()
            };
            let answer = Answer::find(results, &candidates(Origin::Page))?;
            let in_python = Answer::find(results, &candidates(Origin::Python));
            let mut why = vec![answer.reason()];
            why.extend(interpreter_lock(results, question, &answer));
            Some(Row {
                task: question.task.to_string(),
                using: question.using.to_string(),
                python: question.python.to_string(),
                python_here: in_python.map(|answer| answer.take.name().to_string()),
                quickest: answer.quickest.name().to_string(),
                leanest: answer.leanest.map(|entrant| entrant.name().to_string()),
                take: answer.take.name().to_string(),
                why,
            })
        })
        .collect()
}

/// What the rule makes of the candidates of one question.
struct Answer<'a> {
    quickest: &'a Entrant,
    leanest: Option<&'a Entrant>,
    take: &'a Entrant,
    /// Who is slower than the quickest, and by how much; the least slow first.
    slower: Vec<(&'a Entrant, Ratio)>,
    /// Who ran too seldom to tell whether it is slower.
    untold: Vec<&'a Entrant>,
    /// Who tied with the quickest and was left by each of the steps in turn.
    by_memory: Vec<&'a Entrant>,
    by_cpu: Vec<&'a Entrant>,
    by_simplicity: Vec<&'a Entrant>,
}

impl<'a> Answer<'a> {
    /// `None` unless there is something to choose between.
    fn find(results: &Results, candidates: &[&'a Entrant]) -> Option<Self> {
        let by_median = |a: &&&Entrant, b: &&&Entrant| a.median().total_cmp(&b.median());
        let quickest = *candidates.iter().min_by(by_median)?;
        if candidates.len() < 2 {
            return None;
        }
        let (mut tied, mut slower, mut untold) = (vec![quickest], Vec::new(), Vec::new());
        for &candidate in candidates {
            if candidate.name() == quickest.name() {
                continue;
            }
            let ratio = results.ratio(candidate, quickest);
            match told_apart(candidate, quickest, &ratio) {
                Told::Slower => slower.push((candidate, ratio)),
                Told::Tied => tied.push(candidate),
                Told::TooFewRounds => untold.push(candidate),
            }
        }
        slower.sort_by(|(_, a), (_, b)| a.median.total_cmp(&b.median));

        // Where somebody's memory is not known, it cannot decide.
        let known = tied.iter().all(|entrant| entrant.bytes().is_some());
        let by_memory = leave_out(&mut tied, |entrant, least| {
            let bytes = |entrant: &Entrant| entrant.bytes().unwrap_or(0) as f64;
            let more = bytes(entrant) - bytes(least);
            let order = bytes(entrant).total_cmp(&bytes(least));
            (order, known && more >= 1e6 && more >= 0.1 * bytes(least))
        });
        let by_cpu = leave_out(&mut tied, |entrant, least| {
            let order = entrant.cpu().total_cmp(&least.cpu());
            (order, entrant.cpu() >= 1.1 * least.cpu())
        });
        // Candidates are listed with the simplest first.
        let simplicity = |entrant: &&Entrant| {
            candidates.iter().position(|c| c.name() == entrant.name())
        };
        tied.sort_by_key(simplicity);
        let take = tied.remove(0);
        let leanest = candidates
            .iter()
            .filter(|entrant| entrant.bytes().is_some());
        Some(Answer {
            quickest,
            leanest: leanest.min_by_key(|entrant| entrant.bytes()).copied(),
            take,
            slower,
            untold,
            by_memory,
            by_cpu,
            by_simplicity: tied,
        })
    }

    /// Why it is taken, step by step as the rule goes.
    fn reason(&self) -> String {
        let take = self.take.name();
        let mut clauses = Vec::new();
        if let Some((next, ratio)) = self.slower.first() {
            let slower = names(self.slower.iter().map(|(entrant, _)| entrant.name()));
            let times = format::number(ratio.median);
            clauses.push(match self.slower.len() {
                1 => format!("{slower} takes {times} times as long as {}", self.quickest.name()),
                _ => format!(
                    "{slower} are slower than {}, {} the least with {times} times its time",
                    self.quickest.name(),
                    next.name()
                ),
            });
        }
        let least_bytes = self.take.bytes().unwrap_or(0) as f64;
        if let Some(leaner) = self.by_memory.first() {
            let more = leaner.bytes().unwrap_or(0) as f64 - least_bytes;
            clauses.push(format!(
                "{take} is as quick as {} and holds at least {} less",
                names(self.by_memory.iter().map(|entrant| entrant.name())),
                format::bytes(more)
            ));
        }
        if !self.by_cpu.is_empty() {
            clauses.push(format!(
                "{take} takes less CPU time than {}",
                names(self.by_cpu.iter().map(|entrant| entrant.name()))
            ));
        }
        if !self.by_simplicity.is_empty() {
            clauses.push(format!(
                "{} cannot be told from {take}, which is simpler",
                names(self.by_simplicity.iter().map(|entrant| entrant.name()))
            ));
        }
        if !self.untold.is_empty() {
            clauses.push(format!(
                "{} ran too seldom to tell",
                names(self.untold.iter().map(|entrant| entrant.name()))
            ));
        }
        format!("{take}: {}.", clauses.join("; "))
    }
}

enum Told {
    Slower,
    Tied,
    TooFewRounds,
}

/// Whether a candidate is slower than the quickest.
fn told_apart(candidate: &Entrant, quickest: &Entrant, ratio: &Ratio) -> Told {
    let slowest_run = quickest.timing.times.iter().copied().fold(0.0, f64::max);
    let certain = candidate
        .ideal
        .is_some_and(|ideal| ideal > slowest_run * CLEAR);
    if certain || ratio.is_slower() {
        Told::Slower
    } else if ratio.interval.confidence < LEVEL {
        Told::TooFewRounds
    } else {
        Told::Tied
    }
}

/// Takes out of `tied` all that need clearly more than the one that needs least, and returns
/// them, those that need least first.
fn leave_out<'a>(
    tied: &mut Vec<&'a Entrant>,
    compare: impl Fn(&Entrant, &Entrant) -> (Ordering, bool),
) -> Vec<&'a Entrant> {
    tied.sort_by(|a, b| compare(a, b).0);
    let least = tied[0];
    let (stay, mut out): (Vec<_>, Vec<_>) = tied
        .drain(..)
        .partition(|entrant| !compare(entrant, least).1);
    *tied = stay;
    out.sort_by(|a, b| compare(a, b).0);
    out
}

/// Why Python answers otherwise, where the figures bear that out.
fn interpreter_lock(
    results: &Results,
    question: &Question,
    answer: &Answer<'_>,
) -> Option<String> {
    let model = answer.take.model()?;
    let processes = results.page("processes")?;
    let threads = results.page("threads")?;
    let ratio = results.ratio(processes, threads);
    let as_quick = !results.ratio(threads, processes).is_slower();
    if question.workload != Workload::HeavyCalculation
        || model == Model::Processes
        || model == Model::Sequential
        || !as_quick
    {
        return None;
    }
    let (times, more) = (
        format::number(ratio.median),
        processes.bytes()? as f64 / threads.bytes()? as f64,
    );
    (more > 1.1).then(|| {
        format!(
            "Python needs processes here, because its interpreter lock lets one thread run at \
             a time. Rust has no such lock: its threads use all cores; the processes took \
             {times} times their time and {} times their memory.",
            format::number(more)
        )
    })
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format::list(&names.collect::<Vec<_>>())
}
