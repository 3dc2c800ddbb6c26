//! Results as tables, for the terminal and as Markdown.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Row, Table, presets};

use crate::format;
use crate::judge::results::{Entrant, Results};
use crate::judge::sweep::{Cost, Sweep};
use crate::judge::verdict;
use crate::stats::LEVEL;

const RACE: [&str; 9] = [
    "",
    "median",
    "speed-up",
    "items/s",
    "× ideal",
    "CPU",
    "CPU per item",
    "memory",
    "memory per item",
];

const VERDICT: [&str; 6] = [
    "Is your task ...",
    "and are you using ...",
    "Python's tool",
    "quickest here",
    "leanest here",
    "take",
];

/// One row for each racer, and one for the time that no program can beat.
pub fn race(results: &Results) -> Table {
    let missing = || "–".to_string();
    let mut table = table(RACE);
    for entrant in &results.entrants {
        let speed_up = results.speed_up(entrant).map(|ratio| ratio.median);
        let over = results.ideal.filter(|ideal| *ideal > 0.0);
        let over = over.map(|ideal| entrant.median() / ideal);
        let times = |times: f64| format!("{}×", format::number(times));
        table.add_row([
            entrant.name().to_string(),
            median(entrant),
            speed_up.map_or_else(missing, times),
            format::number(results.throughput(entrant)),
            over.map_or_else(missing, times),
            format::seconds(entrant.cpu()),
            results
                .cpu_per_item(entrant)
                .map_or_else(missing, |cpu| format::signed(cpu, format::seconds)),
            entrant
                .bytes()
                .map_or_else(missing, |bytes| format::bytes(bytes as f64)),
            results
                .memory_per_item(entrant)
                .map_or_else(missing, |bytes| format::signed(bytes, format::bytes)),
        ]);
    }
    if let Some(ideal) = results.ideal {
        table.add_row(["ideal", &format::seconds(ideal)]);
    }
    align_right(&mut table);
    table
}

/// The median in its interval, which says how sure it is where that is less than usual.
pub fn median(entrant: &Entrant) -> String {
    let (median, interval) = (entrant.median(), entrant.interval());
    if interval.confidence == 0.0 {
        return format!("{} (one run)", format::seconds(median));
    }
    let text = format::seconds_in(median, interval.low, interval.high);
    if interval.confidence >= LEVEL {
        return text;
    }
    let percent = format::number(interval.confidence * 100.0);
    text.replace(')', &format!(", {percent} %)"))
}

/// The article's summary, with what was measured beside what it recommends.
pub fn verdict(rows: &[verdict::Row]) -> Table {
    let mut table = table(VERDICT);
    // Sentences may be broken; figures may not.
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(120);
    for row in rows {
        let python = match &row.python_here {
            Some(here) => format!("{}; here: {here}", row.python),
            None => row.python.clone(),
        };
        let leanest = row.leanest.as_deref().unwrap_or("–");
        table.add_row([
            &row.task[..],
            &row.using,
            &python,
            &row.quickest,
            leanest,
            &row.take,
        ]);
    }
    table
}

/// What a run cost, as a table: a row for each model, a column for each size.
pub fn sweep(sweep: &Sweep, cost: &Cost) -> Table {
    let sizes = sweep.sizes();
    let header = sizes.iter().map(|size| format::count(*size));
    let mut table = table([String::new()].into_iter().chain(header));
    for curve in &sweep.curves {
        let costs = curve
            .points
            .iter()
            .map(|point| (cost.of)(point).map_or("–".to_string(), cost.format));
        let limit = curve.limit.iter().map(|limit| limit.what.clone());
        table.add_row([curve.name.clone()].into_iter().chain(costs).chain(limit));
    }
    align_right(&mut table);
    table
}

/// The same table for a README.
pub fn markdown(mut table: Table) -> String {
    table.load_style(presets::ASCII_MARKDOWN);
    table.to_string()
}

fn align_right(table: &mut Table) {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

fn table(header: impl IntoIterator<Item = impl Into<Cell>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(Row::from(header));
    table
}
