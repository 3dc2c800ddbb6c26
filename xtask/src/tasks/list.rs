//! `cargo xtask list`: every page with its one-line summary, or those that match some words.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::racers::catalogue::{self, Page, Word};
use crate::show::stdout;
use crate::tasks::flags::List;

pub fn run(flags: &List) -> Result<ExitCode> {
    let pages = catalogue::pages()?;
    if flags.words.is_empty() {
        let all: Vec<&Page> = pages.iter().collect();
        stdout::print(&table(&all))?;
        return Ok(ExitCode::SUCCESS);
    }
    let words: Vec<Word> = flags.words.iter().map(|word| Word::new(word)).collect();
    let hits = catalogue::search(&pages, &words);
    let found: Vec<&Page> = hits.iter().map(|hit| hit.page).collect();
    let rows = rows_without_a_page(&catalogue::read(Path::new("PHRASEBOOK.md"))?, &words);
    if found.is_empty() && rows.is_empty() {
        bail!(
            "no page is about {:?}; without a word, `cargo xtask list` shows all of them",
            flags.words.join(" ")
        );
    }
    let mut text = table(&found);
    if !rows.is_empty() {
        text += "without a page of its own: PHRASEBOOK.md\n";
        for row in rows {
            text += &format!("  {row}\n");
        }
    }
    stdout::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The pages in their order, below the command that runs them.
fn table(pages: &[&Page]) -> String {
    let width = pages.iter().map(|page| page.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for pages in pages.chunk_by(|one, next| one.is_phrase == next.is_phrase) {
        text += match pages[0].is_phrase {
            true => "phrasebook: cargo run --example NAME\n",
            false => "raced, with options: cargo run --bin NAME\n",
        };
        for page in pages {
            text += &format!("  {:width$}  {}\n", page.name, page.summary());
        }
    }
    text
}

/// The rows of the phrasebook's index that match every word and link to no page.
fn rows_without_a_page(index: &str, words: &[Word]) -> Vec<String> {
    let mut found = Vec::new();
    for line in index.lines() {
        let Some(row) = line.strip_prefix("| ") else {
            continue;
        };
        if row.contains("](") || !words.iter().all(|word| word.is_in(row)) {
            continue;
        }
        let row = row.replace("**", "");
        let cells: Vec<&str> = row
            .split('|')
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .collect();
        found.push(cells.join(": "));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn page(name: &str, is_phrase: bool) -> Page {
        Page {
            name: name.to_owned(),
            is_phrase,
            file: PathBuf::new(),
            about: format!("Do {name},\nthen end.\n\n- **Python:** it"),
        }
    }

    #[test]
    fn pages_keep_their_order_below_the_command_that_runs_them() {
        let pages = [
            page("gather", true),
            page("gather-tasks", true),
            page("async-gather", false),
            page("all-tasks", true),
        ];
        let expected = "\
phrasebook: cargo run --example NAME
  gather        Do gather, then end.
  gather-tasks  Do gather-tasks, then end.
raced, with options: cargo run --bin NAME
  async-gather  Do async-gather, then end.
phrasebook: cargo run --example NAME
  all-tasks     Do all-tasks, then end.
";
        assert_eq!(table(&pages.each_ref()), expected);
    }

    #[test]
    fn a_row_without_a_page_is_found_by_all_of_its_words() {
        let index = "| Python | Rust | page | trap |\n|---|---|---|---|\n\
            | `Manager` | **none**; an owner behind a socket | | |\n\
            | `wait_for` | `timeout` | [wait-for](phrasebook/tokio-util/examples/wait-for.rs) | |\n";
        let rows = |words: &[&str]| {
            let words: Vec<Word> = words.iter().map(|word| Word::new(word)).collect();
            rows_without_a_page(index, &words)
        };
        let expected = ["`Manager`: none; an owner behind a socket"];
        assert_eq!(rows(&["multiprocessing.Manager()"]), expected);
        assert_eq!(rows(&["socket", "manager"]), expected);
        assert!(rows(&["socket", "lock"]).is_empty());
        assert!(rows(&["wait-for"]).is_empty());
    }
}
