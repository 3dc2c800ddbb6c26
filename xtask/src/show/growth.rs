//! What a sweep over sizes found out, as a document.

use crate::format;
use crate::results::sweep::{Cost, Sweep};
use crate::show::document::{Cells, Document, Table};
use crate::show::tables::MISSING;

/// A table for each cost, and where the models reach their limits.
pub fn document(sweep: &Sweep) -> Document {
    let mut document = Document::default();
    let about = sweep.workload.growth().about;
    document.heading(format!("{}: {about}", sweep.workload.name()));
    for cost in sweep.costs() {
        document.heading(&cost.name);
        document.table(table(sweep, &cost));
    }
    for sentence in sweep.sentences() {
        document.paragraph(sentence);
    }
    document
}

/// A row for each model, a column for each size.
pub fn table(sweep: &Sweep, cost: &Cost) -> Table {
    let sizes = sweep.sizes();
    let mut header = vec![String::new()];
    header.extend(sizes.iter().map(|size| format::count(*size)));
    let rows = sweep.curves.iter().map(|curve| {
        let mut row = vec![curve.name.clone()];
        row.extend(sizes.iter().map(|size| {
            let point = curve.points.iter().find(|point| point.size == *size);
            let limit = curve.limit.as_ref().filter(|limit| limit.size == *size);
            match (point, limit) {
                (Some(point), _) => {
                    (cost.of)(point).map_or(MISSING.to_string(), cost.format)
                }
                (None, Some(limit)) => limit.what.name().to_string(),
                (None, None) => String::new(),
            }
        }));
        row
    });
    Table {
        header,
        rows: rows.collect(),
        cells: Cells::Figures,
    }
}
