//! Results as tables, for the terminal and as Markdown.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Row, Table, presets};

use crate::format;
use crate::judge::results::{Entrant, Results};
use crate::judge::stats;
use crate::judge::sweep::{Cost, Sweep};
use crate::judge::verdict;

const RACE: [&str; 6] = [
    "",
    "median",
    "speed-up",
    "CPU time",
    "memory",
    "over the bound",
];

const VERDICT: [&str; 5] = [
    "Is your task ...",
    "and are you using ...",
    "Python's tool",
    "quickest here",
    "margin",
];

/// One row for each racer, and one for the time that no program can beat.
pub fn race(results: &Results) -> Table {
    let mut table = table(RACE);
    for Entrant { timing, memory, .. } in &results.entrants {
        let missing = || "–".to_string();
        let median = stats::median(&timing.times);
        let speed_up = results.speed_up(timing);
        let over = results.bound.filter(|bound| *bound > 0.0).map(|bound| {
            let (over, times) = (median - bound, median / bound);
            format!("{} ({}×)", format::seconds(over), format::number(times))
        });
        table.add_row([
            timing.name.clone(),
            format::seconds_in(median, stats::median_interval(&timing.times)),
            speed_up.map_or_else(missing, |ratio| {
                format::times_in(ratio.median, ratio.interval)
            }),
            format::seconds(timing.cpu()),
            memory.map_or_else(missing, |bytes| format::bytes(bytes as f64)),
            over.unwrap_or_else(missing),
        ]);
    }
    if let Some(bound) = results.bound {
        table.add_row(["bound", &format::seconds(bound)]);
    }
    align_right(&mut table);
    table
}

/// The article's summary, with what was measured beside what it recommends.
pub fn verdict(rows: &[verdict::Row]) -> Table {
    let mut table = table(VERDICT);
    // Sentences may be broken; figures may not.
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(110);
    for row in rows {
        table.add_row([row.task, row.using, &row.python, &row.here, &row.margin]);
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
            .map(|point| (cost.format)((cost.of)(point)));
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
