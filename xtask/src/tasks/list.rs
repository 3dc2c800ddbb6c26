//! `cargo xtask list`: every page with its one-line summary, or those about one thing.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::racers::catalogue::{self, Page};
use crate::show::stdout;
use crate::tasks::flags::List;

pub fn run(flags: &List) -> Result<ExitCode> {
    let mut pages = catalogue::pages()?;
    let mut rows = Vec::new();
    if let Some(word) = &flags.word {
        let word = simple(word);
        pages.retain(|page| is_about(page, &word));
        // Who is named after it comes first.
        pages.sort_by_key(|page| (page.is_phrase, !page.name.contains(&word)));
        rows = rows_without_a_page(&catalogue::read(Path::new("PHRASEBOOK.md"))?, &word);
        if pages.is_empty() && rows.is_empty() {
            bail!(
                "no page is about {:?}; without a word, `cargo xtask list` shows all of them",
                flags.word.as_deref().unwrap_or_default()
            );
        }
    }
    let width = pages.iter().map(|page| page.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (is_phrase, title) in [
        (false, "raced, with options: cargo run --bin NAME"),
        (true, "phrasebook: cargo run --example NAME"),
    ] {
        let mut pages = pages.iter().filter(|page| page.is_phrase == is_phrase);
        let lines: String = pages
            .by_ref()
            .map(|page| format!("  {:width$}  {}\n", page.name, page.summary()))
            .collect();
        if !lines.is_empty() {
            text += &format!("{title}\n{lines}");
        }
    }
    if !rows.is_empty() {
        text += "without a page of its own: PHRASEBOOK.md\n";
        rows.iter().for_each(|row| text += &format!("  {row}\n"));
    }
    stdout::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Whether a page is about a word, by its name or what it says of Python and Rust.
fn is_about(page: &Page, word: &str) -> bool {
    page.name.contains(word) || simple(&page.about).contains(word)
}

/// The rows of the index that name a word and link to no page.
fn rows_without_a_page(index: &str, word: &str) -> Vec<String> {
    let rows = index.lines().filter_map(|line| line.strip_prefix("| "));
    let rows = rows.filter(|row| !row.contains("](") && simple(row).contains(word));
    rows.map(|row| {
        let cells = row.replace("**", "");
        let cells = cells.split('|').map(|cell| cell.trim().to_owned());
        let cells: Vec<_> = cells.filter(|cell| !cell.is_empty()).collect();
        cells.join(": ")
    })
    .collect()
}

/// So that `wait_for`, `wait-for` and `Wait_for` are one.
fn simple(text: &str) -> String {
    text.to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_page_is_told_by_its_row() {
        let index = "| Python | Rust | page | trap |\n|---|---|---|---|\n\
            | `Manager` | **none**; an owner behind a socket | | |\n\
            | `wait_for` | `timeout` | [wait-for](phrasebook/tokio-util/examples/wait-for.rs) | |\n";
        assert_eq!(
            rows_without_a_page(index, "manager"),
            ["`Manager`: none; an owner behind a socket"]
        );
        assert!(rows_without_a_page(index, "wait-for").is_empty());
    }
}
