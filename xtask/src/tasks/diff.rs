//! `cargo xtask diff`: a page beside its twin in Python, or what differs between two pages.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use console::Term;

use crate::catalogue::index::{self, Row};
use crate::catalogue::search::{self, Entry, Quality, Search, Word};
use crate::catalogue::{self, Page};
use crate::racers::build::root;
use crate::show::stdout;
use crate::tasks::flags::Diff;

pub fn run(flags: &Diff) -> Result<ExitCode> {
    let rows = index::rows()?;
    let pages = catalogue::pages()?;
    let mut found = Vec::new();
    match &flags.what[..] {
        [one, other, workload] => {
            found.push(page_of(&pages, one, workload)?);
            found.push(page_of(&pages, other, workload)?);
        }
        names => {
            for name in names {
                found.push(find(&rows, &pages, name)?);
            }
        }
    }
    match found[..] {
        [page] => with_its_twin(page),
        [one, other] if one.name == other.name => bail!("both are {}", one.name),
        [one, other] => in_one_column(&one.file, &other.file),
        _ => unreachable!("the command line has one to three words"),
    }
}

/// The page of a model that does this work.
fn page_of<'a>(pages: &'a [Page], model: &str, workload: &str) -> Result<&'a Page> {
    let name = format!("{model}-{workload}");
    let page = pages.iter().find(|page| page.name == name);
    // Those on timers have a page for each way to wait in async.
    page.with_context(|| {
        format!(
            "there is no page {}; `cargo xtask list` shows all of them",
            name.escape_debug()
        )
    })
}

/// The page with this name, or the page that matches best, if there is only one.
fn find<'a>(rows: &'a [Row], pages: &'a [Page], typed: &str) -> Result<&'a Page> {
    let matches = best_matches(rows, pages, typed);
    // A page may be in several rows.
    let names: BTreeSet<&str> = matches.iter().map(|page| page.name.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    // An error is one line, also if the name is not.
    let typed = typed.escape_debug();
    match (&matches[..], &names[..]) {
        ([page, ..], [_]) => Ok(page),
        ([], _) => match search::nearest(rows, pages, &typed.to_string()) {
            Some(name) => bail!("there is no page {typed}; did you mean {name}?"),
            None => bail!(
                "there is no page {typed}, and none matches; \
                 `cargo xtask list` shows all of them"
            ),
        },
        (_, names) => {
            let shown = &names[..names.len().min(10)];
            let more = if shown.len() < names.len() {
                ", …"
            } else {
                ""
            };
            bail!(
                "there is no page {typed}; {} pages match: {}{more}",
                names.len(),
                shown.join(", ")
            )
        }
    }
}

/// The first of these that exist:
///
/// - the page of that name;
/// - the pages of the constructs of that name;
/// - the pages with a similar name;
/// - the pages of the rows that match best.
fn best_matches<'a>(rows: &'a [Row], pages: &'a [Page], typed: &str) -> Vec<&'a Page> {
    let word = Word::new(typed);
    let named = |worst: Quality| -> Vec<&Page> {
        let is_good = |page: &&Page| {
            let quality = word.quality_of_page(page);
            quality.is_some_and(|quality| quality <= worst)
        };
        pages.iter().filter(is_good).collect()
    };
    let exact = named(Quality::NameWithModule);
    if !exact.is_empty() {
        return exact;
    }
    let hits = Search::new(rows, pages).find(typed);
    let best = hits.first().map(|hit| hit.quality);
    let similar = named(Quality::BeginningInName);
    if best > Some(Quality::NameInRust) && !similar.is_empty() {
        return similar;
    }
    let mut found = Vec::new();
    for hit in hits.iter().filter(|hit| Some(hit.quality) == best) {
        match hit.entry {
            Entry::Row(row) => found.extend(row.pages(pages)),
            Entry::Page(page) => found.push(page),
        }
    }
    found
}

/// Prints two siblings as git shows a change, with all lines that they share.
fn in_one_column(one: &Path, other: &Path) -> Result<ExitCode> {
    let status = Command::new("git")
        .args(["diff", "--no-index", "--histogram", "--unified=1000", "--"])
        .args([one, other])
        .current_dir(root())
        .status()
        .context("cannot start git, which shows the difference")?;
    // git ends with 1 if they differ.
    match status.code() {
        Some(0 | 1) => Ok(ExitCode::SUCCESS),
        _ => bail!("git diff: {status}"),
    }
}

/// The header, then the code in both languages. A diff would not help: two languages share
/// hardly any line.
fn with_its_twin(page: &Page) -> Result<ExitCode> {
    let Some(twin) = page.twin() else {
        bail!("{} has no twin in Python", page.name);
    };
    let rust = catalogue::read(&page.file)?;
    let python = catalogue::read(&twin)?;
    let header = header(&rust, &python);
    let rust = Listing::new(&page.file, catalogue::below_header(&rust));
    let python = Listing::new(&twin, catalogue::below_docstring(&python));
    let columns = env::var("COLUMNS").ok();
    let width = width(columns.as_deref(), Term::stdout().size_checked());
    stdout::print(&format!("{header}\n\n{}", within(width, &rust, &python)))?;
    Ok(ExitCode::SUCCESS)
}

/// The header of a page as plain text, and what only that of its twin says.
fn header(rust: &str, python: &str) -> String {
    let mut header = plain(&catalogue::header(rust));
    let said: Vec<String> = header.split("\n\n").map(in_one_line).collect();
    let python = catalogue::header_of_twin(python);
    let new: Vec<&str> = python
        .split("\n\n")
        .filter(|paragraph| !paragraph.is_empty())
        // The name of the file stands above its code.
        .filter(|paragraph| !paragraph.starts_with("In Rust: "))
        .filter(|paragraph| !said.contains(&in_one_line(paragraph)))
        .collect();
    if !new.is_empty() {
        header += "\n\nPython docstring:\n";
        header += &new.join("\n\n");
    }
    header
}

/// Markdown without the marks that are noise in a terminal: fences and bold.
fn plain(markdown: &str) -> String {
    let lines: Vec<&str> = markdown
        .lines()
        .filter(|line| !line.starts_with("```"))
        .collect();
    lines.join("\n").replace("**", "")
}

/// A paragraph in one line, so that it does not matter how it was wrapped.
fn in_one_line(paragraph: &str) -> String {
    let words: Vec<&str> = paragraph.split_whitespace().collect();
    words.join(" ")
}

/// The width to print for: `COLUMNS`, else the terminal's, else 80.
fn width(columns: Option<&str>, terminal: Option<(u16, u16)>) -> usize {
    if let Some(columns) = columns.and_then(|columns| columns.parse().ok()) {
        return columns;
    }
    match terminal {
        Some((_, columns)) => usize::from(columns),
        None => 80,
    }
}

/// A file's name, and its code.
struct Listing<'a> {
    file: String,
    code: &'a str,
}

impl<'a> Listing<'a> {
    fn new(file: &Path, code: &'a str) -> Self {
        Listing {
            file: file.display().to_string(),
            code: code.trim_end(),
        }
    }

    /// The name as a heading, then the code.
    fn lines(&self) -> Vec<&str> {
        let mut lines = vec![self.file.as_str(), ""];
        lines.extend(self.code.lines());
        lines
    }

    fn width(&self) -> usize {
        let widths = self.lines().into_iter().map(|line| line.chars().count());
        widths.max().unwrap_or(0)
    }
}

/// The text between two columns.
const BORDER: &str = " │ ";

/// Two listings side by side if the width is enough for all of their lines, else stacked.
fn within(width: usize, left: &Listing, right: &Listing) -> String {
    let needed = left.width() + BORDER.chars().count() + right.width();
    if needed <= width {
        side_by_side(left, right)
    } else {
        stacked([left, right])
    }
}

fn side_by_side(left: &Listing, right: &Listing) -> String {
    let width = left.width();
    let left = left.lines();
    let right = right.lines();
    let mut text = String::new();
    for number in 0..left.len().max(right.len()) {
        let left = left.get(number).unwrap_or(&"");
        let right = right.get(number).unwrap_or(&"");
        let line = format!("{left:width$}{BORDER}{right}");
        text += line.trim_end();
        text += "\n";
    }
    text
}

fn stacked(listings: [&Listing; 2]) -> String {
    let listings =
        listings.map(|Listing { file, code }| format!("── {file} ──\n\n{code}\n"));
    listings.join("\n")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn page(name: &str) -> Page {
        Page {
            name: name.to_owned(),
            is_phrase: true,
            file: PathBuf::new(),
            header: String::new(),
        }
    }

    fn row(python: &str, pages: &[&str]) -> Row {
        Row {
            section: String::new(),
            python: python.to_owned(),
            rust: String::new(),
            pages: pages.iter().map(|&page| page.to_owned()).collect(),
            trap: String::new(),
        }
    }

    #[test]
    fn a_name_opens_its_page_or_the_only_page_of_the_best_match() {
        let pages = ["async-queue", "threads-queue", "gather", "gather-tasks"].map(page);
        let rows = [
            row("`asyncio.gather`", &["gather", "gather-tasks"]),
            row(
                "`asyncio.gather(return_exceptions=True)`",
                &["gather-tasks"],
            ),
            row("`queue.Queue`", &["threads-queue"]),
            row("`asyncio.Queue`, `asyncio.Queue.put`", &["async-queue"]),
        ];
        let find = |name| find(&rows, &pages, name);
        for (name, expected) in [
            ("gather", "gather"),
            ("asyncio.Gather()", "gather"),
            ("return_exceptions", "gather-tasks"),
            ("queue.Queue", "threads-queue"),
            ("asyncio.Queue", "async-queue"),
            ("gather_t", "gather-tasks"),
            ("put", "async-queue"),
        ] {
            assert_eq!(find(name).unwrap().name, expected, "{name}");
        }
        for (name, expected) in [
            (
                "Queue",
                "there is no page Queue; 2 pages match: async-queue, threads-queue",
            ),
            (
                "no\npage",
                "there is no page no\\npage, and none matches; \
                 `cargo xtask list` shows all of them",
            ),
        ] {
            let error = find(name).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), Some(expected));
        }
    }

    const RUST: &str = "\
//! Wait for all,
//! in one task.
//!
//! - **Rust:** `join_all`
//!
//! ```console
//! $ cargo run --example all
//! done
//! ```
//!
//! **Trap:** it never ends.

fn main() {}
";

    #[test]
    fn a_header_that_both_share_is_shown_once_as_plain_text() {
        let python =
            "\"\"\"Wait for all, in one task.\n\nIn Rust: all.rs\n\"\"\"\n\nmain()\n";
        let expected = "\
Wait for all,
in one task.

- Rust: `join_all`

$ cargo run --example all
done

Trap: it never ends.";
        assert_eq!(header(RUST, python), expected);
    }

    #[test]
    fn what_only_the_docstring_says_follows_the_header() {
        let python = "# Needs Python 3.15.\n\"\"\"Wait for all, in one task.\n\n\
            The GIL is\nheld.\n\nIn Rust: all.rs\n\"\"\"\n\nmain()\n";
        let header = header(RUST, python);
        let expected = "Trap: it never ends.\n\n\
            Python docstring:\nNeeds Python 3.15.\n\nThe GIL is\nheld.";
        assert!(header.ends_with(expected), "{header}");
    }

    #[test]
    fn columns_overrides_the_terminal_and_80_is_the_default() {
        assert_eq!(width(Some("90"), Some((24, 132))), 90);
        assert_eq!(width(Some("90"), None), 90);
        assert_eq!(width(Some("wide"), Some((24, 132))), 132);
        assert_eq!(width(None, Some((24, 132))), 132);
        assert_eq!(width(Some(""), None), 80);
        assert_eq!(width(None, None), 80);
    }

    #[test]
    fn listings_stand_side_by_side_only_where_every_line_fits() {
        let left = Listing::new(Path::new("a.rs"), "fn début() {\n    é();\n}\n");
        let right = Listing::new(Path::new("a.py"), "import b\n\nb.c(é)\n");
        let expected = "\
a.rs         │ a.py
             │
fn début() { │ import b
    é();     │
}            │ b.c(é)
";
        assert_eq!(within(23, &left, &right), expected);
        let expected = "\
── a.rs ──

fn début() {
    é();
}

── a.py ──

import b

b.c(é)
";
        assert_eq!(within(22, &left, &right), expected);
    }
}
