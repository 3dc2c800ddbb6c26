//! A page of the workspace as a chapter of the book: what its header says, its code beside
//! its twin in Python, and what was measured of it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::format;
use crate::judge::comparison::Comparison;
use crate::judge::results::Results;
use crate::racers::catalogue::{self, Page};
use crate::show::outline;
use crate::show::{readme, table};

/// The header of a page, with its neighbours being links.
pub fn header(page: &Page, all: &[Page]) -> Result<String> {
    let header = catalogue::header(&catalogue::read(&page.file)?);
    let paragraphs = header.split("\n\n").map(|paragraph| {
        let names_pages = ["Siblings: ", "Neighbours: "]
            .iter()
            .any(|start| paragraph.starts_with(start));
        if names_pages {
            with_links(paragraph, all)
        } else {
            paragraph.to_owned()
        }
    });
    Ok(paragraphs.collect::<Vec<_>>().join("\n\n"))
}

fn with_links(paragraph: &str, all: &[Page]) -> String {
    let parts = paragraph.split('`').enumerate();
    let parts = parts.map(|(i, part)| {
        let page = all.iter().find(|page| page.name == part);
        match page {
            Some(page) if i % 2 == 1 => {
                format!("[`{part}`]({})", link(page))
            }
            _ if i % 2 == 1 => format!("`{part}`"),
            _ => part.to_owned(),
        }
    });
    parts.collect()
}

/// The code of a page beside that of its twin, each under the name of its file.
pub fn code(page: &Page) -> Result<String> {
    let twin = page
        .twin()
        .with_context(|| format!("{} has no twin in Python", page.name))?;
    let rust = catalogue::read(&page.file)?;
    let python = catalogue::read(&twin)?;
    // It stands above the docstring, where it needs a newer one than the others.
    let needs = python.lines().next().and_then(|line| {
        let needed = line.strip_prefix("# Needs ")?;
        Some(format!(", needs {}", needed.trim_end_matches('.')))
    });
    let rust = catalogue::below_header(&rust);
    let python = catalogue::below_docstring(&python);
    Ok(format!(
        "<div class=\"pair\">\n<div>\n\n{}\n</div>\n<div>\n\n{}\n</div>\n</div>\n",
        listing(&page.file, "", "rust", rust),
        listing(&twin, &needs.unwrap_or_default(), "python", python),
    ))
}

/// A file below its name.
pub fn listing(file: &Path, note: &str, language: &str, code: &str) -> String {
    let (file, code) = (path(file), code.trim_end());
    format!("`{file}`{note}\n\n```{language}\n{code}\n```\n")
}

/// A link to a page, wherever it stands.
pub fn link(page: &Page) -> String {
    format!("/{}", path(&page.file))
}

/// A file of the workspace as links have it.
pub fn path(file: &Path) -> String {
    file.to_string_lossy().replace('\\', "/")
}

/// A file of Rust that is no page: what it says at its top, as Markdown, and its code.
pub fn module(file: &str) -> Result<String> {
    let source = catalogue::read(Path::new(file))?;
    // In documentation a block is Rust unless it says otherwise.
    let mut in_block = false;
    let lines = catalogue::header(&source);
    let lines = lines.lines().map(|line| {
        let opens = line == "```" && !in_block;
        in_block ^= line.starts_with("```");
        if opens { "```rust" } else { line }
    });
    let text = outline::without_items(&lines.collect::<Vec<_>>().join("\n"));
    let code = source.lines().skip_while(|line| line.starts_with("//!"));
    let code = code.collect::<Vec<_>>().join("\n");
    let listing = listing(&PathBuf::from(file), "", "rust", code.trim_start());
    Ok(format!("{text}\n\n{listing}"))
}

/// What was measured of a page: its row, beside the time that no program can beat, and how
/// it did against its twin.
pub fn measured(
    page: &str,
    comparison: &Comparison,
    with_python: &Comparison,
) -> Result<String> {
    let is_its = |results: &&Results| results.workload.pages().contains(&page);
    let results = comparison.races.iter().find(is_its);
    let results = results.with_context(|| format!("there is no race of {page}"))?;
    let name = racer(page, results);
    let mut sheet = table::race(results);
    sheet.rows.retain(|row| row[0] == name || row[0] == "ideal");
    let mut text = format!(
        "{}; how, and what the columns mean, is told with [the race](/README.md#race).\n\n",
        results.title
    );
    let left_out = results.left_out.iter().find(|out| out.name == name);
    match left_out {
        None => text += &sheet.markdown(),
        Some(out) => {
            let ideal = format::roughly(out.ideal);
            text += &format!("Not started: it could not end in less than {ideal}.");
        }
    }
    let mut sheet = readme::beside_python(with_python);
    let row = format!("{}, {name}", results.workload.name());
    sheet.rows.retain(|other| other[0] == row);
    if let (false, Some(results)) =
        (sheet.rows.is_empty(), with_python.races.iter().find(is_its))
    {
        text += &format!(
            "\n\nBeside its twin in Python, {}:\n\n{}",
            results.title,
            sheet.markdown()
        );
    }
    Ok(text)
}

/// The name that a page has in a race.
pub fn racer<'a>(page: &'a str, results: &Results) -> &'a str {
    let workload = format!("-{}", results.workload.name());
    page.strip_suffix(&workload).unwrap_or(page)
}
