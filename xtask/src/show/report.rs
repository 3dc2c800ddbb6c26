//! The report: one HTML file with all that was measured, in words and in pictures. It loads
//! nothing from anywhere.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::de::DeserializeOwned;

use crate::results::comparison::{self, Comparison, WorkRace};
use crate::results::sweep::{self, Scaling, Sweep};
use crate::results::timelines::{self, Panel, Timelines};
use crate::show::document::{Block, Document};
use crate::show::files::Folder;
use crate::show::{chart, growth, timeline};
use crate::stderr::say;

/// The report, in the output folder.
const FILE: &str = "report.html";

/// What a report shows. The part that a task has just found is given; the others are those of
/// earlier tasks, from the output folder.
#[derive(Default)]
pub struct Report {
    pub comparison: Option<Comparison>,
    pub scaling: Option<Scaling>,
    pub timelines: Option<Timelines>,
}

impl Report {
    /// What earlier tasks have left in the folder, as far as its form is known.
    pub fn earlier(folder: &Folder) -> Self {
        Report {
            comparison: read(folder, comparison::FILE),
            scaling: read(folder, sweep::FILE),
            timelines: read(folder, timelines::FILE),
        }
    }

    /// What was just compared, and what earlier tasks have left.
    pub fn of_comparison(comparison: &Comparison, folder: &Folder) -> Self {
        Report {
            comparison: Some(comparison.clone()),
            // The timelines of the comparison are newer.
            timelines: None,
            ..Report::earlier(folder)
        }
    }

    /// What was just drawn, and what earlier tasks have left.
    pub fn of_timelines(timelines: Timelines, folder: &Folder) -> Self {
        let mut report = Report::earlier(folder);
        // The timelines of an earlier race are older.
        if let Some(comparison) = &mut report.comparison {
            comparison.timelines.clear();
        }
        report.timelines = Some(timelines);
        report
    }

    /// Writes it to the folder.
    pub fn write(&self, folder: &Folder) -> Result<()> {
        folder.write(FILE, &self.page().into_string())?;
        Ok(())
    }
}

/// Whether there is one already.
pub fn is_in(folder: &Folder) -> bool {
    folder.path().join(FILE).exists()
}

/// Says where the report is, and shows it in the browser if that is asked for.
pub fn announce(folder: &Folder, open_it: bool) {
    announce_file(&folder.path().join(FILE), open_it);
}

/// The same for another HTML file.
pub fn announce_file(page: &Path, open_it: bool) {
    say(&format!("wrote {}", page.display()));
    if open_it && let Err(error) = open(page) {
        say(&format!("warning: {error:#}"));
    }
}

/// Opens an HTML file in the browser.
fn open(page: &Path) -> Result<()> {
    let (program, arguments): (_, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/c", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    let status = Command::new(program).args(arguments).arg(page).status();
    let opened = status.is_ok_and(|status| status.success());
    opened.then_some(()).with_context(|| {
        format!(
            "cannot open {} with {program}; open it in a browser",
            page.display()
        )
    })
}

/// Reads a result. `None` if there is no such file, or if it has an older form: the next run
/// replaces it.
fn read<T: DeserializeOwned>(folder: &Folder, file: &str) -> Option<T> {
    let json = fs::read_to_string(folder.path().join(file)).ok()?;
    serde_json::from_str(&json).ok()
}

impl Report {
    /// The whole document. What to take is at its top.
    fn page(&self) -> Markup {
        const TITLE: &str = "Concurrency models, side by side";
        let (light, dark) = (chart::LIGHT, chart::DARK);
        let style = format!(
            ":root {{ color-scheme: light dark; {light} }}\n\
             @media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n\
             {}{}{}",
            include_str!("report.css"),
            chart::STYLE,
            timeline::STYLE,
        );
        let comparison = self.comparison.as_ref();
        let races = comparison.map_or(&[][..], |comparison| &comparison.races);
        let sweeps = self
            .scaling
            .as_ref()
            .map_or(&[][..], |scaling| &scaling.sweeps);
        let panels = self.panels();
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (TITLE) }
                    style { (PreEscaped(style)) }
                }
                body { main {
                    h1 { (TITLE) }
                    @if let Some(comparison) = comparison { (decision(comparison)) }
                    nav aria-label="Sections" {
                        @if !panels.is_empty() { (link("timelines", "what ran when")) }
                        @for race in races {
                            @let name = race.work.workload().name();
                            (link(name, name))
                        }
                        @for sweep in sweeps {
                            @let name = sweep.workload.name();
                            (link(&growth_id(sweep), &format!("{name} as it grows")))
                        }
                    }
                    @if !panels.is_empty() { (what_ran_when(panels)) }
                    @for race in races { (self::race(race)) }
                    @for sweep in sweeps { (growth(sweep)) }
                    @if let Some(scaling) = &self.scaling {
                        p.faint { "Measured: " (scaling.provenance.describe()) "." }
                    }
                } }
            }
        }
    }

    /// The timelines that are newer: those of the race, or those that `timeline` drew.
    fn panels(&self) -> &[Panel] {
        let of_race = self.comparison.as_ref().map_or(&[][..], |it| &it.timelines);
        let Some(timelines) = &self.timelines else {
            return of_race;
        };
        let date_of_race = self.comparison.as_ref().map(|it| &it.provenance.date);
        let is_newer = date_of_race.is_none_or(|date| timelines.provenance.date >= *date);
        if is_newer || of_race.is_empty() {
            &timelines.panels
        } else {
            of_race
        }
    }
}

fn link(id: &str, text: &str) -> Markup {
    html! { a href=(format_args!("#{id}")) { (text) } " " }
}

/// A heading with a mark to link to it.
fn section(id: &str, text: &str) -> Markup {
    html! { h2 id=(id) { (text) (anchor(id, text)) } }
}

fn subsection(id: &str, text: &str) -> Markup {
    html! { h3 id=(id) { (text) (anchor(id, text)) } }
}

fn anchor(id: &str, text: &str) -> Markup {
    html! {
        " " a.anchor href=(format_args!("#{id}")) aria-label=(format_args!("Link to {text}")) { "#" }
    }
}

/// What a document says below its heading.
fn body(document: Document) -> Markup {
    let blocks = document.0.into_iter();
    let blocks = blocks.filter(|block| !matches!(block, Block::Heading(_)));
    PreEscaped(Document(blocks.collect()).html())
}

/// What to take, and on what that was measured.
fn decision(comparison: &Comparison) -> Markup {
    use crate::show::tables::{decision, meaning, measured};
    let decision = decision(comparison);
    html! {
        @if !decision.0.is_empty() {
            (section("decision", "When to use which, measured here"))
            (body(decision))
        }
        (body(Document(vec![meaning()])))
        p.faint { (measured(comparison)) }
    }
}

/// A run of each model as a picture.
fn what_ran_when(panels: &[Panel]) -> Markup {
    html! {
        (section("timelines", "What ran when"))
        p {
            "A lane is a thread or a worker process, and a bar in it an item of work. In an async \
             program the lanes are slots: a task is a thin bar, because it keeps no thread while \
             it waits; the lanes below show when the threads were busy. Hollow bars are Python."
        }
        @for panel in panels {
            @let name = panel.workload.name();
            (subsection(&format!("{name}-timeline"), &format!("{name}: {}", panel.title)))
            figure { (timeline::figure(panel)) }
        }
    }
}

fn race(race: &WorkRace) -> Markup {
    let name = race.work.workload().name();
    html! {
        (section(name, &format!("{name}: {}", race.work.title())))
        (body(crate::show::tables::race(race)))
        @if race.has_times() {
            figure {
                (chart::rounds(race))
                figcaption {
                    "A dot is a round, a stroke the median, the dashed line the least bound. \
                     Hollow dots are Python. The scale is logarithmic."
                }
            }
        }
    }
}

fn growth_id(sweep: &Sweep) -> String {
    format!("{}-as-it-grows", sweep.workload.name())
}

fn growth(sweep: &Sweep) -> Markup {
    let id = growth_id(sweep);
    html! {
        (section(&id, &format!("{} as it grows", sweep.workload.name())))
        @for (i, cost) in sweep.costs().iter().enumerate() {
            @let table = Document(vec![Block::Table(growth::table(sweep, cost))]);
            (subsection(&format!("{id}-{}", i + 1), &cost.name))
            figure { (chart::curves(sweep, cost)) }
            (body(table))
        }
        ul { @for sentence in sweep.sentences() { li { (sentence) } } }
    }
}

#[cfg(test)]
mod tests;
