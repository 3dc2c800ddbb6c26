//! Results as tables, for the terminal and as Markdown.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::format;
use crate::results::{Entrant, Ratio, Results};
use crate::stats::{self, Interval};
use crate::verdict::Row;

/// One row for each racer, and one for the time that no program can beat.
pub fn race(results: &Results) -> Table {
    let mut table = table();
    table.set_header([
        "",
        "median",
        "speed-up",
        "CPU time",
        "memory",
        "over the bound",
    ]);
    for Entrant { timing, memory, .. } in &results.entrants {
        let median = stats::median(&timing.times);
        let interval = stats::median_interval(&timing.times);
        let speed_up = results.speed_up(timing);
        table.add_row([
            timing.name.clone(),
            bracketed(format::seconds(median), interval, format::seconds),
            speed_up.map_or(missing(), |Ratio { median, interval }| {
                bracketed(
                    format!("{}×", format::number(median)),
                    interval,
                    format::number,
                )
            }),
            format::seconds(timing.cpu()),
            memory.map_or(missing(), format::bytes),
            results
                .bound
                .filter(|bound| *bound > 0.0)
                .map_or(missing(), |bound| {
                    let over = format::seconds(median - bound);
                    format!("{over} ({}×)", format::number(median / bound))
                }),
        ]);
    }
    if let Some(bound) = results.bound {
        table.add_row(["bound", &format::seconds(bound)]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

pub fn verdict(rows: &[Row]) -> Table {
    let mut table = table();
    table.set_header([
        "Is your task ...",
        "and are you using ...",
        "Python's tool",
        "quickest here",
        "margin",
    ]);
    for row in rows {
        table.add_row([row.task, row.using, row.python, &row.here, &row.margin]);
    }
    table
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(110);
    table
}

fn bracketed(value: String, interval: Interval, format: fn(f64) -> String) -> String {
    format!(
        "{value} ({} – {})",
        format(interval.low),
        format(interval.high)
    )
}

fn missing() -> String {
    "–".to_string()
}

/// The same table for a README.
pub fn markdown(mut table: Table) -> String {
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.to_string()
}
