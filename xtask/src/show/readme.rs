//! What the README shows of a race: the pictures, and the parts that hold figures. Each part
//! stands between two markers.

use anyhow::{Context, Result, bail};
use maud::html;

use crate::format;
use crate::racers::racer::Origin;
use crate::racers::work::Workload;
use crate::results::comparison::{Comparison, WorkRace};
use crate::results::decision;
use crate::results::timelines::{Panel, Timelines};
use crate::show::document::{Block, Document};
use crate::show::tables::{beside_python, decision_table, meaning, measured, race};
use crate::show::{chart, timeline};

/// A text that shows results, and its parts by their names.
pub struct Shown {
    pub file: &'static str,
    pub parts: Vec<(&'static str, String)>,
}

/// All of them.
pub fn shown(
    comparison: &Comparison,
    with_python: &Comparison,
    timelines: &Timelines,
) -> Result<[Shown; 3]> {
    Ok([
        Shown {
            file: "README.md",
            parts: vec![
                ("timelines", timelines_part(timelines)?),
                ("result", result(comparison)?),
                ("decision", decision(comparison)),
            ],
        },
        Shown {
            file: "results/README.md",
            parts: vec![
                ("picture", picture(comparison)),
                ("races", races(comparison)),
            ],
        },
        Shown {
            file: "python/README.md",
            parts: vec![("python", python(with_python))],
        },
    ])
}

/// The pictures, for a light and for a dark background, by the names of their files.
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

/// Puts each part between its markers. Returns the text, and the names of the parts that
/// changed.
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

/// The result of the race in one sentence.
fn result(comparison: &Comparison) -> Result<String> {
    let mut races = comparison.races.iter();
    let race = races.find(|race| race.work.workload() == Workload::FetchUrl);
    let race = race.context("there is no race of fetch-url")?;
    let sequential = race.page("sequential");
    let sequential = sequential.context("the sequential program was not raced")?;
    let pages = race.fastest_first().into_iter().filter(|racer| {
        matches!(race.origin(racer), Origin::Page(_)) && racer.name != sequential.name
    });
    let pages: Vec<_> = pages.collect();
    let fastest = pages.first().context("nothing raced against it")?;
    let times = race.results.ratio(sequential, fastest).estimate;
    let with = pages
        .iter()
        .map(|page| format!("{} with {}", format::seconds(page.median()), page.name));
    let with: Vec<_> = with.collect();
    let with: Vec<_> = with.iter().map(String::as_str).collect();
    Ok(format!(
        "**{}: {} one after the other, {}: up to {} times as fast**, on {}.",
        race.work.title(),
        format::seconds(sequential.median()),
        format::list(&with),
        format::number(times),
        format::counted(race.cores as u64, "core"),
    ))
}

/// The picture of the race, in the colours of the document around it.
fn picture(comparison: &Comparison) -> String {
    let medians = comparison.races.iter().map(|race| {
        let medians = race
            .results
            .timed()
            .map(|racer| format!("{} {}", racer.name, format::seconds(racer.median())));
        let medians: Vec<_> = medians.collect();
        format!("{}: {}", race.work.workload().name(), medians.join(", "))
    });
    let medians: Vec<_> = medians.collect();
    let alt = format!(
        "Every run of a race as a dot. Medians of {}.",
        medians.join("; ")
    );
    two_pictures("race", &alt)
}

/// What ran when, in the colours of the document around it.
fn timelines_part(timelines: &Timelines) -> Result<String> {
    let panel = fetching(timelines)?;
    let alt = format!("{}. {}", panel.title, panel.description());
    Ok(two_pictures("results/timeline", &alt))
}

/// A light and a dark picture, of which a browser shows the one that fits.
fn two_pictures(name: &str, alt: &str) -> String {
    let markup = html! {
        picture {
            source media="(prefers-color-scheme: dark)" srcset=(format_args!("{name}-dark.svg"));
            img src=(format_args!("{name}-light.svg")) alt=(alt);
        }
    };
    markup.into_string()
}

/// The table of what to take.
fn decision(comparison: &Comparison) -> String {
    let table = decision_table(&decision::rows(&comparison.races));
    Document(vec![Block::Table(table)]).markdown()
}

/// The table of every race, what the figures mean, and on what all of it was measured.
fn races(comparison: &Comparison) -> String {
    let mut document = Document::default();
    for results in &comparison.races {
        document.0.extend(race(results).0);
    }
    document.0.push(meaning());
    document.paragraph(measured(comparison));
    document.markdown()
}

/// The pages beside their twins in Python, what was raced, and on what.
fn python(comparison: &Comparison) -> String {
    let title = |race: &WorkRace| {
        format!("{}: {}", race.work.workload().name(), race.work.title())
    };
    let titles: Vec<_> = comparison.races.iter().map(title).collect();
    let mut document = Document::default();
    document.table(beside_python(comparison));
    document.paragraph(format!("{}. {}", titles.join("; "), measured(comparison)));
    document.markdown()
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
        let mut comparison = samples::comparison();
        assert_eq!(
            result(&comparison).unwrap(),
            "**4 URLs, each answered after 300 ms, 4 at a time: 2.00 s one after the other, \
             440 ms with async and 450 ms with threads: up to 4.55 times as fast**, on 2 cores."
        );
        comparison.races[0].results.racers.remove(0);
        assert!(result(&comparison).is_err());
    }

    #[test]
    fn every_twin_in_python_has_a_row() {
        let text = python(&samples::comparison());
        let rows = text.lines().filter(|line| line.starts_with("| fetch-url"));
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows.len(), 1, "{text}");
        for cell in [
            "threads |",
            " 450 ms |",
            " 1.50 s |",
            " 3.33× (3.33–3.33) |",
            " 4.00 MB |",
            " 30.0 MB |",
        ] {
            assert!(rows[0].contains(cell), "{cell} in {}", rows[0]);
        }
        assert!(text.contains("4 at a time; say-after: "), "{text}");
        assert!(text.contains("Measured: 2026-11-24"), "{text}");
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
        assert!(part.contains("src=\"race-light.svg\""), "{part}");
    }

    #[test]
    fn the_timelines_of_fetch_url_are_shown_and_told_in_words() {
        let mut timelines = samples::timelines();
        let part = timelines_part(&timelines).unwrap();
        assert_eq!(
            part,
            "<picture><source media=\"(prefers-color-scheme: dark)\" \
             srcset=\"results/timeline-dark.svg\"><img src=\"results/timeline-light.svg\" \
             alt=\"3 URLs &lt;now&gt;. threads 600 ms: 3 URLs, up to 2 at a time, 1 failed.\">\
             </picture>"
        );
        timelines.panels.remove(0);
        let error = timelines_part(&timelines).unwrap_err().to_string();
        assert_eq!(error, "there are no timelines of fetch-url");
    }
}
