//! What a reader of a table should not have to find out alone.

use crate::format;
use crate::judge::results::{Ratio, Results};
use crate::judge::stats;
use crate::measure::memory;
use crate::measure::race::AGAIN;
use crate::racers::workload::PYTHON;

/// What the columns of all tables mean.
pub fn legend() -> String {
    format!(
        "In brackets: the interval of the median, by order statistics. Speed-up: sequential by \
         this one, the median of the rounds' ratios. CPU time: the mean of the rounds, child \
         processes included. Memory: {}, in a run of its own. Bound: what no program can beat.\n",
        memory::MEANING
    )
}

/// What is to be said of this race.
pub fn notes(results: &Results) -> String {
    let notes = [rounds, noise, outliers, start_up, python];
    let notes = notes.into_iter().filter_map(|note| note(results));
    notes.map(|note| note + "\n").collect()
}

fn rounds(results: &Results) -> Option<String> {
    let rounds = &results.entrants.first()?.timing.times;
    let sure = stats::median_interval(rounds).confidence * 100.0;
    let count = rounds.len();
    Some(format!(
        "Rounds: {count}. The intervals are {sure:.0} % sure."
    ))
}

fn noise(results: &Results) -> Option<String> {
    let noise = results.noise()? * 100.0;
    let name = results.again.as_ref()?.name.trim_end_matches(AGAIN);
    Some(format!(
        "Noise: {name}, raced against itself, seems to differ by up to {noise:.1} %."
    ))
}

fn outliers(results: &Results) -> Option<String> {
    let timings = results.entrants.iter().map(|entrant| &entrant.timing);
    let outliers: Vec<_> = timings
        .filter_map(|timing| {
            let outliers = stats::outliers(&timing.times)
                .into_iter()
                .map(format::seconds);
            let outliers: Vec<_> = outliers.collect();
            (!outliers.is_empty())
                .then(|| format!("{} {}", timing.name, outliers.join(", ")))
        })
        .collect();
    (!outliers.is_empty()).then(|| {
        let outliers = outliers.join("; ");
        format!(
            "Far from the other rounds, probably because something else was running: {outliers}."
        )
    })
}

fn start_up(results: &Results) -> Option<String> {
    let (processes, sequential) =
        (results.timing("processes")?, results.timing("sequential")?);
    let times = Ratio::new(processes, sequential);
    // Only where that is sure: noise alone can make one seem slower.
    (times.interval.low > 1.0).then(|| {
        let times = format::number(times.median);
        format!(
            "Starting processes outweighs the work at this size: they take {times} times as \
             long as the sequential program."
        )
    })
}

fn python(results: &Results) -> Option<String> {
    let timings = results.entrants.iter().map(|entrant| &entrant.timing);
    let ratios = timings.filter_map(|python| {
        let name = python.name.strip_prefix(PYTHON)?;
        let ratio = Ratio::new(python, results.timing(name)?);
        let times = format::times_in(ratio.median, ratio.interval);
        Some(format!("{name} {times}"))
    });
    let ratios: Vec<_> = ratios.collect();
    (!ratios.is_empty()).then(|| {
        format!(
            "Rust is so many times as quick as Python: {}.",
            ratios.join(", ")
        )
    })
}
