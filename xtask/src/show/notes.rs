//! What a reader of a table should not have to find out alone.

use crate::format;
use crate::judge::results::{CLEAR, Entrant, Results};
use crate::racers::racer::Origin;
use crate::racers::workload::Workload;
use crate::stats::{self, LEVEL};

/// Who was not timed, and why.
pub fn not_timed(results: &Results) -> Vec<String> {
    let failures = results.failures.iter();
    failures
        .map(|failure| format!("Not timed: {} {}", failure.name, failure.message))
        .collect()
}

/// What is to be said of this race.
pub fn notes(results: &Results) -> Vec<String> {
    let notes = [
        left_out,
        rounds,
        instrument,
        below_the_ideal,
        outliers,
        start_up,
        python,
        site,
    ];
    notes.iter().filter_map(|note| note(results)).collect()
}

/// How often each ran, and how sure that makes its interval.
fn rounds(results: &Results) -> Option<String> {
    // Those that ran equally often are told together.
    let mut groups: Vec<(usize, Vec<&Entrant>)> = Vec::new();
    for entrant in &results.entrants {
        let runs = entrant.timing.times.len();
        match groups.iter_mut().find(|(times, _)| *times == runs) {
            Some((_, group)) => group.push(entrant),
            None => groups.push((runs, vec![entrant])),
        }
    }
    groups.sort_by_key(|(runs, _)| std::cmp::Reverse(*runs));
    let share = format::seconds(results.share);
    let clauses = groups.iter().enumerate().map(|(i, (runs, group))| {
        let who = match (i, &group[..]) {
            _ if groups.len() == 1 => "every racer".to_string(),
            (0, group) if group.len() > 3 => "the others".to_string(),
            (_, group) => names(group.iter().map(|entrant| entrant.name())),
        };
        match group[0].interval().confidence {
            0.0 => format!("{who} once, which gives no interval"),
            confidence => {
                let (times, sure) =
                    (format::times(*runs as u64), format::percent(confidence));
                format!("{who} {times}, intervals of {sure} confidence")
            }
        }
    });
    let mut clauses: Vec<_> = clauses.collect();
    // "The others" are named last.
    clauses.reverse();
    let clauses = clauses.join("; ");
    (!groups.is_empty()).then(|| {
        format!("Runs: {clauses}. No racer's share of the time is more than {share}.")
    })
}

/// Whether racers seem to differ from themselves.
fn instrument(results: &Results) -> Option<String> {
    let Some(ratio) = results.instrument() else {
        let blocks = "Each racer ran in a block of its own, so that no rounds can be paired: the \
                      ratios are those of the medians, and less sure.";
        return results.seed.is_none().then(|| blocks.to_string());
    };
    let (interval, twins) = (ratio.interval, results.twins.len());
    let found = format::times_in(ratio.median, interval.low, interval.high);
    let in_pairs = format::counted(twins as u64, "pair");
    if interval.confidence < LEVEL {
        return Some(format!(
            "Instrument: not checked; {in_pairs} of runs of the same racer are too few (later by \
             earlier: {found})."
        ));
    }
    if interval.low > CLEAR || interval.high < 1.0 / CLEAR {
        return Some(format!(
            "WARNING: the instrument tells a racer from itself. In {in_pairs} of runs of the same \
             racer the later took {found} the time of the earlier: do not trust differences of \
             this race."
        ));
    }
    Some(format!(
        "Instrument: in {in_pairs} of runs of the same racer the later took {found} the time of \
         the earlier."
    ))
}

/// Who was not started.
fn left_out(results: &Results) -> Option<String> {
    let clauses = results.left_out.iter().map(|out| {
        let ideal = format::seconds(out.ideal);
        format!("{}, which could not end in less than {ideal}", out.name)
    });
    let clauses: Vec<_> = clauses.collect();
    let share = format::seconds(results.share);
    let base = match (&results.one_item, results.workload.item()) {
        (Some(_), item) => format!(
            " What others need over the sequential program is over what it needs for one {item}."
        ),
        (None, _) => String::new(),
    };
    (!clauses.is_empty()).then(|| {
        format!(
            "Not started, because a racer's share is {share} (--share): {}.{base}",
            clauses.join("; ")
        )
    })
}

/// Nobody is shown below the ideal without a word.
fn below_the_ideal(results: &Results) -> Option<String> {
    let below =
        |entrant: &&Entrant| entrant.ideal.is_some_and(|ideal| entrant.median() < ideal);
    let below: Vec<_> = results.entrants.iter().filter(below).collect();
    let why = match results.workload {
        Workload::HeavyCalculation => {
            "the ideal is the sequential program's CPU time spread over the cores, which varies \
             from run to run as well, and a program in another language or with another loop \
             can need less of it"
        }
        Workload::FetchUrl | Workload::SayAfter => {
            "it cannot have waited as long as it was told to"
        }
    };
    (!below.is_empty()).then(|| {
        let names = names(below.iter().map(|entrant| entrant.name()));
        format!("Below its ideal: {names}; {why}.")
    })
}

fn outliers(results: &Results) -> Option<String> {
    let outliers = results.entrants.iter().filter_map(|entrant| {
        let outliers = stats::outliers(&entrant.timing.times);
        let outliers: Vec<_> = outliers.into_iter().map(format::seconds).collect();
        (!outliers.is_empty())
            .then(|| format!("{} {}", entrant.name(), outliers.join(", ")))
    });
    let outliers: Vec<_> = outliers.collect();
    (!outliers.is_empty()).then(|| {
        let outliers = outliers.join("; ");
        format!(
            "Far from the other rounds, probably because something else was running: {outliers}."
        )
    })
}

fn start_up(results: &Results) -> Option<String> {
    let (processes, sequential) =
        (results.page("processes")?, results.page("sequential")?);
    let ratio = results.ratio(processes, sequential);
    ratio.is_slower().then(|| {
        let times = format::number(ratio.median);
        format!(
            "Starting processes outweighs the work at this size: they take {times} times as \
             long as the sequential program."
        )
    })
}

fn python(results: &Results) -> Option<String> {
    let ratios = results.entrants.iter().filter_map(|python| {
        let Origin::Python(page) = &python.origin else {
            return None;
        };
        let ratio = results.ratio(python, results.page(page)?);
        let times =
            format::times_in(ratio.median, ratio.interval.low, ratio.interval.high);
        Some(format!("{} {times}", python.name()))
    });
    let ratios: Vec<_> = ratios.collect();
    (!ratios.is_empty()).then(|| {
        format!(
            "So many times as long as its twin in Rust takes: {}.",
            ratios.join(", ")
        )
    })
}

/// The site shares the cores with the racers.
fn site(results: &Results) -> Option<String> {
    let share = format::percent(results.site?);
    Some(format!(
        "The demo site ran beside them on the same cores, and kept one busy for {share} of the \
         time of the rounds."
    ))
}

/// `a`, `a and b`, `a, b and c`.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format::list(&names.collect::<Vec<_>>())
}
