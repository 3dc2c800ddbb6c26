//! "When to use which", measured: the article's summary table, answered from the results.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::format;
use crate::judge::results::{CLEAR, Entrant, PerJob, Ratio, Results};
use crate::racers::racer::Origin;
use crate::racers::workload::{Model, Workload};
use crate::stats::{self, LEVEL};

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
    /// Who has the shortest median; `None` where there is nothing to choose.
    pub quickest: Option<String>,
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

/// The rows for which at least two candidates were raced, and the one for work that outgrows
/// a machine, if it is known what a queue costs.
pub fn verdict(races: &[Results]) -> Vec<Row> {
    let per_job = races.iter().find_map(|race| race.per_job);
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
                quickest: Some(answer.quickest.name().to_string()),
                leanest: answer.leanest.map(|entrant| entrant.name().to_string()),
                take: answer.take.name().to_string(),
                why,
            })
        })
        .chain(per_job.map(past_one_machine))
        .collect()
}

/// Where one machine is not enough, there is nothing to choose, but something to know: from
/// which length of a job on the queue costs next to nothing.
fn past_one_machine(per_job: PerJob) -> Row {
    let PerJob {
        jobs,
        workers,
        processes,
        machines,
    } = per_job;
    let more = (machines - processes).max(0.0);
    let why = format!(
        "machines: a job keeps a worker for {} beside its own work, in a process pool for {} \
         ({} that do nothing, on {}; without the start of the programs and the server). From \
         jobs of {} on, the queue costs under 5 % more than the pool.",
        format::seconds(machines),
        format::seconds(processes),
        format::counted(u64::from(jobs), "job"),
        format::counted(u64::from(workers), "worker"),
        format::seconds(more / 0.05),
    );
    Row {
        task: "More than one machine carries".to_string(),
        using: "any code".to_string(),
        python: "Dask or Celery".to_string(),
        python_here: None,
        quickest: None,
        leanest: None,
        take: "machines".to_string(),
        why: vec![why],
    }
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
            match told_apart(results, candidate, quickest, &ratio) {
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

#[derive(Debug, PartialEq, Eq)]
enum Told {
    Slower,
    Tied,
    TooFewRounds,
}

/// Whether a candidate is slower than the quickest.
fn told_apart(
    results: &Results,
    candidate: &Entrant,
    quickest: &Entrant,
    ratio: &Ratio,
) -> Told {
    // Waiting cannot be shortened, so that no round is needed to see this.
    let ideal = candidate.ideal.filter(|_| results.workload.waits());
    let longest = stats::max(&quickest.timing.times);
    if ratio.is_slower() || ideal.is_some_and(|ideal| ideal > CLEAR * longest) {
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
    let [sequential, threads, processes] =
        ["sequential", "threads", "processes"].map(|page| results.page(page));
    let (threads, processes) = (threads?, processes?);
    let parallel = results.ratio(sequential?, threads).is_slower();
    let as_quick = !results.ratio(threads, processes).is_slower();
    let shared = matches!(answer.take.model(), Some(Model::Threads | Model::Async));
    if question.workload != Workload::HeavyCalculation
        || !(parallel && as_quick && shared)
    {
        return None;
    }
    let times = format::number(results.ratio(processes, threads).median);
    let memory = processes.bytes()? as f64 / threads.bytes()? as f64;
    Some(format!(
        "Python needs processes here, because its interpreter lock lets one thread run at a \
         time. Rust has no such lock: its threads use all cores. The processes took {times} \
         times their time and {} times their memory.",
        format::number(memory)
    ))
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format::list(&names.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::comparison::Comparison;
    use crate::judge::results::tests::{Sample, results};

    const SIX: [f64; 6] = [1.0, 1.1, 0.9, 1.05, 0.95, 1.0];

    /// The row on CPU work for these racers.
    fn row(samples: &[Sample]) -> Row {
        verdict(&[results(Workload::HeavyCalculation, samples)]).remove(0)
    }

    fn sample(name: &str, factor: f64) -> Sample {
        Sample::new(name, &SIX.map(|time| time * factor))
    }

    #[test]
    fn a_whole_interval_beyond_five_percent_is_slower() {
        let row = row(&[
            sample("threads", 1.0),
            // Slower in each round, though not than the slowest round of threads.
            sample("async", 1.06),
        ]);
        assert_eq!(row.quickest.as_deref(), Some("threads"));
        assert_eq!(row.take, "threads");
        assert_eq!(
            row.why[0],
            "threads: async takes 1.06 times as long as threads."
        );
    }

    #[test]
    fn less_than_five_percent_is_a_tie_and_so_is_one_round_that_says_otherwise() {
        for async_times in [SIX.map(|time| time * 1.04), [1.5, 1.5, 1.5, 1.5, 0.95, 1.5]]
        {
            let row = row(&[
                sample("threads", 1.0).memory(10_000_000),
                Sample::new("async", &async_times).memory(5_000_000),
            ]);
            assert_eq!(row.quickest.as_deref(), Some("threads"));
            assert_eq!(row.take, "async", "{:?}", row.why);
        }
    }

    #[test]
    fn ties_are_told_apart_by_memory_then_cpu_then_simplicity() {
        let tie = |threads: Sample, processes: Sample| {
            let row = row(&[threads, processes]);
            (row.take, row.why[0].clone())
        };
        let threads = || sample("threads", 1.0).memory(20_000_000).cpu(1.0);
        let processes = || sample("processes", 1.0).memory(20_000_000).cpu(1.0);
        let (take, why) = tie(threads(), processes().memory(18_000_000));
        assert_eq!(take, "processes");
        assert_eq!(
            why,
            "processes: processes is as quick as threads and holds at least 2.00 MB less."
        );
        // Under a tenth, or under a megabyte, is no difference.
        assert_eq!(tie(threads(), processes().memory(18_200_000)).0, "threads");
        let small = |sample: Sample, bytes| sample.memory(bytes);
        assert_eq!(
            tie(small(threads(), 1_900_000), small(processes(), 1_000_000)).0,
            "threads"
        );
        let (take, why) = tie(threads().cpu(1.1), processes());
        assert_eq!(take, "processes");
        assert_eq!(
            why,
            "processes: processes takes less CPU time than threads."
        );
        let (take, why) = tie(threads().cpu(1.09), processes());
        assert_eq!(take, "threads");
        assert_eq!(
            why,
            "threads: processes cannot be told from threads, which is simpler."
        );
    }

    #[test]
    fn memory_that_is_not_known_decides_nothing() {
        let row = row(&[
            sample("threads", 1.0).cpu(1.0),
            sample("async", 1.0).memory(1_000_000).cpu(1.0),
        ]);
        assert_eq!(row.take, "threads");
        assert_eq!(row.leanest.as_deref(), Some("async"));
    }

    #[test]
    fn the_leanest_may_be_a_slow_one() {
        let row = row(&[
            sample("sequential", 2.0).memory(1_000_000),
            sample("threads", 1.0).memory(3_000_000),
        ]);
        assert_eq!(row.leanest.as_deref(), Some("sequential"));
        assert_eq!(row.take, "threads");
    }

    #[test]
    fn too_few_rounds_neither_win_nor_tie() {
        let row = row(&[
            sample("threads", 1.0).memory(9_000_000),
            Sample::new("async", &[3.0]).memory(1_000_000),
        ]);
        assert_eq!(row.take, "threads");
        assert_eq!(row.why[0], "threads: async ran too seldom to tell.");
    }

    #[test]
    fn who_has_to_wait_longer_is_slower_after_one_run() {
        let samples = [
            Sample::new("sequential", &[10.0]).ideal(10.0),
            sample("threads", 1.0).ideal(0.5),
        ];
        let verdict = verdict(&[results(Workload::FetchUrl, &samples)]);
        assert_eq!(verdict[0].take, "threads");
        assert_eq!(
            verdict[0].why[0],
            "threads: sequential takes 10.0 times as long as threads."
        );
        // The CPU time of another program is no such bound.
        let row = row(&samples);
        assert_eq!(row.why[0], "threads: sequential ran too seldom to tell.");
    }

    #[test]
    fn among_the_async_ones_the_task_group_is_taken() {
        let pages = ["async-gather", "async-gather-tasks", "async-task-group"];
        let samples = pages.map(|page| sample(page, 1.0).cpu(1.0));
        let verdict = verdict(&[results(Workload::SayAfter, &samples)]);
        assert_eq!(verdict[0].take, "async-task-group");
    }

    #[test]
    fn the_interpreter_lock_is_named_where_the_figures_bear_it_out() {
        let named = |sequential: f64, processes: f64| {
            let row = row(&[
                sample("sequential", sequential).memory(1_000_000),
                sample("threads", 1.0).memory(2_000_000),
                sample("processes", processes).memory(8_000_000),
            ]);
            row.why.get(1).cloned()
        };
        let why = named(2.0, 1.5).unwrap();
        assert!(why.ends_with("took 1.50 times their time and 4.00 times their memory."));
        // Where threads gain nothing, they do not use all cores.
        assert_eq!(named(1.0, 1.5), None);
        // Where processes are the quickest, Python is right.
        assert_eq!(named(2.0, 0.5), None);
    }

    #[test]
    fn one_candidate_is_no_choice_and_python_is_answered_by_itself() {
        assert_eq!(
            verdict(&[results(
                Workload::HeavyCalculation,
                &[sample("threads", 1.0)]
            )]),
            []
        );
        let row = row(&[
            sample("threads", 1.0),
            sample("processes", 2.0),
            sample("python-threads", 90.0),
            sample("python-processes", 50.0),
        ]);
        assert_eq!(row.take, "threads");
        assert_eq!(row.python_here.as_deref(), Some("python-processes"));
    }

    #[test]
    fn what_outgrows_a_machine_has_a_row_where_the_queue_was_measured() {
        let mut race = results(
            Workload::HeavyCalculation,
            &[sample("processes", 1.0), sample("machines", 9.0)],
        );
        assert_eq!(verdict(&[race.clone()]), []);
        race.per_job = Some(PerJob {
            jobs: 2_000,
            workers: 2,
            processes: 0.000_1,
            machines: 0.001_1,
        });
        let row = verdict(&[race]).remove(0);
        assert_eq!((&row.take[..], row.quickest), ("machines", None));
        assert_eq!(
            row.why,
            [
                "machines: a job keeps a worker for 1.10 ms beside its own work, in a process pool \
              for 100 µs (2,000 jobs that do nothing, on 2 workers; without the start of the \
              programs and the server). From jobs of 20.0 ms on, the queue costs under 5 % more \
              than the pool."
            ]
        );
    }

    /// A real race of forty rounds between the threads page, a copy of it, and one that was
    /// made to take a tenth longer. Rounds drawn from it anew, again and again, are races that
    /// might have been: in 19 of 20 of them the copy ties and the slower one is slower.
    #[test]
    fn a_copy_ties_and_a_tenth_is_told() {
        let json = include_str!("../../samples/forty-rounds.json");
        let comparison: Comparison = serde_json::from_str(json).unwrap();
        let race = &comparison.races[0];
        assert_eq!(race.rounds, 40);
        let named = |name: &str| {
            race.entrants
                .iter()
                .find(|entrant| entrant.name() == name)
                .unwrap()
        };
        let mut random = fastrand::Rng::with_seed(40);
        let mut told = |candidate: &Entrant, quickest: &Entrant| {
            let drawn: Vec<usize> = (0..40).map(|_| random.usize(..40)).collect();
            let [candidate, quickest] = [candidate, quickest].map(|entrant| {
                let mut entrant = entrant.clone();
                let times = drawn.iter().map(|round| entrant.timing.times[*round]);
                entrant.timing.times = times.collect();
                entrant
            });
            let ratio = race.ratio(&candidate, &quickest);
            told_apart(race, &candidate, &quickest, &ratio)
        };
        const RACES: usize = 1000;
        let (threads, copy, slower) = (named("threads"), named("copy"), named("slower"));
        let ties = (0..RACES)
            .filter(|_| told(copy, threads) == Told::Tied)
            .count();
        let losses = (0..RACES)
            .filter(|_| told(slower, threads) == Told::Slower)
            .count();
        assert!(ties >= RACES * 19 / 20, "{ties} of {RACES} copies tie");
        assert!(
            losses >= RACES * 19 / 20,
            "{losses} of {RACES} slower ones lose"
        );
    }
}
