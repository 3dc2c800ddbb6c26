//! What a comparison found out, as a document: a table for each race, and what to take.

use std::collections::BTreeMap;

use race::{Entrant, Standing, stats};

use crate::format;
use crate::results::comparison::{Comparison, WorkRace};
use crate::results::decision::{self, Row};
use crate::show::document::{Block, Cells, Document, Table};

/// What stands in a cell if its value is not known.
pub const MISSING: &str = "–";

/// Above this noise a race cannot tell differences of 5 % in any sensible time.
const NOISY: f64 = 0.10;

/// What the figures mean, a paragraph each.
pub fn definitions() -> Vec<String> {
    let memory = race::MEANING_OF_MEMORY;
    [
        "At a time: how many items the program does at the same time. In say-after processes and \
         machines do 200, because each saying needs a process; threads do up to 10,000, async \
         all. --workers changes this.",
        "Time: the median of the runs, the shortest and the longest. A racer without rounds shows \
         the time of its check, in which its output and its memory are read.",
        "× fastest: how many times as long as the fastest, from the rounds in which both ran, as \
         every factor here. So it may differ from the quotient of the two medians. A racer is \
         slower if the whole interval of its factor is above 1.05. It is equal if the whole \
         interval is inside 1/1.05 … 1.05, and otherwise open. In 95 of 100 races no such interval \
         misses the truth.",
        "CPU: user and system time of the program and of all descendants that it waited for: the \
         median.",
        &format!("Memory: {memory} The table shows the median of three runs."),
        "Runs: a racer pauses while it is known to be slower than the fastest or equal to it. One \
         with a bound above the times of the fastest is slower in any case: it runs three rounds, \
         or only its check if these take too long.",
        "Bound: the shortest possible time with so many items at a time. For items that only wait \
         it is the waiting. For calculations it is an estimate: the CPU time of the sequential \
         program, divided by the cores. For thumbnails it is the longer of these two, and for one \
         at a time their sum.",
        "Noise: in each round one racer runs a second time. Noise is the standard deviation of \
         the logarithm of the ratio of the two times; above 10 % the table warns.",
    ]
    .map(String::from)
    .into()
}

/// A race: its table, and how to read it.
pub fn race(race: &WorkRace) -> Document {
    let mut document = Document::default();
    let name = race.work.workload().name();
    document.heading(format!("{name}: {}", race.work.title()));
    if race.has_times() {
        document.table(table(race));
        document.paragraph(bounds(race));
        for sentence in comparison(race) {
            document.paragraph(sentence);
        }
    }
    for note in notes(race) {
        document.paragraph(note);
    }
    document
}

fn table(race: &WorkRace) -> Table {
    let header = [
        "",
        "at a|time",
        "time|(min…max)",
        "×|fastest",
        "CPU",
        "memory",
        "runs",
    ];
    let racers = race.fastest_first();
    let rows = racers.iter().map(|racer| {
        let times = racer.times();
        let ratio = race.results.ratio(racer, racers[0]);
        let bytes = racer.peak().map(|bytes| format::bytes(bytes as f64));
        vec![
            racer.name.clone(),
            format::count(race.at_a_time(racer)),
            match times[..] {
                [time] => format::seconds(time),
                _ => format::seconds_in(
                    racer.median(),
                    stats::min(&times),
                    stats::max(&times),
                ),
            },
            format::number(ratio.estimate),
            format::seconds(racer.cpu()),
            bytes.unwrap_or_else(|| MISSING.to_string()),
            format::count(times.len() as u64),
        ]
    });
    Table {
        header: header.map(String::from).into(),
        rows: rows.collect(),
        cells: Cells::Figures,
    }
}

/// The least bound, the bounds of the racers that have another one, and the noise.
fn bounds(race: &WorkRace) -> String {
    let mut sentences = Vec::new();
    if let Some(least) = race.least_bound() {
        // Racers that do the same number of items at a time have the same bound.
        let mut others: BTreeMap<u64, (f64, Vec<&str>)> = BTreeMap::new();
        for racer in race.results.timed() {
            let bound = race.bound(racer).unwrap_or(least);
            if bound > least {
                let (_, names) = others
                    .entry(race.at_a_time(racer))
                    .or_insert((bound, Vec::new()));
                names.push(&racer.name);
            }
        }
        let mut bounds = vec![format::seconds(least)];
        bounds.extend(others.iter().map(|(at_a_time, (bound, names))| {
            let bound = format::seconds(*bound);
            let names = format::list(names);
            format!(
                "{bound} for {names}, {} at a time",
                format::count(*at_a_time)
            )
        }));
        sentences.push(format!("Bound: {}.", bounds.join("; ")));
    }
    if let Some(noise) = race.results.noise() {
        sentences.push(format!("Noise: {:.1} %.", 100.0 * noise));
        if noise > NOISY {
            sentences.push(
                "Noisy: trust no small difference, and race again where nothing else runs."
                    .to_string(),
            );
        }
    }
    sentences.join(" ")
}

/// How the racers compare with the fastest, in a sentence or two.
fn comparison(race: &WorkRace) -> Vec<String> {
    let racers = race.fastest_first();
    let Some((fastest, others)) = racers.split_first() else {
        return Vec::new();
    };
    let mut equal: Vec<&str> = Vec::new();
    let mut open = Vec::new();
    let mut slower: Vec<&Entrant> = Vec::new();
    for racer in others {
        match race.results.standing(racer, fastest) {
            Standing::Equal(_) => equal.push(&racer.name),
            Standing::Open(ratio) => {
                let range = format::range(&ratio);
                open.push(match open.len() {
                    0 => format!(
                        "{} takes {range} the time of {}",
                        racer.name, fastest.name
                    ),
                    _ => format!("{} {range}", racer.name),
                });
            }
            Standing::Slower(_) => slower.push(racer),
        }
    }
    let mut sentences = Vec::new();
    let mut first = Vec::new();
    if !equal.is_empty() {
        first.push(format!("as fast as {}", format::list(&equal)));
    }
    if let Some(next) = slower.first() {
        let ratio = race.results.ratio(next, fastest);
        // A racer that is slower by its bound may have run too few rounds for an interval that
        // says so.
        let factor = match ratio.interval {
            Some((low, _)) if low > race::MARGIN => format::times_in(&ratio),
            _ => format!("{}×", format::number(ratio.estimate)),
        };
        first.push(format!("{factor} faster than {}", next.name));
    }
    if !first.is_empty() {
        sentences.push(format!("{} is {}.", fastest.name, first.join(", ")));
    }
    if !open.is_empty() {
        sentences.push(format!("Open: {}.", open.join(", ")));
    }
    sentences
}

/// What changes how to read the table.
fn notes(race: &WorkRace) -> Vec<String> {
    let mut notes = Vec::new();
    for racer in &race.results.racers {
        if let Some(failure) = &racer.failure {
            notes.push(format!("Not timed: {} {failure}.", racer.name));
        } else if racer.is_left_out() {
            let bound = format::roughly(racer.bound.unwrap_or_default());
            notes.push(format!(
                "Not run: {} would need at least {bound}.",
                racer.name
            ));
        }
    }
    notes
}

/// What to take, and why.
pub fn decision(comparison: &Comparison) -> Document {
    let mut document = Document::default();
    let rows = decision::rows(&comparison.races);
    if !rows.is_empty() {
        document.heading("When to use which, measured here");
        document.table(decision_table(&rows));
    }
    document
}

/// How it is decided, in short.
const RULE: &str = "×: from the rounds that both ran. Slower: its 95 % range is above 1.05. \
    Equal: inside 1/1.05…1.05. Open: neither; a longer race (--time) may decide.";

pub fn decision_table(rows: &[Row]) -> Table {
    let rows = rows.iter();
    let rows = rows.map(|row| vec![row.work.clone(), row.take.clone(), row.why.clone()]);
    Table {
        header: ["Your work", "Take", "Why"].map(String::from).into(),
        rows: rows.collect(),
        cells: Cells::Sentences { answer: 1 },
    }
}

/// The whole comparison, as it is written to a file.
pub fn whole(comparison: &Comparison) -> Document {
    let mut document = decision(comparison);
    for race in &comparison.races {
        document.0.extend(self::race(race).0);
    }
    document.0.push(meaning());
    document.paragraph(measured(comparison));
    document
}

/// What the columns mean, folded.
pub fn meaning() -> Block {
    Block::Fold {
        title: "What the figures mean".to_string(),
        paragraphs: definitions(),
    }
}

/// What stands below all tables in a terminal: how it is decided, and the facts on which that
/// depends most. The files have all of them.
pub fn closing(comparison: &Comparison) -> Document {
    let mut document = Document::default();
    document.paragraph(RULE);
    document.paragraph(format!("Measured: {}.", comparison.provenance.in_short()));
    document
}

/// On what all of it was measured.
pub fn measured(comparison: &Comparison) -> String {
    format!("Measured: {}.", comparison.provenance.describe())
}

/// Every page beside its twin in Python.
pub fn beside_python(comparison: &Comparison) -> Table {
    let header = [
        "",
        "Rust",
        "Python",
        "Python takes",
        "Rust's memory",
        "Python's memory",
    ];
    let mut rows = Vec::new();
    for race in &comparison.races {
        for twin in race.results.timed() {
            let crate::racers::racer::Origin::Python(page) = race.origin(twin) else {
                continue;
            };
            let Some(rust) = race.page(page.racer).filter(|_| page.racer != "sequential")
            else {
                continue;
            };
            let memory = |racer: &Entrant| {
                let bytes = racer.peak().map(|bytes| format::bytes(bytes as f64));
                bytes.unwrap_or_else(|| MISSING.to_string())
            };
            rows.push(vec![
                format!("{}, {}", race.work.workload().name(), page.racer),
                format::seconds(rust.median()),
                format::seconds(twin.median()),
                format::times_in(&race.results.ratio(twin, rust)),
                memory(rust),
                memory(twin),
            ]);
        }
    }
    Table {
        header: header.map(String::from).into(),
        rows,
        cells: Cells::Figures,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::samples;

    fn terminal(comparison: &Comparison) -> String {
        let races = comparison.races.iter().map(race);
        let parts = races.chain([decision(comparison), closing(comparison)]);
        parts.map(|part| part.terminal()).collect()
    }

    /// The whole document, as people read it. After a change on purpose
    /// `SNAPSHOT=write cargo test -p xtask` writes the samples again.
    #[test]
    fn the_documents_are_those_in_the_samples() {
        let comparison = samples::comparison();
        for (file, text) in [
            ("compare.md", whole(&comparison).markdown()),
            ("compare.txt", terminal(&comparison)),
        ] {
            let path = format!("{}/samples/{file}", env!("CARGO_MANIFEST_DIR"));
            if std::env::var_os("SNAPSHOT").is_some() {
                std::fs::write(&path, &text).unwrap();
            }
            let expected = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(text, expected, "{text}");
        }
    }

    #[test]
    fn lines_in_a_terminal_are_no_longer_than_80_columns() {
        let comparison = samples::comparison();
        for race in &comparison.races {
            for line in self::race(race).terminal().lines() {
                assert!(console::measure_text_width(line) <= 80, "{line}");
            }
        }
    }

    #[test]
    fn a_race_of_every_workload_that_is_decided_is_at_most_75_lines() {
        let mut comparison = samples::comparison();
        comparison.races = samples::every_workload();
        let text = terminal(&comparison);
        assert_eq!(text.matches("Open: ").count(), 1, "what it means: {text}");
        assert!(text.lines().count() <= 75, "{text}");
    }

    #[test]
    fn a_noisy_race_says_so() {
        let mut race = samples::race();
        let is_noisy = |race: &WorkRace| bounds(race).contains("Noisy");
        assert!(!is_noisy(&race));
        race.results.self_pairs[0].second = 1.5;
        assert!(is_noisy(&race));
    }
}
