//! What stands in the tables.

use crate::format;
use crate::judge::results::{Entrant, Results};
use crate::judge::sweep::{Cost, Sweep};
use crate::judge::verdict;
use crate::measure::memory;
use crate::show::sheet::{Column, Sheet};
use crate::stats::LEVEL;

/// What is not known, or has no meaning there.
const MISSING: &str = "–";

/// The columns of a race, and what they mean.
fn race_columns() -> Vec<Column> {
    let memory = format!("{}: the median of several runs", memory::MEANING);
    let columns = [
        ("", ""),
        (
            "median",
            "the time that half of the runs took at most; in brackets the interval that holds \
             it, by order statistics, with at least 95 % confidence unless it says otherwise",
        ),
        (
            "speed-up",
            "how many times as long the sequential program takes: the median of the rounds' \
             ratios",
        ),
        (
            "items/s",
            "URLs, numbers or sayings that are done in a second",
        ),
        (
            "× ideal",
            "the median divided by the ideal, the time that no program can beat: the waiting \
             that nothing shortens, or the CPU time of the sequential program spread over all \
             cores",
        ),
        (
            "CPU",
            "user and system time of a run, child processes included: the median",
        ),
        (
            "CPU per item",
            "CPU time for each item, over what the sequential program needs",
        ),
        ("memory", &memory),
        (
            "memory per item",
            "memory for each item under way at one time, over what the sequential program needs",
        ),
    ];
    let columns = columns.into_iter();
    columns
        .map(|(name, meaning)| Column::new(name, meaning))
        .collect()
}

/// What the columns of a race mean, in sentences.
pub fn legend() -> String {
    let columns = race_columns().into_iter().skip(1);
    let sentences = columns.map(|Column { name, meaning, .. }| {
        let mut letters = name.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        format!("{}: {meaning}.", first.chain(letters).collect::<String>())
    });
    sentences.collect::<Vec<_>>().join(" ")
}

/// One row for each racer, and one for the time that no program can beat.
pub fn race(results: &Results) -> Sheet {
    let times = |times: f64| format!("{}×", format::number(times));
    let mut rows: Vec<Vec<String>> = Vec::new();
    for entrant in &results.entrants {
        let speed_up = results.speed_up(entrant).map(|ratio| ratio.median);
        let over = results.ideal.filter(|ideal| *ideal > 0.0);
        let over = over.map(|ideal| entrant.median() / ideal);
        let bytes = entrant.bytes().map(|bytes| bytes as f64);
        let cpu_per_item = results.cpu_per_item(entrant);
        let memory_per_item = results.memory_per_item(entrant);
        rows.push(vec![
            entrant.name().to_string(),
            median(entrant),
            known(speed_up, times),
            format::rate(results.throughput(entrant)),
            known(over, times),
            format::seconds(entrant.cpu()),
            known(cpu_per_item, |cpu| format::signed(cpu, format::seconds)),
            known(bytes, format::bytes),
            known(memory_per_item, |bytes| {
                format::signed(bytes, format::bytes)
            }),
        ]);
    }
    let columns = race_columns();
    if let Some(ideal) = results.ideal {
        let mut row = vec!["ideal".to_string(), format::seconds(ideal)];
        row.resize(columns.len(), String::new());
        rows.push(row);
    }
    let medians = results.entrants.iter().map(Entrant::median);
    Sheet {
        columns,
        rows,
        are_figures: true,
        times: medians.chain(results.ideal).collect(),
    }
}

fn known(figure: Option<f64>, format: impl Fn(f64) -> String) -> String {
    figure.map_or_else(|| MISSING.to_string(), format)
}

/// The median in its interval, which says how sure it is where that is less than usual.
pub fn median(entrant: &Entrant) -> String {
    let (median, interval) = (entrant.median(), entrant.interval());
    if entrant.timing.times.len() == 1 {
        return format!("{} (one run)", format::seconds(median));
    }
    let text = format::seconds_in(median, interval.low, interval.high);
    if interval.confidence >= LEVEL {
        return text;
    }
    let confidence = format::percent(interval.confidence);
    text.replace(')', &format!(", {confidence})"))
}

/// The article's summary, with what was measured beside what it recommends.
pub fn verdict(rows: &[verdict::Row]) -> Sheet {
    let columns = [
        ("Is your task ...", ""),
        ("and are you using ...", ""),
        ("take", "what the rule below comes to"),
        ("quickest here", "who has the shortest median time"),
        ("leanest here", "who holds the least memory"),
        ("Python's tool", "what the article recommends for Python"),
    ];
    let columns = columns.map(|(name, meaning)| Column {
        is_answer: name == "take",
        ..Column::new(name, meaning)
    });
    let rows = rows.iter().map(|row| {
        let python = match &row.python_here {
            Some(here) => format!("{}; here: {here}", row.python),
            None => row.python.clone(),
        };
        let leanest = row.leanest.as_deref().unwrap_or(MISSING);
        let cells = [
            &row.task[..],
            &row.using,
            &row.take,
            &row.quickest,
            leanest,
            &python,
        ];
        cells.map(String::from).to_vec()
    });
    Sheet {
        columns: columns.into(),
        rows: rows.collect(),
        are_figures: false,
        times: Vec::new(),
    }
}

/// What a run cost, as a table: a row for each model, a column for each size.
pub fn sweep(sweep: &Sweep, cost: &Cost) -> Sheet {
    let sizes = sweep.sizes();
    let header = sizes
        .iter()
        .map(|size| Column::new(format::count(*size), ""));
    let rows = sweep.curves.iter().map(|curve| {
        let cell = |size: &u64| {
            if let Some(point) = curve.points.iter().find(|point| point.size == *size) {
                return known((cost.of)(point), cost.format);
            }
            let limit = curve.limit.as_ref().filter(|limit| limit.size == *size);
            limit.map_or(String::new(), |limit| limit.what.clone())
        };
        let cells = sizes.iter().map(cell);
        [curve.name.clone()].into_iter().chain(cells).collect()
    });
    Sheet {
        columns: [Column::new("", "")].into_iter().chain(header).collect(),
        rows: rows.collect(),
        are_figures: true,
        times: Vec::new(),
    }
}
