//! A page as a chapter of the book: its header, its code beside its twin in Python, and what
//! was measured of it.

use std::path::Path;

use anyhow::{Context, Result};
use maud::html;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use race::Entrant;

use crate::catalogue::{self, Page};
use crate::format;
use crate::racers::pages;
use crate::racers::racer::Origin;
use crate::racers::work::Workload;
use crate::results::comparison::{Comparison, WorkRace};
use crate::results::timelines::{Panel, Timelines};
use crate::results::trace::Timeline;
use crate::show::{document, timeline};

/// The results that the book shows.
pub struct Measured {
    pub comparison: Comparison,
    pub with_python: Comparison,
    pub timelines: Timelines,
}

/// The chapter of a page that is raced.
pub fn model(
    page: &Page,
    raced: &'static pages::Page,
    all: &[Page],
    results: &Measured,
) -> Result<String> {
    let mut parts = vec![header(page, all)?, code(page)?];
    parts.extend(what_ran_when(raced, &results.timelines));
    parts.extend(measured(raced, results));
    Ok(parts.join("\n\n"))
}

/// The chapter of a page of the phrasebook. The output and the trap are folded, so that a
/// reader can first think about them.
pub fn phrase(page: &Page, all: &[Page]) -> Result<String> {
    let header = header(page, all)?;
    let parts = header.split_once("```console").and_then(|(about, rest)| {
        let (output, rest) = rest.split_once("\n```\n")?;
        let (answer, neighbours) = rest.split_once("\n\nNeighbours: ")?;
        Some([about, output, answer, neighbours])
    });
    let [about, output, answer, neighbours] =
        parts.with_context(|| format!("{} has no output or no neighbours", page.name))?;
    Ok(format!(
        "{about}{}\n\n\
         <details>\n<summary>What does it print?</summary>\n\n\
         ```console{output}\n```\n{answer}\n\n</details>\n\n\
         Neighbours: {neighbours}",
        code(page)?
    ))
}

/// A link to a page, which works in every chapter.
pub fn link(page: &Page) -> String {
    format!("/{}", path(&page.file))
}

/// The path of a file of the workspace, as links have it.
pub fn path(file: &Path) -> String {
    file.to_string_lossy().replace('\\', "/")
}

/// A file below its name.
pub fn listing(file: &Path, language: &str, code: &str) -> String {
    format!("`{}`\n\n{}", path(file), block(language, code))
}

fn block(language: &str, code: &str) -> String {
    format!("```{language}\n{}\n```\n", code.trim_end())
}

/// A Rust file that is not a page: its header as text, then its code.
pub fn module(file: &str) -> Result<String> {
    let source = catalogue::read(Path::new(file))?;
    let header = catalogue::header(&source);
    let code: Vec<_> = source
        .lines()
        .skip_while(|line| line.starts_with("//!"))
        .collect();
    let listing = listing(Path::new(file), "rust", code.join("\n").trim_start());
    Ok(format!("{header}\n\n{listing}"))
}

/// Timelines as a picture with a caption.
pub fn figure(panel: &Panel) -> String {
    let figure = html! {
        figure { (timeline::figure(panel)) figcaption { (panel.title) } }
    };
    // In Markdown, HTML ends at an empty line.
    figure.into_string().replace("\n\n", "\n")
}

/// The header of a page. The names of other pages in it are links.
fn header(page: &Page, all: &[Page]) -> Result<String> {
    let header = catalogue::header(&catalogue::read(&page.file)?);
    let mut paragraphs = Vec::new();
    for paragraph in header.split("\n\n") {
        let starts = ["Siblings: ", "Neighbours: "];
        paragraphs.push(
            match starts.iter().any(|start| paragraph.starts_with(start)) {
                true => with_links(paragraph, all),
                false => paragraph.to_owned(),
            },
        );
    }
    Ok(paragraphs.join("\n\n"))
}

/// Makes a link of every name of a page that stands between backticks.
fn with_links(paragraph: &str, all: &[Page]) -> String {
    let mut text = String::new();
    for (i, part) in paragraph.split('`').enumerate() {
        let is_code = i % 2 == 1;
        if !is_code {
            text += part;
            continue;
        }
        match all.iter().find(|page| page.name == part) {
            Some(page) => text += &format!("[`{part}`]({})", link(page)),
            None => text += &format!("`{part}`"),
        }
    }
    text
}

/// The code of a page beside that of its twin, each below the name of its file.
fn code(page: &Page) -> Result<String> {
    let twin = page
        .twin()
        .with_context(|| format!("{} has no twin in Python", page.name))?;
    let rust = catalogue::read(&page.file)?;
    let rust = format!(
        "`{}`{}\n\n{}",
        path(&page.file),
        playground(page, catalogue::below_header(&rust)),
        block("rust", catalogue::below_header(&rust)),
    );
    let python = catalogue::read(&twin)?;
    let python = format!(
        "`{}`{}\n\n{}",
        path(&twin),
        needed_python(&python),
        block("python", catalogue::below_docstring(&python)),
    );
    Ok(format!(
        "<div class=\"pair\">\n<div>\n\n{rust}\n</div>\n<div>\n\n{python}\n</div>\n</div>\n"
    ))
}

/// The crates, beside std, that the Rust playground has and pages use.
const IN_PLAYGROUND: [&str; 3] = ["tokio", "rayon", "futures-util"];

/// The characters that stay as they are in an address. All others are escaped, so that the
/// address can stand in Markdown.
const UNESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A link that opens the code in the Rust playground, if the playground has the crates that the
/// code needs.
fn playground(page: &Page, code: &str) -> String {
    let needs = page.needs();
    let is_there = |name: &String| IN_PLAYGROUND.contains(&name.as_str());
    if !needs.is_some_and(|needs| needs.iter().all(is_there)) {
        return String::new();
    }
    let code = utf8_percent_encode(code, UNESCAPED);
    format!(
        " ([open in the Rust playground](https://play.rust-lang.org/\
         ?version=stable&mode=debug&edition=2024&code={code}))"
    )
}

/// The version of Python that a twin needs, if its first line names one.
fn needed_python(twin: &str) -> String {
    let first = twin.lines().next().unwrap_or_default();
    match first.strip_prefix("# Needs ") {
        Some(needed) => format!(", needs {}", needed.trim_end_matches('.')),
        None => String::new(),
    }
}

/// The timeline of a page, and of its twin if that has one. `None` if the page has none.
fn what_ran_when(page: &'static pages::Page, timelines: &Timelines) -> Option<String> {
    let workload = Workload::of(page)?;
    let mut panels = timelines.panels.iter();
    let all = panels.find(|panel| panel.workload == workload)?;
    let is_its = |timeline: &&Timeline| timeline.origin.page() == Some(page);
    let panel = Panel {
        workload: all.workload,
        title: all.title.clone(),
        timelines: all.timelines.iter().filter(is_its).cloned().collect(),
    };
    let is_drawn = !panel.timelines.is_empty();
    is_drawn.then(|| format!("## What ran when\n\n{}", figure(&panel)))
}

/// What was measured of a page: a sentence about it, and one about its twin. `None` if it was
/// not raced.
fn measured(page: &'static pages::Page, results: &Measured) -> Option<String> {
    let race = race_of(page, &results.comparison)?;
    let work = race.work.title();
    let its = racer(race, Origin::Page(page));
    let took = match its {
        Some(racer) if racer.is_timed() => took(racer),
        Some(racer) if racer.is_left_out() => {
            let bound = format::roughly(racer.bound.unwrap_or_default());
            format!("was not run: it needs at least {bound}")
        }
        _ => "was not timed".to_owned(),
    };
    let mut text = format!(
        "## Measured\n\nIn [the race](/results/README.md) ({}), this page {took}.",
        document::escaped(&work)
    );
    if let Some((python_work, ratio)) = beside_twin(page, &results.with_python) {
        text += &format!(" Its twin in Python takes {ratio}× as long");
        if python_work != work {
            text += &format!(" ({})", document::escaped(&python_work));
        }
        text += ".";
    }
    Some(text)
}

/// For instance `took 134 ms and 11.3 MB of memory`.
fn took(racer: &Entrant) -> String {
    let time = format::seconds(racer.median());
    match racer.peak() {
        Some(bytes) => {
            format!("took {time} and {} of memory", format::bytes(bytes as f64))
        }
        None => format!("took {time}"),
    }
}

/// How many times as long the twin of a page takes, and at which work. `None` if one of them
/// has no times.
fn beside_twin(
    page: &'static pages::Page,
    comparison: &Comparison,
) -> Option<(String, String)> {
    let race = race_of(page, comparison)?;
    let rust = racer(race, Origin::Page(page)).filter(|racer| racer.is_timed())?;
    let twin = racer(race, Origin::Python(page)).filter(|racer| racer.is_timed())?;
    let ratio = race.results.ratio(twin, rust);
    Some((race.work.title(), format::number(ratio.estimate)))
}

fn race_of<'a>(page: &pages::Page, comparison: &'a Comparison) -> Option<&'a WorkRace> {
    let workload = Workload::of(page)?;
    let mut races = comparison.races.iter();
    races.find(|race| race.work.workload() == workload)
}

fn racer(race: &WorkRace, origin: Origin) -> Option<&Entrant> {
    let mut racers = race.results.racers.iter();
    racers.find(|racer| race.origin(racer) == origin)
}
