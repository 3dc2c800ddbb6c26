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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::samples;

    #[test]
    fn a_race_is_its_title_its_table_and_what_is_to_be_said() {
        let mut results = samples::race();
        let text = race(&results);
        let parts: Vec<_> = text.split("\n\n").collect();
        assert_eq!(parts.len(), 3, "{text}");
        assert_eq!(parts[0], "**fetch-url: 2 URLs <now>**");
        assert_eq!(parts[1], table::race(&results).markdown());
        assert!(
            parts[2]
                .starts_with("Not timed: processes ended with <signal> 9. Not started, ")
        );
        assert!(!parts[2].contains('\n'), "{text}");
        // Where nobody was timed there is no table of nothing.
        results.entrants.clear();
        assert_eq!(race(&results).split("\n\n").count(), 2);
    }

    #[test]
    fn a_verdict_stands_with_its_reasons_and_its_rule() {
        let rows = samples::comparison().verdict;
        let text = verdict(&rows);
        for why in rows.iter().flat_map(|row| &row.why) {
            assert!(text.contains(why), "{why} in {text}");
        }
        assert!(text.starts_with(&table::verdict(&rows).markdown()));
        assert!(text.ends_with(verdict::RULE));
    }
}
