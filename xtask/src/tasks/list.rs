//! `cargo xtask list`: every page with its title, or what the phrasebook has for a name.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::catalogue::index::{self, Row};
use crate::catalogue::search::{self, Entry, Hit, Search};
use crate::catalogue::{self, Page};
use crate::show::stdout;
use crate::tasks::flags::List;

/// How many rows are shown in full, and how many pages by their titles.
const MOST_BLOCKS: usize = 5;
const MOST_TITLES: usize = 20;

pub fn run(flags: &List) -> Result<ExitCode> {
    let rows = index::rows()?;
    let pages = catalogue::pages()?;
    if flags.words.is_empty() {
        stdout::print(&everything(&rows, &pages))?;
        return Ok(ExitCode::SUCCESS);
    }
    let typed = flags.words.join(" ");
    let hits = Search::new(&rows, &pages).find(&typed);
    if hits.is_empty() {
        bail!("{}", nothing_found(&rows, &pages, &typed));
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

/// The rows that match best, each with its pages and its trap; then the titles of the pages
/// that match less, and how many rows without a page there are.
fn found(hits: &[Hit], pages: &[Page]) -> String {
    let mut text = String::new();
    let mut shown: Vec<&Page> = Vec::new();
    let mut others: Vec<&Page> = Vec::new();
    let mut blocks = 0;
    let mut rows_left = 0;
    for hit in hits {
        match hit.entry {
            Entry::Row(row) if blocks < MOST_BLOCKS => {
                text += &block(row, pages);
                text.push('\n');
                shown.extend(row.pages(pages));
                blocks += 1;
            }
            Entry::Row(row) if row.pages.is_empty() => rows_left += 1,
            Entry::Row(row) => others.extend(row.pages(pages)),
            Entry::Page(page) => others.push(page),
        }
    }
    let others = without_repetitions(others, &shown);
    if !others.is_empty() {
        text += "see also\n";
        text += &table(&others[..others.len().min(MOST_TITLES)]);
        if others.len() > MOST_TITLES {
            text += &format!("  … and {} more pages\n", others.len() - MOST_TITLES);
        }
        text.push('\n');
    }
    if rows_left > 0 {
        text += &format!("{rows_left} more rows without a page: PHRASEBOOK.md\n\n");
    }
    text += "cargo run --example PAGE runs it, or cargo run --bin PAGE if it is raced;\n\
             cargo xtask diff PAGE shows it beside its twin in Python\n";
    text
}

/// For instance
///
/// ```text
/// asyncio.sleep
///   Rust: tokio::time::sleep
///   Page: sleep (Wait for some time without holding a thread.)
///   Trap: rounds up to whole milliseconds
/// ```
fn block(row: &Row, pages: &[Page]) -> String {
    let label = if row.is_left_out() { "No page" } else { "Rust" };
    let mut text = format!("{}\n  {label}: {}\n", row.python, row.rust);
    for page in row.pages(pages) {
        text += &format!("  Page: {} ({})\n", page.name, page.summary());
    }
    if !row.trap.is_empty() {
        text += &format!("  Trap: {}\n", row.trap);
    }
    text.replace('`', "")
}

/// The pages that are not `shown`, each once.
fn without_repetitions<'a>(pages: Vec<&'a Page>, shown: &[&Page]) -> Vec<&'a Page> {
    let mut once: Vec<&Page> = Vec::new();
    for page in pages {
        let is_there = |listed: &&Page| listed.name == page.name;
        if !once.iter().any(&is_there) && !shown.iter().any(&is_there) {
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
    text.replace('`', "")
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
    fn a_row_is_shown_with_its_pages_and_its_trap_and_the_rest_by_its_titles() {
        let mut rows = vec![
            row("asyncio", "`sleep`", &["sleep"], "stops `gather`"),
            row(
                "asyncio",
                "`gather`",
                &["gather", "gather-tasks"],
                "drops it",
            ),
            row("Left out", "`gather.policy`", &[], ""),
        ];
        for _ in 0..MOST_BLOCKS {
            rows.push(row("asyncio", "`gather.x`", &[], ""));
        }
        let pages = pages();
        let hits = Search::new(&rows, &pages).find("asyncio.gather");
        let text = found(&hits, &pages);
        let begin = "\
gather
  Rust: join!
  Page: gather (Title of gather, in two lines.)
  Page: gather-tasks (Title of gather-tasks, in two lines.)
  Trap: drops it

gather.policy
  No page: join!

gather.x
  Rust: join!

";
        let end = "\
see also
  async-gather  Title of async-gather, in two lines.
  sleep         Title of sleep, in two lines.

2 more rows without a page: PHRASEBOOK.md

cargo run --example PAGE runs it, or cargo run --bin PAGE if it is raced;
cargo xtask diff PAGE shows it beside its twin in Python
";
        assert!(text.starts_with(begin), "{text}");
        assert!(text.ends_with(end), "{text}");
        assert_eq!(text.matches("  Rust: ").count(), MOST_BLOCKS - 1, "{text}");
    }

    #[test]
    fn a_mistyped_word_gets_a_hint() {
        let rows = [row("asyncio", "`asyncio.gather`", &["gather"], "")];
        let hint = nothing_found(&rows, &[], "gahter");
        assert_eq!(hint, "no page is about \"gahter\"; did you mean gather?");
    }
}
