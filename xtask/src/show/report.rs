//! The report: one HTML file that holds all that was measured, in pictures and in words, and
//! the code that it was measured on. It loads nothing from anywhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;
use comfy_table::Table;
use serde::de::DeserializeOwned;

use crate::judge::comparison::{self, Comparison};
use crate::judge::results::Results;
use crate::judge::sweep::{self, Scaling, Sweep};
use crate::racers::pages;
use crate::racers::python::Python;
use crate::racers::workload::{Work, Workload};
use crate::show::files::Folder;
use crate::show::{chart, notes, table};

/// Writes the report on what is in the output folder: the last comparison, the last sweep, or
/// both; and shows it in the browser if that is asked for.
pub fn write(folder: &Folder) -> Result<()> {
    let comparison = read(&folder.path().join(comparison::FILE))?;
    let scaling = read(&folder.path().join(sweep::FILE))?;
    folder.write(FILE, &page(comparison.as_ref(), scaling.as_ref())?)?;
    Ok(())
}

/// The report, in the output folder.
const FILE: &str = "report.html";

/// Says where the report is, and shows it in the browser if that is asked for. That this
/// fails loses nothing.
pub fn announce(folder: &Folder, open_it: bool) {
    let report = folder.path().join(FILE);
    eprintln!("wrote {}", report.display());
    if open_it && let Err(error) = open(&report) {
        eprintln!("warning: {error:#}");
    }
}

fn page(comparison: Option<&Comparison>, scaling: Option<&Scaling>) -> Result<String> {
    let mut body = String::new();
    if let Some(comparison) = comparison {
        body += &summary(comparison);
        body += &comparison.races.iter().map(race).collect::<String>();
        body += &paragraph(&notes::legend());
    }
    if let Some(scaling) = scaling {
        body += &scaling.sweeps.iter().map(sweep_section).collect::<String>();
        body += &paragraph(&scaling.machine.describe());
    }
    body += &code()?;
    let style = include_str!("report.css");
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Concurrency models, side by side</title>\n<style>\n{style}</style>\n\
         </head>\n<body>\n<main>\n<h1>Concurrency models, side by side</h1>\n{body}\
         </main>\n</body>\n</html>\n"
    ))
}

/// Opens the report in the browser.
fn open(report: &Path) -> Result<()> {
    let (program, arguments): (_, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/c", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    let status = Command::new(program).args(arguments).arg(report).status();
    let opened = status.is_ok_and(|status| status.success());
    opened.then_some(()).with_context(|| {
        format!(
            "cannot open {} with {program}; open it in a browser",
            report.display()
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

fn summary(comparison: &Comparison) -> String {
    let mut html = paragraph(&comparison.machine.describe());
    let rows = &comparison.verdict;
    if !rows.is_empty() {
        html += "<h2>When to use which, measured here</h2>\n";
        html += &html_table(&table::verdict(rows), "");
        html += &rows
            .iter()
            .flat_map(|row| &row.why)
            .map(|why| paragraph(why))
            .collect::<String>();
    }
    html
}

fn race(results: &Results) -> String {
    let (name, title) = (results.workload.name(), escape(&results.title));
    let failures = results.failures.iter();
    let failures = failures.map(|failure| {
        paragraph(&format!("Not timed: {} {}", failure.name, failure.message))
    });
    let failures: String = failures.collect();
    if results.entrants.is_empty() {
        return format!("<h2>{name}: {title}</h2>\n{failures}");
    }
    let (rounds, memory) = (chart::rounds(results), chart::memory(results));
    let table = html_table(&table::race(results), "figures");
    let notes: String = notes::notes(results).lines().map(paragraph).collect();
    let commands = results.entrants.iter().map(|entrant| &entrant.command[..]);
    let commands = escape(&commands.collect::<Vec<_>>().join("\n"));
    format!(
        "<h2>{name}: {title}</h2>\n{failures}\
         <figure>{rounds}<figcaption>Every dot is a round, the strokes are the medians, the \
         dashed line is the bound that no program can beat; hollow dots are Python. The scale \
         is logarithmic.</figcaption></figure>\n\
         {table}{notes}\
         <h3>Memory</h3>\n<figure>{memory}</figure>\n\
         <details><summary>The commands</summary><pre>{commands}</pre></details>\n"
    )
}

fn sweep_section(sweep: &Sweep) -> String {
    let (about, _) = Work::about_scaled(sweep.workload);
    let name = sweep.workload.name();
    let mut html = format!("<h2>{name} as it grows</h2>\n{}", paragraph(about));
    for cost in sweep.costs() {
        let name = &cost.name;
        let chart = chart::curves(sweep, &cost);
        let table = html_table(&table::sweep(sweep, &cost), "figures");
        html += &format!("<h3>{name}</h3>\n<figure>{chart}</figure>\n{table}");
    }
    let sentences = [sweep.limits(), sweep.crossovers()].concat();
    let items = sentences
        .iter()
        .map(|line| format!("<li>{}</li>\n", escape(line)));
    html + "<ul>\n" + &items.collect::<String>() + "</ul>\n"
}

/// Every page beside its counterpart in Python.
fn code() -> Result<String> {
    let mut html = String::from("<h2>The code</h2>\n");
    for workload in Workload::value_variants() {
        html += &format!("<h3>{}</h3>\n", workload.name());
        for page in workload.pages() {
            let source = |path: PathBuf| {
                let code = fs::read_to_string(&path);
                code.with_context(|| format!("cannot read {}", path.display()))
            };
            let rust = escape(&source(pages::source(page))?);
            let python = escape(&source(Python::program(page))?);
            html += &format!(
                "<details><summary>{page}</summary><div class=\"pair\">\
                 <div><h4>Rust</h4><pre><code>{rust}</code></pre></div>\
                 <div><h4>Python</h4><pre><code>{python}</code></pre></div></div></details>\n"
            );
        }
    }
    Ok(html)
}

fn html_table(table: &Table, class: &str) -> String {
    let cells = |row: &comfy_table::Row, tag: &str| -> String {
        let cells = row.cell_iter().map(|cell| escape(&cell.content()));
        cells.map(|cell| format!("<{tag}>{cell}</{tag}>")).collect()
    };
    let header = table
        .header()
        .map(|row| cells(row, "th"))
        .unwrap_or_default();
    let rows = table
        .row_iter()
        .map(|row| format!("<tr>{}</tr>\n", cells(row, "td")));
    let rows: String = rows.collect();
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"table\">\
         <table class=\"{class}\">\n<thead><tr>{header}</tr></thead>\n<tbody>\n{rows}</tbody>\n\
         </table></div>\n"
    )
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

/// Text for HTML, in elements and in quoted attributes.
fn escape(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;
    use crate::judge::results::Entrant;
    use crate::judge::sweep::{Curve, Limit, Point};
    use crate::measure::machine::Machine;
    use crate::measure::race::{AGAIN, Timing};

    fn timing(name: &str, times: &[f64]) -> Timing {
        Timing {
            name: name.to_string(),
            times: times.to_vec(),
            user: 0.01,
            system: 0.0,
            least_cpu: 0.0,
        }
    }

    fn comparison() -> Comparison {
        let entrant = |name: &str, times: &[f64]| Entrant {
            timing: timing(name, times),
            memory: Some(1_000_000),
            command: format!("{name} '1:<b>&'"),
        };
        Comparison {
            machine: Machine::look(None),
            races: vec![Results {
                workload: Workload::FetchUrl,
                title: "2 URLs <now>".to_string(),
                entrants: vec![
                    entrant("sequential", &[2.0; 6]),
                    entrant("threads", &[0.5; 6]),
                    entrant("python-threads", &[1.5; 6]),
                ],
                again: Some(timing(&format!("threads{AGAIN}"), &[0.5; 6])),
                bound: Some(0.4),
                failures: vec!["processes ended with signal: 9".to_string()],
            }],
        }
    }

    fn scaling() -> Scaling {
        let point = |size: u64| Point {
            size,
            wall: 0.1,
            cpu: 0.01,
            memory: 1_000,
        };
        let curve = |name: &str, sizes: &[u64], limit| Curve {
            name: name.to_string(),
            points: sizes.iter().copied().map(point).collect(),
            limit,
        };
        let limit = Limit::new(10, "did not end within 10s and was killed".to_string());
        Scaling {
            machine: Machine::look(None),
            sweeps: vec![Sweep {
                workload: Workload::SayAfter,
                curves: vec![
                    curve("sequential", &[1], Some(limit)),
                    curve("threads", &[1, 10], None),
                    curve("async-gather", &[], None),
                ],
            }],
        }
    }

    #[test]
    fn all_that_is_known_is_in_the_report_and_nothing_is_loaded() {
        let html = page(Some(&comparison()), Some(&scaling())).unwrap();
        for text in [
            "When to use which",
            "sequential takes 4.00 times as long",
            "2 URLs &lt;now&gt;",
            "&#39;1:&lt;b&gt;&amp;&#39;",
            "Not timed: processes ended with signal: 9",
            "sequential: at 10, it did not end within 10s",
            "fn heavy_calculation",
            "def heavy_calculation",
        ] {
            assert!(html.contains(text), "{text}");
        }
        assert!(!html.contains("<now>"));
        for loading in ["src=", "href=", "url(", "@import", "<script", "<link"] {
            let (styled, _) = html.split_once("<h2>The code").unwrap();
            assert!(!styled.contains(loading), "{loading}");
        }
        let described = html.matches("<desc>").count();
        assert_eq!(html.matches("<svg ").count(), described);
        assert_eq!(described, 5);
    }

    #[test]
    fn a_report_on_nothing_still_has_the_code() {
        assert!(page(None, None).unwrap().contains("fn fetch_url"));
    }

    /// Chromium parses what this module writes, and lays it out.
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
        let html = page(Some(&comparison()), Some(&scaling())).unwrap();
        // Reports from inside the browser what a reader would see.
        let probe = "<script>document.title = [
            document.querySelectorAll('svg').length,
            [...document.querySelectorAll('svg')].every(svg => svg.getBBox().width > 100),
            document.body.scrollWidth <= innerWidth,
        ].join(' ')</script>";
        let path = file.write("report.html", &(html + probe)).unwrap();
        for width in [1200, 500] {
            let output = Command::new(&browser)
                .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
                .arg(format!(
                    "--user-data-dir={}",
                    folder.join("profile").display()
                ))
                .arg(format!("--window-size={width},900"))
                .arg(format!("file://{}", path.display()))
                .output()
                .unwrap();
            let dom = String::from_utf8_lossy(&output.stdout);
            assert!(
                dom.contains("<title>5 true true</title>"),
                "{width}: {dom:.300}"
            );
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
