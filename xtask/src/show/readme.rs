//! What the README shows of a race, made from results: between two markers each part that
//! holds a figure, and the pictures.

use anyhow::{Context, Result, bail};
use maud::html;

use crate::format;
use crate::judge::comparison::Comparison;
use crate::judge::results::{Entrant, Results};
use crate::judge::timelines::{Panel, Timelines};
use crate::racers::racer::Origin;
use crate::racers::workload::Workload;
use crate::show::sheet::{Column, Sheet};
use crate::show::{chart, markdown, table, timeline};

/// The parts by their names.
pub fn parts(
    comparison: &Comparison,
    with_python: &Comparison,
    timelines: &Timelines,
) -> Result<[(&'static str, String); 6]> {
    Ok([
        ("timelines", timelines_part(timelines)?),
        ("result", result(comparison)?),
        ("picture", picture(comparison)),
        ("verdict", markdown::verdict(&comparison.verdict)),
        ("race", races(comparison)),
        ("python", python(with_python)),
    ])
}

/// The pictures, for light pages and for dark ones, by the names of their files.
pub fn pictures(
    comparison: &Comparison,
    timelines: &Timelines,
) -> Result<[(&'static str, String); 4]> {
    let race = |colours| chart::picture(&comparison.races, colours);
    let panel = fetching(timelines)?;
    let lanes = |colours| timeline::picture(panel, colours);
    Ok([
        ("timeline-light.svg", lanes(chart::LIGHT)),
        ("timeline-dark.svg", lanes(chart::DARK)),
        ("race-light.svg", race(chart::LIGHT)),
        ("race-dark.svg", race(chart::DARK)),
    ])
}

/// The timelines that the README shows.
fn fetching(timelines: &Timelines) -> Result<&Panel> {
    let mut panels = timelines.panels.iter();
    let panel = panels.find(|panel| panel.workload == Workload::FetchUrl);
    panel.context("there are no timelines of fetch-url")
}

/// Puts the parts where their markers are. Returns the text, and the names of those that
/// were not there yet as they are.
pub fn fill<'a>(
    text: &str,
    parts: &[(&'a str, String)],
) -> Result<(String, Vec<&'a str>)> {
    let mut text = text.to_string();
    let mut changed = Vec::new();
    for (name, part) in parts {
        let (begin, end) = (
            format!("<!-- begin {name} -->"),
            format!("<!-- end {name} -->"),
        );
        let place = || {
            let start = text.find(&begin)? + begin.len();
            Some(start..start + text[start..].find(&end)?)
        };
        let place =
            place().with_context(|| format!("it has no `{begin}` before a `{end}`"))?;
        let part = format!("\n{part}\n");
        if text[place.clone()] != part {
            text.replace_range(place, &part);
            changed.push(*name);
        }
    }
    for marker in text.split("<!-- begin ").skip(1) {
        let name = marker.split(' ').next().unwrap_or_default();
        if !parts.iter().any(|(part, _)| *part == name) {
            bail!("nothing makes its part `{name}`");
        }
    }
    Ok((text, changed))
}

/// In one sentence.
fn result(comparison: &Comparison) -> Result<String> {
    let race = |race: &&Results| race.workload == Workload::FetchUrl;
    let results = comparison.races.iter().find(race);
    let results = results.context("there is no race of fetch-url")?;
    let sequential = results.page("sequential");
    let sequential = sequential.context("the sequential program was not raced")?;
    let mut pages: Vec<_> = results.entrants.iter().collect();
    pages.retain(|entrant| matches!(entrant.origin, Origin::Page(_)));
    pages.retain(|entrant| entrant.name() != sequential.name());
    pages.sort_by(|a, b| a.median().total_cmp(&b.median()));
    let quickest = pages.first().context("nobody raced against it")?;
    let times = results.ratio(sequential, quickest).median;
    let with = |page: &&Entrant| {
        format!("{} with {}", format::seconds(page.median()), page.name())
    };
    let with: Vec<_> = pages.iter().map(with).collect();
    let with: Vec<_> = with.iter().map(String::as_str).collect();
    Ok(format!(
        "**{}: {} one after the other, {}: up to {} times as quick**, on {}.",
        results.title,
        format::seconds(sequential.median()),
        format::list(&with),
        format::number(times),
        format::counted(comparison.machine.cores as u64, "core"),
    ))
}

/// The picture of the race, in the colours of the page around it.
fn picture(comparison: &Comparison) -> String {
    let medians = comparison.races.iter().map(|results| {
        let medians = results.entrants.iter().map(|entrant| {
            let median = format::seconds(entrant.median());
            format!("{} {median}", entrant.name())
        });
        let medians: Vec<_> = medians.collect();
        format!("{}: {}", results.workload.name(), medians.join(", "))
    });
    let medians: Vec<_> = medians.collect();
    let alt = format!(
        "Every run of a race as a dot. Medians of {}.",
        medians.join("; ")
    );
    shown("race", &alt)
}

/// Who did what when, in the colours of the page around it.
fn timelines_part(timelines: &Timelines) -> Result<String> {
    let panel = fetching(timelines)?;
    let alt = format!("{}. {}", panel.title, panel.description());
    Ok(shown("timeline", &alt))
}

/// Two pictures in `results`, of which a browser shows the one that suits the page.
fn shown(name: &str, alt: &str) -> String {
    let markup = html! {
        picture {
            source media="(prefers-color-scheme: dark)" srcset=(format_args!("results/{name}-dark.svg"));
            img src=(format_args!("results/{name}-light.svg")) alt=(alt);
        }
    };
    markup.into_string()
}

/// The table of every race, what is to be said of each, and on what all of it was measured.
fn races(comparison: &Comparison) -> String {
    let races = comparison.races.iter().map(markdown::race);
    let machine = format!("Measured: {}.", comparison.machine.describe());
    let parts: Vec<_> = races.chain([table::legend(), machine]).collect();
    parts.join("\n\n")
}

/// Every page in which things happen at the same time, beside its twin in Python.
pub fn beside_python(comparison: &Comparison) -> Sheet {
    let columns = [
        "",
        "Rust",
        "Python",
        "Python takes",
        "Rust's memory",
        "Python's memory",
    ];
    let mut rows = Vec::new();
    for results in &comparison.races {
        for twin in &results.entrants {
            let Origin::Python(page) = &twin.origin else {
                continue;
            };
            let Some(rust) = results.page(page).filter(|_| page != "sequential") else {
                continue;
            };
            let ratio = results.ratio(twin, rust);
            let memory = |entrant: &Entrant| {
                let bytes = entrant.bytes().map(|bytes| bytes as f64);
                bytes.map_or_else(|| "–".to_string(), format::bytes)
            };
            rows.push(vec![
                format!("{}, {page}", results.workload.name()),
                format::seconds(rust.median()),
                format::seconds(twin.median()),
                table::ratio(&ratio),
                memory(rust),
                memory(twin),
            ]);
        }
    }
    Sheet {
        columns: columns.map(|name| Column::new(name, "")).into(),
        rows,
        are_figures: true,
        times: Vec::new(),
    }
}

/// The same with what was raced and on what.
fn python(comparison: &Comparison) -> String {
    let what = comparison
        .races
        .iter()
        .map(|results| format!("{}: {}", results.workload.name(), results.title));
    let what: Vec<_> = what.collect();
    format!(
        "{}\n\n{}. Measured: {}.",
        beside_python(comparison).markdown(),
        what.join("; "),
        comparison.machine.describe()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::samples;

    fn parts_of(names: &[&'static str]) -> Vec<(&'static str, String)> {
        names
            .iter()
            .map(|name| (*name, format!("new {name}")))
            .collect()
    }

    #[test]
    fn parts_stand_between_their_markers_and_all_else_stays() {
        let text = "top\n<!-- begin a -->old<!-- end a -->\nmiddle\n<!-- begin b --><!-- end b -->\n";
        let (filled, changed) = fill(text, &parts_of(&["a", "b"])).unwrap();
        assert_eq!(
            filled,
            "top\n<!-- begin a -->\nnew a\n<!-- end a -->\nmiddle\n\
             <!-- begin b -->\nnew b\n<!-- end b -->\n"
        );
        assert_eq!(changed, ["a", "b"]);
        let (again, changed) = fill(&filled, &parts_of(&["a", "b"])).unwrap();
        assert_eq!(again, filled);
        assert!(changed.is_empty());
        let one_figure_off = filled.replace("new b", "new c");
        assert_eq!(
            fill(&one_figure_off, &parts_of(&["a", "b"])).unwrap().1,
            ["b"]
        );
    }

    #[test]
    fn markers_that_do_not_fit_the_parts_are_errors() {
        let error = |text: &str| fill(text, &parts_of(&["a"])).unwrap_err().to_string();
        assert_eq!(
            error(""),
            "it has no `<!-- begin a -->` before a `<!-- end a -->`"
        );
        assert_eq!(error("<!-- end a --><!-- begin a -->"), error(""));
        let other = "<!-- begin a --><!-- end a --><!-- begin b --><!-- end b -->";
        assert_eq!(error(other), "nothing makes its part `b`");
    }

    #[test]
    fn the_result_is_a_sentence_with_its_figures() {
        assert_eq!(
            result(&samples::comparison()).unwrap(),
            "**2 URLs <now>: 2.00 s one after the other, 450 ms with threads: up to 4.45 times \
             as quick**, on 2 cores."
        );
        let mut comparison = samples::comparison();
        comparison.races[0].entrants.remove(0);
        assert!(result(&comparison).is_err());
    }

    #[test]
    fn every_twin_in_python_has_a_row() {
        let text = python(&samples::comparison());
        let rows: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("| fetch-url"))
            .collect();
        assert_eq!(rows.len(), 1, "{text}");
        for cell in [
            "threads |",
            " 450 ms |",
            " 1.52 s |",
            " 3.39× (3.10–3.75) |",
            " 4.00 MB |",
            " 30.0 MB |",
        ] {
            assert!(rows[0].contains(cell), "{cell} in {}", rows[0]);
        }
        assert!(text.contains("fetch-url: 2 URLs <now>. Measured: 2026-11-24"));
    }

    #[test]
    fn the_race_is_told_with_its_notes_and_its_machine() {
        let text = races(&samples::comparison());
        for part in [
            "**fetch-url: 2 URLs",
            "| threads ",
            "\n\nNot timed",
            " Not started",
            "Median: ",
            "a processor",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn pictures_differ_in_their_colours_alone() {
        let pictures = pictures(&samples::comparison(), &samples::timelines()).unwrap();
        for [(_, light), (_, dark)] in pictures.as_chunks().0 {
            assert_ne!(light, dark);
            assert_eq!(light.replace(chart::LIGHT, chart::DARK), *dark);
        }
        let part = picture(&samples::comparison());
        assert!(part.contains("sequential 2.00 s, threads 450 ms"), "{part}");
    }

    #[test]
    fn the_timelines_of_fetch_url_are_shown_and_told_in_words() {
        let mut timelines = samples::timelines();
        let part = timelines_part(&timelines).unwrap();
        assert_eq!(
            part,
            "<picture><source media=\"(prefers-color-scheme: dark)\" \
             srcset=\"results/timeline-dark.svg\"><img src=\"results/timeline-light.svg\" \
             alt=\"3 URLs &lt;now&gt;. threads 600 ms: 3 URLs, up to 2 at once, 1 failed.\">\
             </picture>"
        );
        timelines.panels.remove(0);
        let error = timelines_part(&timelines).unwrap_err().to_string();
        assert_eq!(error, "there are no timelines of fetch-url");
    }
}
