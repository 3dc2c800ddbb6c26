//! A race as Markdown, for its file and for the README.

use crate::judge::results::Results;
use crate::judge::verdict::{self, Row};
use crate::show::{notes, table};

/// The table of a race, and all that is to be said of it.
pub fn race(results: &Results) -> String {
    let title = format!("**{}: {}**", results.workload.name(), results.title);
    let table = results.has_times().then(|| table::race(results).markdown());
    let notes = [notes::not_timed(results), notes::notes(results)].concat();
    let parts = [Some(title), table, Some(notes.join(" "))];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    parts.join("\n\n")
}

/// The verdict, why it is as it is, and the rule by which it was found.
pub fn verdict(rows: &[Row]) -> String {
    let table = table::verdict(rows).markdown();
    let reasons = rows
        .iter()
        .flat_map(|row| row.why.iter().map(String::as_str));
    let reasons: Vec<_> = reasons.collect();
    format!(
        "{table}\n\n{}\n\nThe rule: {}",
        reasons.join(" "),
        verdict::RULE
    )
}
