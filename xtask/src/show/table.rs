//! What stands in the tables.

use crate::format;
use crate::judge::results::{Entrant, Ratio, Results};
use crate::judge::sweep::{Cost, Sweep};
use crate::judge::verdict;
use crate::measure::memory;
use crate::show::sheet::{Column, Sheet};
use crate::stats::{Interval, LEVEL};

/// What is not known, or has no meaning there.
const MISSING: &str = "–";

/// The columns of a race, and what they mean.
fn race_columns() -> Vec<Column> {
    let memory = format!("{}: the median of several runs", memory::MEANING);
    let columns = [
        ("", ""),
        (
            "median",
            "the time that half of the runs took at most; in brackets the interval that holds \
             it, by order statistics, with at least 95 % confidence unless it says otherwise",
        ),
        (
            "speed-up",
            "how many times as long the sequential program takes: the median of the rounds' \
             ratios",
        ),
        (
            "items/s",
            "URLs, numbers or sayings that are done in a second",
        ),
        (
            "× ideal",
            "the median divided by the ideal, the time that no program can beat: the waiting \
             that nothing shortens, or the CPU time of the sequential program spread over all \
             cores",
        ),
        (
            "CPU",
            "user and system time of a run, child processes included: the median",
        ),
        (
            "CPU per item",
            "CPU time for each item, over what the sequential program needs",
        ),
        ("memory", &memory),
        (
            "memory per item",
            "memory for each item under way at one time, over what the sequential program needs",
        ),
    ];
    let columns = columns.into_iter();
    columns
        .map(|(name, meaning)| Column::new(name, meaning))
        .collect()
}

/// What the columns of a race mean, in sentences.
pub fn legend() -> String {
    let columns = race_columns().into_iter().skip(1);
    let sentences = columns.map(|Column { name, meaning, .. }| {
        let mut letters = name.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        format!("{}: {meaning}.", first.chain(letters).collect::<String>())
    });
    sentences.collect::<Vec<_>>().join(" ")
}

/// One row for each racer, and one for the time that no program can beat.
pub fn race(results: &Results) -> Sheet {
    let times = |times: f64| format!("{}×", format::number(times));
    let mut rows: Vec<Vec<String>> = Vec::new();
    for entrant in &results.entrants {
        let speed_up = results.speed_up(entrant).map(|ratio| ratio.median);
        let over = results.ideal.filter(|ideal| *ideal > 0.0);
        let over = over.map(|ideal| entrant.median() / ideal);
        let bytes = entrant.bytes().map(|bytes| bytes as f64);
        let cpu_per_item = results.cpu_per_item(entrant);
        let memory_per_item = results.memory_per_item(entrant);
        rows.push(vec![
            entrant.name().to_string(),
            median(entrant),
            known(speed_up, times),
            format::rate(results.throughput(entrant)),
            known(over, times),
            format::seconds(entrant.cpu()),
            known(cpu_per_item, |cpu| format::signed(cpu, format::seconds)),
            known(bytes, format::bytes),
            known(memory_per_item, |bytes| {
                format::signed(bytes, format::bytes)
            }),
        ]);
    }
    let columns = race_columns();
    if let Some(ideal) = results.ideal {
        let mut row = vec!["ideal".to_string(), format::seconds(ideal)];
        row.resize(columns.len(), String::new());
        rows.push(row);
    }
    let medians = results.entrants.iter().map(Entrant::median);
    Sheet {
        columns,
        rows,
        are_figures: true,
        times: medians.chain(results.ideal).collect(),
    }
}

fn known(figure: Option<f64>, format: impl Fn(f64) -> String) -> String {
    figure.map_or_else(|| MISSING.to_string(), format)
}

/// The median in its interval, which says how sure it is where that is less than usual.
pub fn median(entrant: &Entrant) -> String {
    let (median, interval) = (entrant.median(), entrant.interval());
    if entrant.timing.times.len() == 1 {
        return format!("{} (one run)", format::seconds(median));
    }
    sure(
        format::seconds_in(median, interval.low, interval.high),
        &interval,
    )
}

/// How many times as long one racer took as another, in its interval.
pub fn ratio(Ratio { median, interval }: &Ratio) -> String {
    if interval.confidence == 0.0 {
        return format!("{}× (no interval)", format::number(*median));
    }
    sure(
        format::times_in(*median, interval.low, interval.high),
        interval,
    )
}

/// A figure with an interval behind it that says how sure it is, where that is less than
/// usual.
fn sure(text: String, interval: &Interval) -> String {
    if interval.confidence >= LEVEL {
        return text;
    }
    let confidence = format::percent(interval.confidence);
    text.replace(')', &format!(", {confidence})"))
}

/// The article's summary, with what was measured beside what it recommends.
pub fn verdict(rows: &[verdict::Row]) -> Sheet {
    let columns = [
        ("Is your task ...", ""),
        ("and are you using ...", ""),
        ("take", "what the rule below comes to"),
        ("quickest here", "who has the shortest median time"),
        ("leanest here", "who holds the least memory"),
        ("Python's tool", "what the article recommends for Python"),
    ];
    let columns = columns.map(|(name, meaning)| Column {
        is_answer: name == "take",
        ..Column::new(name, meaning)
    });
    let rows = rows.iter().map(|row| {
        let python = match &row.python_here {
            Some(here) => format!("{}; here: {here}", row.python),
            None => row.python.clone(),
        };
        let known = |racer: &Option<String>| racer.clone().unwrap_or(MISSING.to_string());
        let cells = [
            &row.task[..],
            &row.using,
            &row.take,
            &known(&row.quickest),
            &known(&row.leanest),
            &python,
        ];
        cells.map(String::from).to_vec()
    });
    Sheet {
        columns: columns.into(),
        rows: rows.collect(),
        are_figures: false,
        times: Vec::new(),
    }
}

/// What a run cost, as a table: a row for each model, a column for each size.
pub fn sweep(sweep: &Sweep, cost: &Cost) -> Sheet {
    let sizes = sweep.sizes();
    let header = sizes
        .iter()
        .map(|size| Column::new(format::count(*size), ""));
    let rows = sweep.curves.iter().map(|curve| {
        let cell = |size: &u64| {
            if let Some(point) = curve.points.iter().find(|point| point.size == *size) {
                return known((cost.of)(point), cost.format);
            }
            let limit = curve.limit.as_ref().filter(|limit| limit.size == *size);
            limit.map_or(String::new(), |limit| limit.what.clone())
        };
        let cells = sizes.iter().map(cell);
        [curve.name.clone()].into_iter().chain(cells).collect()
    });
    Sheet {
        columns: [Column::new("", "")].into_iter().chain(header).collect(),
        rows: rows.collect(),
        are_figures: true,
        times: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::bars::Ink;
    use crate::show::samples;

    #[test]
    fn every_figure_of_a_race_stands_in_its_column() {
        let results = samples::race();
        let sheet = race(&results);
        let names: Vec<_> = sheet
            .columns
            .iter()
            .map(|column| &column.name[..])
            .collect();
        assert_eq!(
            names,
            [
                "",
                "median",
                "speed-up",
                "items/s",
                "× ideal",
                "CPU",
                "CPU per item",
                "memory",
                "memory per item"
            ]
        );
        let expected = [
            [
                "sequential",
                "2.00 s (2.00–2.00)",
                "1.00×",
                "1.00",
                "6.67×",
                "12.0 ms",
                "–",
                "1.00 MB",
                "–",
            ],
            // (4 MB − 1 MB) for two at a time; 2 items in 450 ms.
            [
                "threads",
                "450 ms (400–500)",
                "4.45×",
                "4.44",
                "1.50×",
                "12.0 ms",
                "+0 ms",
                "4.00 MB",
                "+1.50 MB",
            ],
            [
                "python-threads",
                "1.52 s (1.50–1.55)",
                "1.31×",
                "1.31",
                "5.08×",
                "12.0 ms",
                "+0 ms",
                "30.0 MB",
                "+14.5 MB",
            ],
            [
                "mine",
                "625 ms (600–650)",
                "3.20×",
                "3.20",
                "2.08×",
                "12.0 ms",
                "+0 ms",
                "2.00 MB",
                "+500 kB",
            ],
            ["ideal", "300 ms", "", "", "", "", "", "", ""],
        ];
        assert_eq!(sheet.rows, expected);
    }

    #[test]
    fn what_is_not_known_is_no_zero() {
        let mut results = samples::race();
        results.entrants.remove(0);
        results.ideal = None;
        results.entrants[0].memory = None;
        let sheet = race(&results);
        assert_eq!(sheet.rows.len(), 3);
        let threads = &sheet.rows[0];
        for (column, missing) in [(2, "–"), (4, "–"), (6, "–"), (7, "–"), (8, "–")]
        {
            assert_eq!(threads[column], missing, "{threads:?}");
        }
        // Nothing is a multiple of an ideal of no time.
        results.ideal = Some(0.0);
        assert_eq!(race(&results).rows[0][4], "–");
    }

    #[test]
    fn an_interval_that_is_less_sure_says_so_and_one_run_has_none() {
        let of = |times: &[f64]| median(&samples::page("threads", times, 1));
        assert_eq!(of(&[0.5]), "500 ms (one run)");
        assert_eq!(of(&[0.5, 0.6]), "550 ms (500–600, 50 %)");
        assert_eq!(of(&[0.5, 0.6, 0.7]), "600 ms (500–700, 75 %)");
        assert_eq!(of(&[0.5; 6]), "500 ms (500–500)");
        let entrant = samples::page("threads", &[0.5; 6], 1);
        let Interval { confidence, .. } = entrant.interval();
        assert!(confidence > LEVEL, "{confidence}");
    }

    #[test]
    fn what_to_take_is_the_answer_and_python_stands_beside_it() {
        let mut rows = samples::comparison().verdict;
        assert_eq!(rows.len(), 2, "two questions are about fetching");
        rows[0].python_here = Some("python-threads".to_string());
        rows[1].leanest = None;
        let sheet = verdict(&rows);
        let answers: Vec<_> = sheet
            .columns
            .iter()
            .map(|column| column.is_answer)
            .collect();
        assert_eq!(answers, [false, false, true, false, false, false]);
        assert_eq!(
            sheet.rows[0],
            [
                "I/O-bound",
                "a blocking library",
                "threads",
                "threads",
                "sequential",
                "ThreadPoolExecutor; here: python-threads"
            ]
        );
        assert_eq!(sheet.rows[1][4], "–");
        assert_eq!(sheet.rows[1][5], "asyncio");
    }

    #[test]
    fn a_sweep_has_a_column_for_each_size_and_says_where_a_model_ends() {
        let found = &samples::scaling().sweeps[0];
        let [time, cpu, memory] = found.costs();
        let sheet = sweep(found, &time);
        let names: Vec<_> = sheet
            .columns
            .iter()
            .map(|column| &column.name[..])
            .collect();
        assert_eq!(names, ["", "1", "10"]);
        assert_eq!(
            sheet.rows,
            [
                ["sequential", "20.0 ms", "time"],
                ["threads", "20.0 ms", "200 ms"],
                ["async-gather", "", ""],
            ]
        );
        assert_eq!(
            sweep(found, &cpu).rows[1],
            ["threads", "10.0 ms", "1.00 ms"]
        );
        assert_eq!(sweep(found, &memory).rows[1], ["threads", "2.00 MB", "–"]);
    }

    #[test]
    fn the_legend_says_what_every_column_means() {
        let legend = legend();
        for column in race_columns().iter().skip(1) {
            assert!(!column.meaning.is_empty());
            assert!(legend.contains(&column.meaning), "{}", column.name);
        }
        assert!(
            legend.starts_with("Median: the time that half of the runs took at most;")
        );
        assert!(
            legend.contains(". × ideal: the median divided by"),
            "{legend}"
        );
        assert!(legend.ends_with('.'));
    }

    #[test]
    fn a_race_fits_a_terminal_of_120_columns() {
        let mut results = samples::race();
        for entrant in &mut results.entrants {
            entrant.timing.name = "async-gather-tasks".to_string();
            let times = &mut entrant.timing.times;
            times.iter_mut().for_each(|time| *time += 12.0);
        }
        let drawn = race(&results).terminal(Some(Ink::Blocks));
        let width = drawn.lines().map(|line| line.chars().count()).max();
        assert!(width <= Some(120), "{width:?}:\n{drawn}");
    }
}
