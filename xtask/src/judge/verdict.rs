//! "When to use which", measured: the article's summary table, filled from the results.

use crate::format;
use crate::judge::results::{Ratio, Results};
use crate::judge::stats;
use crate::measure::race::Timing;
use crate::racers::workload::{PYTHON, Workload};

/// A row of the table.
pub struct Row {
    /// Is your task ...
    pub task: &'static str,
    /// ... and are you using ...
    pub using: &'static str,
    /// What the article recommends for Python; and the quickest there, if it was raced.
    pub python: String,
    /// The quickest here, or those between which there is no clear winner.
    pub here: String,
    /// By how much.
    pub margin: String,
    /// Why Rust's answer is another than Python's, if it is.
    pub why: Option<&'static str>,
}

struct Question {
    task: &'static str,
    using: &'static str,
    python: &'static str,
    workload: Workload,
    candidates: &'static [&'static str],
    /// Which of them is what Python would use, and why Rust may answer otherwise.
    otherwise: Option<(&'static str, &'static str)>,
}

const QUESTIONS: [Question; 4] = [
    Question {
        task: "CPU-bound",
        using: "any code",
        python: "ProcessPoolExecutor",
        workload: Workload::HeavyCalculation,
        candidates: &["sequential", "threads", "processes", "async"],
        otherwise: Some((
            "processes",
            "CPU-bound: Python needs processes because its interpreter lock lets one thread \
             run at a time. Rust has no such lock: its threads use all cores, start sooner \
             than processes, and share memory instead of copying it. The async page hands \
             the work to the same threads.",
        )),
    },
    Question {
        task: "I/O-bound",
        using: "a blocking library",
        python: "ThreadPoolExecutor",
        workload: Workload::FetchUrl,
        candidates: &["sequential", "threads", "processes"],
        otherwise: None,
    },
    Question {
        task: "I/O-bound",
        using: "an async library, or any",
        python: "asyncio",
        workload: Workload::FetchUrl,
        candidates: &["sequential", "threads", "processes", "async"],
        otherwise: Some((
            "async",
            "I/O-bound: a thread of Rust's waits as well as a task does, as long as there are \
             not too many: no interpreter lock makes threads wait for each other. What async \
             saves is the memory of a stack for every one that waits.",
        )),
    },
    Question {
        task: "Waiting for timers",
        using: "an async library",
        python: "TaskGroup or gather",
        workload: Workload::SayAfter,
        candidates: &["async-gather", "async-gather-tasks", "async-task-group"],
        otherwise: None,
    },
];

/// The rows for which enough was raced.
pub fn verdict(races: &[Results]) -> Vec<Row> {
    let row = |question: &Question| {
        let results = races
            .iter()
            .find(|race| race.workload == question.workload)?;
        let candidates = question.candidates.iter().map(|name| name.to_string());
        let (quickest, margin) = answer(results, candidates)?;
        let in_python = question
            .candidates
            .iter()
            .map(|name| format!("{PYTHON}{name}"));
        let python = match answer(results, in_python) {
            Some((quickest, _)) => {
                format!("{}; measured: {}", question.python, names(&quickest))
            }
            None => question.python.to_string(),
        };
        let why = question
            .otherwise
            .filter(|(python, _)| quickest != [*python]);
        Some(Row {
            task: question.task,
            using: question.using,
            python,
            here: names(&quickest),
            margin,
            why: why.map(|(_, why)| why),
        })
    };
    QUESTIONS.iter().filter_map(row).collect()
}

fn names(quickest: &[&str]) -> String {
    match quickest {
        [winner] => winner.to_string(),
        tied => format!("no clear winner: {}", tied.join(", ")),
    }
}

/// The quickest of the candidates and all that cannot be told apart from it; and the margin
/// to the next. A racer is clearly slower if the interval of the ratios says so by more than
/// the noise.
fn answer(
    results: &Results,
    candidates: impl Iterator<Item = String>,
) -> Option<(Vec<&str>, String)> {
    let noise = results.noise()?;
    let mut timings: Vec<&Timing> = Vec::new();
    timings.extend(candidates.filter_map(|name| results.timing(&name)));
    timings.sort_by(|a, b| stats::median(&a.times).total_cmp(&stats::median(&b.times)));
    let (quickest, others) = timings.split_first()?;
    let next = others.first()?;

    let tied = others.iter().filter(|other| {
        let interval = Ratio::new(other, quickest).interval;
        interval.confidence < 0.95 || interval.low <= 1.0 + noise
    });
    let names = [quickest]
        .into_iter()
        .chain(tied)
        .map(|timing| &timing.name[..]);
    // Medians and ratios may disagree where there is much noise.
    let margin = match Ratio::new(next, quickest).median.max(1.0) {
        ratio if ratio < 2.0 => format!("{:.1} % longer", (ratio - 1.0) * 100.0),
        ratio => format!("{} times as long", format::number(ratio)),
    };
    let (next, noise) = (&next.name, noise * 100.0);
    let few = if quickest.times.len() < 6 {
        "; too few rounds to tell"
    } else {
        ""
    };
    let margin = format!("{next} takes {margin} (noise: {noise:.1} %{few})");
    Some((names.collect(), margin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::results::Entrant;
    use crate::measure::race::AGAIN;

    fn timing(name: &str, times: &[f64]) -> Timing {
        Timing {
            name: name.to_string(),
            times: times.to_vec(),
            user: 0.0,
            system: 0.0,
            least_cpu: 0.0,
        }
    }

    fn row(timings: &[(&str, [f64; 6])], again: (&str, [f64; 6])) -> Row {
        let entrants = timings.iter().map(|(name, times)| Entrant {
            timing: timing(name, times),
            memory: None,
            command: String::new(),
        });
        let results = Results {
            workload: Workload::HeavyCalculation,
            title: String::new(),
            entrants: entrants.collect(),
            again: Some(timing(&format!("{}{AGAIN}", again.0), &again.1)),
            bound: None,
            failures: Vec::new(),
        };
        verdict(&[results]).remove(0)
    }

    #[test]
    fn a_margin_beyond_the_noise_wins() {
        let threads = [1.0, 1.0, 1.0, 2.0, 1.0, 1.0];
        let row = row(
            &[
                ("sequential", [4.0; 6]),
                ("threads", threads),
                // Slower in each round, though not than the slowest round of threads.
                ("processes", threads.map(|time| time * 1.2)),
            ],
            ("threads", threads.map(|time| time * 1.01)),
        );
        assert_eq!(row.here, "threads");
        assert_eq!(row.margin, "processes takes 20.0 % longer (noise: 1.0 %)");
        assert!(row.why.unwrap().contains("lock"));
    }

    #[test]
    fn python_s_answer_needs_no_reason() {
        let row = row(
            &[("threads", [1.2; 6]), ("processes", [1.0; 6])],
            ("processes", [1.0; 6]),
        );
        assert_eq!((&row.here[..], row.why), ("processes", None));
    }

    #[test]
    fn a_margin_within_the_noise_does_not_win() {
        let row = row(
            &[
                ("sequential", [2.0; 6]),
                ("threads", [1.0; 6]),
                ("async", [1.04; 6]),
            ],
            ("threads", [0.95; 6]),
        );
        assert_eq!(row.here, "no clear winner: threads, async");
        assert_eq!(row.margin, "async takes 4.0 % longer (noise: 5.3 %)");
    }

    #[test]
    fn a_margin_that_is_not_there_in_every_round_does_not_win() {
        let row = row(
            &[
                ("threads", [1.0; 6]),
                ("async", [1.5, 1.5, 1.5, 1.5, 0.9, 1.5]),
            ],
            ("threads", [1.0; 6]),
        );
        assert_eq!(row.here, "no clear winner: threads, async");
    }
}
