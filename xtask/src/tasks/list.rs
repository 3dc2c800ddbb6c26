//! `cargo xtask list`: every page with its title, or what the phrasebook has for a name.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::catalogue::index::{self, Row};
use crate::catalogue::search::{self, Entry, Hit, Name, Quality, Search};
use crate::catalogue::{self, Page};
use crate::show::stdout;
use crate::tasks::flags::List;

pub fn run(flags: &List) -> Result<ExitCode> {
    let rows = index::rows()?;
    let pages = catalogue::pages()?;
    if flags.words.is_empty() {
        stdout::print(&everything(&rows, &pages))?;
        return Ok(ExitCode::SUCCESS);
    }
    let words: Vec<Name> = flags.words.iter().map(|word| Name::new(word)).collect();
    let hits = Search::new(&rows, &pages).find(&words);
    if hits.is_empty() {
        bail!("{}", nothing_found(&rows, &pages, &flags.words.join(" ")));
    }
    stdout::print(&found(&hits, &pages))?;
    Ok(ExitCode::SUCCESS)
}

fn nothing_found(rows: &[Row], pages: &[Page], typed: &str) -> String {
    let hint = match search::nearest(rows, pages, typed) {
        Some(name) => format!("did you mean {name}?"),
        None => "without a word, `cargo xtask list` shows all of them".to_owned(),
    };
    format!("no page is about {typed:?}; {hint}")
}

/// The pages that are raced, then those of the phrasebook by the sections of its index.
fn everything(rows: &[Row], pages: &[Page]) -> String {
    let raced: Vec<&Page> = pages.iter().filter(|page| !page.is_phrase).collect();
    let mut text = format!("raced: cargo run --bin NAME\n{}", table(&raced));
    let mut listed = Vec::new();
    for rows in rows.chunk_by(|one, next| one.section == next.section) {
        let mut its_pages = Vec::new();
        for page in rows.iter().flat_map(|row| row.pages(pages)) {
            if page.is_phrase && !listed.contains(&&page.name) {
                listed.push(&page.name);
                its_pages.push(page);
            }
        }
        if !its_pages.is_empty() {
            text += &format!("\n{}: cargo run --example NAME\n", rows[0].section);
            text += &table(&its_pages);
        }
    }
    text
}

/// The rows whose names match, each with its pages and its trap; then the titles of pages
/// that only mention the words. If no name matches, mentions are shown in full.
fn found(hits: &[Hit], pages: &[Page]) -> String {
    let is_in_name = |hit: &Hit| hit.quality <= Quality::BeginningInName;
    let has_names = hits.iter().any(is_in_name);
    let mut text = String::new();
    let mut mentioned = Vec::new();
    for hit in hits {
        match hit.entry {
            Entry::Row(row) if is_in_name(hit) || !has_names || row.pages.is_empty() => {
                text += &block(row, pages);
                text.push('\n');
            }
            Entry::Row(row) => mentioned.extend(row.pages(pages)),
            Entry::Page(page) => mentioned.push(page),
        }
    }
    if !mentioned.is_empty() {
        text += "mentioned in\n";
        text += &table(&without_repetitions(mentioned));
        text.push('\n');
    }
    text += "cargo run --example PAGE runs a page, cargo xtask diff PAGE shows it beside Python's\n";
    text
}

/// For instance
///
/// ```text
/// asyncio.sleep
///   Rust: tokio::time::sleep
///   Page: sleep: Wait for some time without holding a thread.
///   Trap: rounds up to whole milliseconds
/// ```
fn block(row: &Row, pages: &[Page]) -> String {
    let mut text = format!("{}\n  Rust: {}\n", row.python, row.rust);
    for page in row.pages(pages) {
        text += &format!("  Page: {}: {}\n", page.name, page.summary());
    }
    if !row.trap.is_empty() {
        text += &format!("  Trap: {}\n", row.trap);
    }
    text.replace('`', "")
}

fn without_repetitions(pages: Vec<&Page>) -> Vec<&Page> {
    let mut once: Vec<&Page> = Vec::new();
    for page in pages {
        if !once.iter().any(|listed| listed.name == page.name) {
            once.push(page);
        }
    }
    once
}

/// Names and titles.
fn table(pages: &[&Page]) -> String {
    let width = pages.iter().map(|page| page.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for page in pages {
        text += &format!("  {:width$}  {}\n", page.name, page.summary());
    }
    text
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
            header: format!("Title of {name},\nin two lines.\n\n- **Python:** it"),
        }
    }

    fn row(section: &str, python: &str, pages: &[&str], trap: &str) -> Row {
        Row {
            section: section.to_owned(),
            python: python.to_owned(),
            rust: "`join!`".to_owned(),
            pages: pages.iter().map(|&page| page.to_owned()).collect(),
            trap: trap.to_owned(),
        }
    }

    fn pages() -> Vec<Page> {
        vec![
            page("async-gather", false),
            page("gather", true),
            page("gather-tasks", true),
            page("sleep", true),
        ]
    }

    #[test]
    fn without_words_every_page_stands_in_the_section_that_names_it_first() {
        let rows = [
            row("asyncio", "`gather`", &["gather-tasks", "async-gather"], ""),
            row("asyncio", "`gather`", &["gather", "gather-tasks"], ""),
            row("time", "`sleep`", &["sleep", "gather"], ""),
            row("Left out", "`Policy`", &[], ""),
        ];
        let expected = "\
raced: cargo run --bin NAME
  async-gather  Title of async-gather, in two lines.

asyncio: cargo run --example NAME
  gather-tasks  Title of gather-tasks, in two lines.
  gather        Title of gather, in two lines.

time: cargo run --example NAME
  sleep  Title of sleep, in two lines.
";
        assert_eq!(everything(&rows, &pages()), expected);
    }

    #[test]
    fn a_row_is_shown_with_its_pages_and_its_trap_and_a_mention_by_its_title() {
        let rows = [
            row("asyncio", "`sleep`", &["sleep"], "stops `gather`"),
            row(
                "asyncio",
                "`gather`",
                &["gather", "gather-tasks"],
                "drops it",
            ),
            row("Left out", "`gather.policy`", &[], ""),
        ];
        let pages = pages();
        let hits = Search::new(&rows, &pages).find(&[Name::new("asyncio.gather")]);
        let expected = "\
gather
  Rust: join!
  Page: gather: Title of gather, in two lines.
  Page: gather-tasks: Title of gather-tasks, in two lines.
  Trap: drops it

gather.policy
  Rust: join!

mentioned in
  async-gather  Title of async-gather, in two lines.
  sleep         Title of sleep, in two lines.

cargo run --example PAGE runs a page, cargo xtask diff PAGE shows it beside Python's
";
        assert_eq!(found(&hits, &pages), expected);
    }

    #[test]
    fn without_a_name_that_matches_a_mention_is_shown_in_full() {
        let rows = [row("asyncio", "`sleep`", &["sleep"], "drops the rest")];
        let pages = pages();
        let hits = Search::new(&rows, &pages).find(&[Name::new("rest")]);
        assert!(found(&hits, &pages).starts_with("sleep\n  Rust: join!\n"));
    }

    #[test]
    fn a_mistyped_word_gets_a_hint() {
        let rows = [row("asyncio", "`asyncio.gather`", &["gather"], "")];
        let hint = nothing_found(&rows, &[], "gahter");
        assert_eq!(
            hint,
            "no page is about \"gahter\"; did you mean asyncio.gather?"
        );
    }
}
