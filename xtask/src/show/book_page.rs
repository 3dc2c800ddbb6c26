//! A page of the workspace as a chapter of the book: what its header says, its code beside
//! its twin in Python, and what was measured of it.

use std::path::Path;

use anyhow::{Context, Result};
use maud::html;

use crate::format;
use race::Entrant;

use crate::racers::catalogue::{self, Page};
use crate::racers::pages;
use crate::racers::racer::Origin;
use crate::results::comparison::{Comparison, WorkRace};
use crate::results::timelines::{Panel, Timelines};
use crate::results::trace::Timeline;
use crate::show::outline;
use crate::show::{document, timeline};

/// What is kept of what was measured.
pub struct Measured {
    pub comparison: Comparison,
    pub with_python: Comparison,
    pub timelines: Timelines,
}

/// The header of a page, with its neighbours being links.
pub fn header(page: &Page, all: &[Page]) -> Result<String> {
    let header = catalogue::header(&catalogue::read(&page.file)?);
    let paragraphs = header.split("\n\n").map(|paragraph| {
        let starts = ["Siblings: ", "Neighbours: "];
        match starts.iter().any(|start| paragraph.starts_with(start)) {
            true => with_links(paragraph, all),
            false => paragraph.to_owned(),
        }
    });
    Ok(paragraphs.collect::<Vec<_>>().join("\n\n"))
}

/// Makes a link of every name of a page that stands between backticks.
fn with_links(paragraph: &str, all: &[Page]) -> String {
    let parts = paragraph.split('`').enumerate().map(|(i, part)| {
        if i % 2 == 0 {
            return part.to_owned();
        }
        match all.iter().find(|page| page.name == part) {
            Some(page) => format!("[`{part}`]({})", link(page)),
            None => format!("`{part}`"),
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
    let listing = listing(Path::new(file), "", "rust", code.trim_start());
    Ok(format!("{text}\n\n{listing}"))
}

/// What ran when in a page, and in its twin if that was recorded, too.
pub fn timeline(page: &'static pages::Page, timelines: &Timelines) -> String {
    let mut panels = timelines.panels.iter();
    let Some(panel) = panels.find(|panel| panel.workload == page.workload) else {
        return String::new();
    };
    let of_page = |timeline: &&Timeline| timeline.origin.page() == Some(page);
    let panel = Panel {
        workload: panel.workload,
        title: panel.title.clone(),
        timelines: panel.timelines.iter().filter(of_page).cloned().collect(),
    };
    match panel.timelines[..] {
        [] => String::new(),
        _ => format!("## What ran when\n\n{}", figure(&panel)),
    }
}

/// Timelines as Markdown takes them: HTML that a blank line would end.
pub fn figure(panel: &Panel) -> String {
    let figure = html! {
        figure { (timeline::figure(panel)) figcaption { (panel.title) } }
    };
    figure.into_string().replace("\n\n", "\n")
}

/// What was measured of a page, in two sentences.
pub fn measured(page: &'static pages::Page, results: &Measured) -> Result<String> {
    let is_its = |race: &&WorkRace| race.work.workload() == page.workload;
    let race = results.comparison.races.iter().find(is_its);
    let race = race.with_context(|| format!("there is no race of {}", page.name))?;
    let mut text = format!(
        "## Measured\n\nIn [the race](/results/README.md) ({}): ",
        document::escaped(&race.work.title())
    );
    match race.page(page.racer) {
        Some(racer) => {
            text += &format::seconds(racer.median());
            if let Some(bytes) = racer.peak() {
                text += &format!(", with {} of memory", format::bytes(bytes as f64));
            }
        }
        None => text += "not timed",
    }
    let mut with_python = results.with_python.races.iter();
    let twin = with_python.find(is_its).and_then(|race| {
        let rust = race.page(page.racer)?;
        let is_twin = |racer: &&Entrant| race.origin(racer) == Origin::Python(page);
        let twin = race.results.timed().find(is_twin)?;
        Some((race, race.results.ratio(twin, rust)))
    });
    text += ".";
    if let Some((race, ratio)) = twin {
        text += &format!(
            " Its twin in Python takes {}× the time ({}).",
            format::number(ratio.estimate),
            document::escaped(&race.work.title())
        );
    }
    Ok(text)
}
