//! A race as a table, for the terminal and as Markdown.

use comfy_table::{CellAlignment, Table, presets};

use crate::format;
use crate::race::{self, Timing};
use crate::stats;

/// One row for each racer, and one for the time that no program can beat.
pub fn table(timings: &[Timing], bound: Option<f64>) -> Table {
    let baseline = race::baseline(timings);
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header([
        "",
        "median",
        "min … max",
        "speed-up",
        "CPU time",
        "over the bound",
    ]);
    for timing in timings {
        let median = stats::median(&timing.times);
        table.add_row([
            timing.name.clone(),
            format::seconds(median),
            format!(
                "{} … {}",
                format::seconds(stats::min(&timing.times)),
                format::seconds(stats::max(&timing.times))
            ),
            baseline.map_or("–".to_string(), |baseline| {
                format::times(stats::median(&ratios(baseline, timing)))
            }),
            format::seconds(timing.cpu()),
            bound.map_or("–".to_string(), |bound| {
                let over = format::seconds(median - bound);
                format!("{over} ({})", format::times(median / bound))
            }),
        ]);
    }
    if let Some(bound) = bound {
        table.add_row(["bound", &format::seconds(bound)]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// How many times as long as `timing` the baseline took, in each round.
fn ratios(baseline: &Timing, timing: &Timing) -> Vec<f64> {
    let rounds = baseline.times.iter().zip(&timing.times);
    rounds.map(|(baseline, time)| baseline / time).collect()
}

/// The same table for a README.
pub fn markdown(mut table: Table) -> String {
    table.load_style(presets::ASCII_MARKDOWN);
    format!("{table}\n")
}
