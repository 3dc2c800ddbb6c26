//! The report: one HTML file that holds all that was measured, in pictures and in words, and
//! the code that it was measured on. It loads nothing from anywhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::de::DeserializeOwned;

use crate::judge::comparison::{self, Comparison};
use crate::judge::results::Results;
use crate::judge::sweep::{self, Scaling, Sweep};
use crate::judge::timelines::{self, Timelines};
use crate::judge::verdict;
use crate::measure::machine::Machine;
use crate::racers::pages;
use crate::racers::python::Python;
use crate::racers::workload::{Work, Workload};
use crate::show::files::Folder;
use crate::show::{chart, notes, table, timeline};

/// Writes the report on what is in the output folder: the last comparison, the last sweep, or
/// both; and shows it in the browser if that is asked for.
pub fn write(folder: &Folder) -> Result<()> {
    let comparison = read(&folder.path().join(comparison::FILE))?;
    let scaling = read(&folder.path().join(sweep::FILE))?;
    let timelines = read(&folder.path().join(timelines::FILE))?;
    let page = page(comparison.as_ref(), scaling.as_ref(), timelines.as_ref())?;
    folder.write(FILE, &page.into_string())?;
    Ok(())
}

/// The report, in the output folder.
const FILE: &str = "report.html";

/// Whether there is one already.
pub fn is_in(folder: &Folder) -> bool {
    folder.path().join(FILE).exists()
}

/// Says where the report is, and shows it in the browser if that is asked for. That this
/// fails loses nothing.
pub fn announce(folder: &Folder, open_it: bool) {
    announce_file(&folder.path().join(FILE), open_it);
}

/// The same for another page.
pub fn announce_file(page: &Path, open_it: bool) {
    eprintln!("wrote {}", page.display());
    if open_it && let Err(error) = open(page) {
        eprintln!("warning: {error:#}");
    }
}

/// The page, with what to take at its top.
fn page(
    comparison: Option<&Comparison>,
    scaling: Option<&Scaling>,
    timelines: Option<&Timelines>,
) -> Result<Markup> {
    const TITLE: &str = "Concurrency models, side by side";
    let (light, dark) = (chart::LIGHT, chart::DARK);
    let (chart, timeline) = (chart::STYLE, timeline::STYLE);
    let style = format!(
        ":root {{ color-scheme: light dark; {light} }}\n\
         @media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n\
         {}{chart}{timeline}",
        include_str!("report.css")
    );
    let races = comparison.map_or(&[][..], |comparison| &comparison.races);
    let sweeps = scaling.map_or(&[][..], |scaling| &scaling.sweeps);
    let code = code()?;
    Ok(html! {
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
                    @if timelines.is_some() { (link("timelines", "who did what when")) }
                    @for race in races {
                        (link(race.workload.name(), race.workload.name()))
                    }
                    @for sweep in sweeps {
                        @let name = sweep.workload.name();
                        (link(&format!("{name}-as-it-grows"), &format!("{name} as it grows")))
                    }
                    (link("code", "the code"))
                }
                @if let Some(timelines) = timelines { (who_did_what(timelines)) }
                @for results in races { (race(results)) }
                @if let Some(scaling) = scaling {
                    @for sweep in sweeps { (growth(sweep)) }
                    (machine(&scaling.machine))
                }
                (code)
            } }
        }
    })
}

fn link(id: &str, text: &str) -> Markup {
    html! { a href=(format_args!("#{id}")) { (text) } " " }
}

/// A mark behind a heading, to link to what stands below it.
fn anchor(id: &str, text: &str) -> Markup {
    html! {
        " " a.anchor href=(format_args!("#{id}")) aria-label=(format_args!("Link to {text}")) { "#" }
    }
}

fn section(id: &str, text: &str) -> Markup {
    html! { h2 id=(id) { (text) (anchor(id, text)) } }
}

fn subsection(id: &str, text: &str) -> Markup {
    html! { h3 id=(id) { (text) (anchor(id, text)) } }
}

fn machine(machine: &Machine) -> Markup {
    html! { p.faint { "Measured: " (machine.describe()) } }
}

/// Opens a page in the browser.
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

/// `None` if there is no such file. One of an older form is as good as none: it is replaced
/// by the next run.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    if !path.exists() {
        return Ok(None);
    }
    let json = fs::read_to_string(path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(serde_json::from_str(&json).ok())
}

/// What to take, by which rule, and on what that was measured.
fn decision(comparison: &Comparison) -> Markup {
    let rows = &comparison.verdict;
    html! {
        @if !rows.is_empty() {
            (section("verdict", "When to use which, measured here"))
            (table::verdict(rows).html("What to take"))
            p { strong { "The rule. " } (verdict::RULE) }
            ul { @for why in rows.iter().flat_map(|row| &row.why) { li { (why) } } }
        }
        (machine(&comparison.machine))
    }
}

/// A run of each model as a picture.
fn who_did_what(timelines: &Timelines) -> Markup {
    html! {
        (section("timelines", "Who did what when"))
        p {
            "A lane is a thread or a worker process, and a bar in it an item of work. In an async \
             program the lanes are slots: a task is a thin bar, because it keeps no thread while \
             it waits; the lanes below show when the threads were busy. Hollow bars are Python."
        }
        @for panel in &timelines.panels {
            @let name = panel.workload.name();
            (subsection(&format!("{name}-timeline"), &format!("{name}: {}", panel.title)))
            figure { (timeline::figure(panel)) }
        }
        (machine(&timelines.machine))
    }
}

fn race(results: &Results) -> Markup {
    let name = results.workload.name();
    let memory = format!("{name}-memory");
    html! {
        (section(name, &format!("{name}: {}", results.title)))
        @for line in notes::not_timed(results) { p.warning { (line) } }
        @if results.has_times() {
            figure {
                (chart::rounds(results))
                figcaption {
                    "Every dot is a round, the strokes and the figures on the right are the \
                     medians, the dashed line is the ideal: the time that no program can beat. \
                     Hollow dots are Python. The scale is logarithmic."
                }
            }
            (table::race(results).html("Times and memory"))
        }
        @for note in notes::notes(results) {
            @let is_warning = note.starts_with(notes::WARNING);
            p class=[is_warning.then_some("warning")] { (note) }
        }
        @if results.entrants.iter().any(|entrant| entrant.bytes().is_some()) {
            (subsection(&memory, "Memory"))
            figure { (chart::memory(results)) }
        }
        @if results.has_times() {
            (page_of_code(&format!("{name}-commands"), "The commands", &html! {
                pre { @for entrant in &results.entrants { (entrant.command) "\n" } }
            }))
        }
    }
}

fn growth(sweep: &Sweep) -> Markup {
    let (about, _) = Work::about_scaled(sweep.workload);
    let id = format!("{}-as-it-grows", sweep.workload.name());
    html! {
        (section(&id, &format!("{} as it grows", sweep.workload.name())))
        p { (about) "." }
        @for (i, cost) in sweep.costs().iter().enumerate() {
            (subsection(&format!("{id}-{}", i + 1), &cost.name))
            figure { (chart::curves(sweep, cost)) }
            (table::sweep(sweep, cost).html(&cost.name))
        }
        ul {
            @for line in sweep.limits().iter().chain(&sweep.crossovers()) { li { (line) } }
        }
    }
}

/// Every page beside its counterpart in Python.
fn code() -> Result<Markup> {
    let source = |path: PathBuf| {
        let code = fs::read_to_string(&path);
        code.with_context(|| format!("cannot read {}", path.display()))
    };
    let mut pages = Vec::new();
    for workload in Workload::value_variants() {
        for page in workload.pages() {
            let (rust, python) =
                (source(pages::source(page))?, source(Python::program(page))?);
            pages.push((workload, page, rust, python));
        }
    }
    Ok(html! {
        (section("code", "The code"))
        p { "Every page beside its counterpart in Python." }
        @for workload in Workload::value_variants() {
            (subsection(&format!("code-{}", workload.name()), workload.name()))
            @for (_, page, rust, python) in pages.iter().filter(|(of, ..)| *of == workload) {
                (page_of_code(page, page, &html! {
                    div.pair {
                        div { h4 { "Rust" } pre { code { (rust) } } }
                        div { h4 { "Python" } pre { code { (python) } } }
                    }
                }))
            }
        }
    })
}

/// What is shown when it is asked for. The anchor is inside, because that is what lets a
/// browser open it for who follows a link.
fn page_of_code(id: &str, title: &str, content: &Markup) -> Markup {
    html! {
        details {
            summary { (title) (anchor(id, title)) }
            div id=(id) { (content) }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::env;

    use super::*;
    use crate::show::samples;

    fn all() -> String {
        let page = page(
            Some(&samples::comparison()),
            Some(&samples::scaling()),
            Some(&samples::timelines()),
        );
        page.unwrap().into_string()
    }

    #[test]
    fn all_that_is_known_is_in_the_report() {
        let html = all();
        for text in [
            // The decision, the rule, and on what it was measured.
            "When to use which, measured here",
            "<td class=\"answer\" data-label=\"take\">threads</td>",
            "sequential takes 4.45 times as long as threads",
            "All are compared with the quickest.",
            "Measured: 2026-11-24 12:10 UTC",
            "with MALLOC_ARENA_MAX=2",
            // Who did what when, and on what that was seen.
            "fetch-url: 3 URLs &lt;now&gt;",
            "<title>flask: begins at 310 ms, takes 290 ms, done</title>",
            "A lane is a thread or a worker process",
            // The race.
            "2 URLs &lt;now&gt;",
            "Not timed: processes ended with &lt;signal&gt; 9",
            "Not started, because a racer may take 15 s in all (--share): slow, which",
            "Instrument: ",
            "Runs: ",
            "The demo site ran beside them",
            "<td data-label=\"median\">450 ms (400–500)</td>",
            "sequential &#39;1:&lt;b&gt;&amp;&#39;",
            // What grows.
            "sequential: at 10, it did not end within 10s",
            "threads: quicker than sequential ",
            // The code.
            "fn heavy_calculation",
            "def heavy_calculation",
        ] {
            let text = text.replace("&#39;", "'");
            assert!(html.contains(&text), "{text}");
        }
        // What to take comes before all else.
        let verdict = html.find("class=\"answer\"").unwrap();
        assert!(html.find("<svg").unwrap() > verdict);
        assert!(html.find("<nav").unwrap() > verdict);
        // Then the pictures of who did what when.
        let lanes = html.find("<svg class=\"timeline\"").unwrap();
        assert_eq!(html.find("<svg"), Some(lanes));
    }

    #[test]
    fn what_was_found_cannot_write_into_the_page() {
        let hostile = "\"'><script>alert(1)</script><img src=x onerror=y>&amp;";
        let mut comparison = samples::comparison();
        let race = &mut comparison.races[0];
        race.title = hostile.to_string();
        for entrant in &mut race.entrants {
            entrant.timing.name = hostile.to_string();
            entrant.command = hostile.to_string();
        }
        race.entrants[0].origin = crate::racers::racer::Origin::Page(hostile.to_string());
        race.failures[0].name = hostile.to_string();
        race.failures[0].message = hostile.to_string();
        race.left_out[0].name = hostile.to_string();
        comparison.machine.command = hostile.to_string();
        comparison.machine.environment = vec![hostile.to_string()];
        for row in &mut comparison.verdict {
            row.take = hostile.to_string();
            row.why = vec![hostile.to_string()];
            row.python_here = Some(hostile.to_string());
        }
        let mut scaling = samples::scaling();
        scaling.sweeps[0].curves[0].name = hostile.to_string();
        let limit = scaling.sweeps[0].curves[0].limit.as_mut().unwrap();
        (limit.what, limit.message) = (hostile.to_string(), hostile.to_string());
        let mut timelines = samples::timelines();
        for panel in &mut timelines.panels {
            panel.title = hostile.to_string();
            for timeline in &mut panel.timelines {
                timeline.name = hostile.to_string();
                timeline.origin = crate::racers::racer::Origin::Page(hostile.to_string());
                for lane in &mut timeline.lanes {
                    lane.name = hostile.to_string();
                    lane.bars
                        .iter_mut()
                        .for_each(|bar| bar.label = hostile.to_string());
                }
                let threads = timeline.threads.iter_mut();
                threads.for_each(|thread| thread.name = hostile.to_string());
            }
        }
        let html = page(Some(&comparison), Some(&scaling), Some(&timelines))
            .unwrap()
            .into_string();
        assert!(!html.contains("<script") && !html.contains("<img"));
        // Nor can it end an attribute that it stands in.
        assert!(!html.contains("\"\"'>"));
        assert!(html.matches("&lt;script&gt;alert(1)").count() > 20);
        assert!(html.contains("&amp;amp;"));
    }

    #[test]
    fn nothing_is_loaded_from_anywhere() {
        let html = all();
        let (without_code, _) = html.split_once("id=\"code\"").unwrap();
        for loading in [
            "src=", "url(", "@import", "<script", "<link", "<iframe", "http",
        ] {
            assert!(!without_code.contains(loading), "{loading}");
        }
        for link in html.split("href=\"").skip(1) {
            assert!(link.starts_with('#'), "{link:.40}");
        }
    }

    #[test]
    fn every_section_and_every_page_can_be_linked_to() {
        let html = all();
        let values = |attribute: &str| -> Vec<String> {
            let begin = format!(" {attribute}=\"");
            let values = html.split(&begin).skip(1);
            values
                .map(|rest| rest.split('"').next().unwrap().to_string())
                .collect()
        };
        let ids = values("id");
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
        let links: BTreeSet<_> = values("href").into_iter().collect();
        let targets: BTreeSet<_> = ids.iter().map(|id| format!("#{id}")).collect();
        assert_eq!(links, targets);
        for id in [
            "verdict",
            "fetch-url",
            "fetch-url-memory",
            "code",
            "async-gather",
        ] {
            assert!(ids.iter().any(|there| there == id), "{id} in {ids:?}");
        }
        assert_eq!(html.matches("<h2 id=").count(), html.matches("<h2").count());
        assert_eq!(html.matches("<h3 id=").count(), html.matches("<h3").count());
    }

    #[test]
    fn a_warning_is_one_to_see() {
        let mut comparison = samples::comparison();
        assert!(!all().contains("<p class=\"warning\">WARNING"));
        for twin in &mut comparison.races[0].twins {
            twin.second = 2.0 * twin.first;
        }
        let html = page(Some(&comparison), None, None).unwrap().into_string();
        assert!(html.contains("<p class=\"warning\">WARNING: the instrument "));
    }

    #[test]
    fn every_picture_is_there_in_words_as_well() {
        let html = all();
        assert_eq!(html.matches("<svg ").count(), 8);
        assert_eq!(html.matches("<desc>").count(), 8);
    }

    #[test]
    fn who_was_not_timed_is_told_where_nobody_was() {
        let mut comparison = samples::comparison();
        comparison.races[0].entrants.clear();
        comparison.verdict.clear();
        let html = page(Some(&comparison), None, None).unwrap().into_string();
        assert!(html.contains("Not timed: processes ended with"));
        assert!(html.contains("Not started"));
        assert!(!html.contains("<svg") && !html.contains("When to use which"));
    }

    #[test]
    fn a_report_on_nothing_still_has_the_code() {
        let html = page(None, None, None).unwrap().into_string();
        assert!(html.contains("fn fetch_url"));
    }

    #[test]
    fn the_report_is_of_what_is_in_the_folder() {
        let path = env::temp_dir().join(format!("xtask-folder-{}", std::process::id()));
        let folder = Folder::create(path.clone()).unwrap();
        let report = || {
            write(&folder).unwrap();
            fs::read_to_string(path.join(FILE)).unwrap()
        };
        assert!(!report().contains("When to use which"));
        let json = serde_json::to_string(&samples::comparison()).unwrap();
        folder.write(comparison::FILE, &json).unwrap();
        let json = serde_json::to_string(&samples::scaling()).unwrap();
        folder.write(sweep::FILE, &json).unwrap();
        let json = serde_json::to_string(&samples::timelines()).unwrap();
        folder.write(timelines::FILE, &json).unwrap();
        // Not by the words of the test, of which there are many.
        assert!(report() == all());
        // One of another form is as good as none.
        folder.write(comparison::FILE, "{\"races\": 1}").unwrap();
        assert!(!report().contains("When to use which"));
        fs::remove_dir_all(path).unwrap();
    }

    /// What a reader would see, found out inside the browser: "ok", or what is wrong.
    const PROBE: &str = r##"<script>
        const wrong = [];
        const check = (ok, what) => ok || wrong.push(what);
        const all = selector => [...document.querySelectorAll(selector)];
        onload = () => {
            check(all('svg').length === 8, 'not eight pictures');
            check(all('svg.timeline').length === 3, 'not three timelines');
            for (const svg of all('svg.timeline')) {
                const picture = svg.getBoundingClientRect();
                check(picture.width <= innerWidth, 'a timeline is cut off');
                for (const part of svg.querySelectorAll('text, rect')) {
                    const {left, right} = part.getBoundingClientRect();
                    check(left >= picture.left && right <= picture.right + 1,
                        'outside of its timeline: ' + part.textContent);
                }
                // What is drawn smaller must not be too small to read.
                const scale = picture.width / svg.viewBox.baseVal.width;
                const text = svg.querySelector('.heading');
                check(scale * parseFloat(getComputedStyle(text).fontSize) > 8, 'tiny text');
            }
            check(all('svg').every(svg => svg.getBBox().width > 100), 'an empty picture');
            check(document.documentElement.scrollWidth <= innerWidth, 'the page scrolls sideways');
            check(all('.answer').length > 0, 'no answer');
            for (const answer of all('.answer')) {
                const {left, right, height} = answer.getBoundingClientRect();
                check(left >= 0 && right <= innerWidth && height > 0, 'an answer is cut off');
            }
            for (const words of all('.wide').filter(wide => wide.querySelector('.cards')))
                check(words.scrollWidth <= words.clientWidth, 'words scroll sideways');
            for (const wide of all('.wide').filter(wide => wide.scrollWidth > wide.clientWidth))
                check(getComputedStyle(wide).backgroundImage.includes('gradient'), 'no hint');
            const answer = document.querySelector('.answer').getBoundingClientRect();
            check(answer.top < 700, 'the answer is not on the first screen');
            location.hash = '#threads-fetch-url';
            setTimeout(() => {
                const code = document.getElementById('threads-fetch-url');
                check(code.closest('details').open, 'the link does not open the code');
                parent.postMessage(wrong.join(', ') || 'ok', '*');
            }, 100);
        };
    </script>"##;

    /// Chromium parses what this module writes, and lays it out on large screens and small.
    #[test]
    fn a_browser_shows_the_report() {
        let names = ["chromium", "chromium-browser", "google-chrome"].map(String::from);
        let names = env::var("CHROME").into_iter().chain(names);
        let found = |name: &String| {
            Command::new(name)
                .arg("--version")
                .output()
                .is_ok_and(|o| o.status.success())
        };
        let Some(browser) = names.into_iter().find(|name| found(name)) else {
            assert!(env::var_os("REQUIRE_BROWSER").is_none(), "no browser found");
            eprintln!("SKIPPED: no Chromium on this machine (CHROME names one)");
            return;
        };
        let folder = env::temp_dir().join(format!("xtask-report-{}", std::process::id()));
        let file = Folder::create(folder.clone()).unwrap();
        file.write("report.html", &(all() + PROBE)).unwrap();
        for width in [1200, 500, 375] {
            // No window is as narrow as a phone, but a frame is.
            let frame = format!(
                "<title>nothing</title><script>onmessage = e => document.title = e.data</script>\
                 <iframe src=\"report.html\" style=\"width: {width}px; height: 900px; border: 0\">\
                 </iframe>"
            );
            let path = file.write("frame.html", &frame).unwrap();
            let output = Command::new(&browser)
                .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
                .arg("--virtual-time-budget=10000")
                .arg(format!(
                    "--user-data-dir={}",
                    folder.join("profile").display()
                ))
                .arg("--window-size=1300,1000")
                .arg(format!("file://{}", path.display()))
                .output()
                .unwrap();
            let dom = String::from_utf8_lossy(&output.stdout);
            assert!(dom.contains("<title>ok</title>"), "{width}: {dom:.300}");
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
