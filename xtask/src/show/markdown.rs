//! A race as Markdown, for its file and for the README.

use crate::judge::results::Results;
use crate::judge::verdict::{self, Row};
use crate::show::{notes, table};

/// The table of a race, and all that is to be said of it.
pub fn race(results: &Results) -> String {
    let title = format!("**{}: {}**", results.workload.name(), results.title);
    let table = results.has_times().then(|| table::race(results).markdown());
    let notes = [notes::not_timed(results), notes::notes(results)].concat();
    let notes = notes.iter().map(|note| format!("- {note}\n")).collect();
    let parts = [Some(title), table, Some(notes)];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    parts.join("\n\n").trim_end().to_string()
}

/// The verdict, why it is as it is, and the rule by which it was found.
pub fn verdict(rows: &[Row]) -> String {
    let table = table::verdict(rows).markdown();
    let reasons = rows.iter().flat_map(|row| &row.why);
    let reasons: String = reasons.map(|why| format!("- {why}\n")).collect();
    format!("{table}\n\n{reasons}\nThe rule: {}", verdict::RULE)
}
