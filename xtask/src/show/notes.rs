//! What a reader of a table should not have to find out alone.

use std::cmp::Reverse;

use crate::format;
use crate::judge::results::{CLEAR, Entrant, Results};
use crate::racers::racer::Origin;
use crate::racers::workload::Workload;
use crate::show::table;
use crate::stats::{self, LEVEL};

/// What a note begins with that puts the race in doubt.
pub const WARNING: &str = "WARNING";

/// Who was not timed, and why.
pub fn not_timed(results: &Results) -> Vec<String> {
    let failures = results.failures.iter();
    failures
        .map(|failure| format!("Not timed: {} {}.", failure.name, failure.message))
        .collect()
}

/// What is to be said of this race.
pub fn notes(results: &Results) -> Vec<String> {
    let notes = [
        left_out,
        rounds,
        instrument,
        below_the_ideal,
        outliers,
        start_up,
        python,
        site,
    ];
    notes.iter().filter_map(|note| note(results)).collect()
}

/// How often each ran, and how sure that makes its interval.
fn rounds(results: &Results) -> Option<String> {
    // Those that ran equally often are told together.
    let mut groups: Vec<(usize, Vec<&Entrant>)> = Vec::new();
    for entrant in &results.entrants {
        let runs = entrant.timing.times.len();
        match groups.iter_mut().find(|(times, _)| *times == runs) {
            Some((_, group)) => group.push(entrant),
            None => groups.push((runs, vec![entrant])),
        }
    }
    groups.sort_by_key(|(runs, _)| Reverse(*runs));
    let clauses = groups.iter().enumerate().map(|(i, (runs, group))| {
        let who = match group.len() {
            _ if groups.len() == 1 => "every racer".to_string(),
            // Those that ran most often, who are named last.
            4.. if i == 0 => "the others".to_string(),
            _ => names(group.iter().map(|entrant| entrant.name())),
        };
        let times = format::times(*runs as u64);
        if *runs == 1 {
            return format!("{who} {times}, which gives no interval");
        }
        let sure = format::percent(group[0].interval().confidence);
        format!("{who} {times}, intervals of {sure} confidence")
    });
    let mut clauses: Vec<_> = clauses.collect();
    clauses.reverse();
    let (clauses, share) = (clauses.join("; "), share(results));
    let seldom = groups
        .iter()
        .any(|(runs, _)| *runs < results.rounds as usize);
    let why = if seldom {
        format!(
            " A racer may take {share} in all (--share), so a slow one runs less often."
        )
    } else {
        String::new()
    };
    (!groups.is_empty()).then(|| format!("Runs: {clauses}.{why}"))
}

/// Whether racers seem to differ from themselves.
fn instrument(results: &Results) -> Option<String> {
    let Some(ratio) = results.instrument() else {
        let why = match results.seed {
            None => {
                "Each racer ran in a block of its own, so that no rounds can be paired: the ratios \
                 are those of the medians, and less sure."
            }
            Some(_) => {
                "Instrument: not checked; no racer ran in every round, and twice in one."
            }
        };
        return results.has_times().then(|| why.to_string());
    };
    let in_pairs = format::counted(results.twins.len() as u64, "pair");
    let (interval, found) = (ratio.interval, table::ratio(&ratio));
    if interval.confidence < LEVEL {
        return Some(format!(
            "Instrument: not checked; {in_pairs} of runs of the same racer: too few (later by \
             earlier: {found})."
        ));
    }
    if interval.low > CLEAR || interval.high < 1.0 / CLEAR {
        return Some(format!(
            "{WARNING}: the instrument tells a racer from itself. In {in_pairs} of runs of the same \
             racer the later took {found} the time of the earlier: do not trust differences of \
             this race."
        ));
    }
    if interval.low < 1.0 / CLEAR || interval.high > CLEAR {
        return Some(format!(
            "{WARNING}: too noisy to tell differences of 5 %. In {in_pairs} of runs of the same \
             racer the later took {found} the time of the earlier: who ties here may not tie where \
             nothing else runs, or in more rounds (--rounds)."
        ));
    }
    Some(format!(
        "Instrument: in {in_pairs} of runs of the same racer the later took {found} the time of \
         the earlier."
    ))
}

/// Who was not started.
fn left_out(results: &Results) -> Option<String> {
    let clauses = results.left_out.iter().map(|out| {
        let ideal = format::roughly(out.ideal);
        format!("{}, which could not end in less than {ideal}", out.name)
    });
    let clauses: Vec<_> = clauses.collect();
    let share = share(results);
    let base = match (&results.one_item, results.workload.item()) {
        (Some(_), item) => format!(
            " What others need over the sequential program is over what it needs for one {item}."
        ),
        (None, _) => String::new(),
    };
    (!clauses.is_empty()).then(|| {
        format!(
            "Not started, because a racer may take {share} in all (--share): {}.{base}",
            clauses.join("; ")
        )
    })
}

/// Nobody is shown below the ideal without a word.
fn below_the_ideal(results: &Results) -> Option<String> {
    let below =
        |entrant: &&Entrant| entrant.ideal.is_some_and(|ideal| entrant.median() < ideal);
    let below: Vec<_> = results.entrants.iter().filter(below).collect();
    let why = match results.workload {
        Workload::HeavyCalculation => {
            "the ideal is the sequential program's CPU time spread over the cores, which varies \
             from run to run as well, and a program in another language or with another loop \
             can need less of it"
        }
        Workload::FetchUrl | Workload::SayAfter => {
            "it cannot have waited as long as it was told to"
        }
    };
    (!below.is_empty()).then(|| {
        let names = names(below.iter().map(|entrant| entrant.name()));
        format!("Below its ideal: {names}; {why}.")
    })
}

fn outliers(results: &Results) -> Option<String> {
    let outliers = results.entrants.iter().filter_map(|entrant| {
        let outliers = stats::outliers(&entrant.timing.times);
        let outliers: Vec<_> = outliers.into_iter().map(format::seconds).collect();
        (!outliers.is_empty())
            .then(|| format!("{} {}", entrant.name(), outliers.join(", ")))
    });
    let outliers: Vec<_> = outliers.collect();
    (!outliers.is_empty()).then(|| {
        let outliers = outliers.join("; ");
        format!(
            "Far from the other rounds, probably because something else was running: {outliers}."
        )
    })
}

fn start_up(results: &Results) -> Option<String> {
    let sequential = results.page("sequential")?;
    let outweighs = |(page, start): (&str, &str)| {
        let ratio = results.ratio(results.page(page)?, sequential);
        ratio.is_slower().then(|| {
            let times = format::number(ratio.median);
            format!(
                "Starting {start} outweighs the work at this size: {page} takes {times} times \
                 as long as the sequential program."
            )
        })
    };
    let notes = [
        ("processes", "processes"),
        ("machines", "a server and its workers"),
    ];
    let notes: Vec<_> = notes.into_iter().filter_map(outweighs).collect();
    (!notes.is_empty()).then(|| notes.join(" "))
}

fn python(results: &Results) -> Option<String> {
    let ratios = results.entrants.iter().filter_map(|python| {
        let Origin::Python(page) = &python.origin else {
            return None;
        };
        let ratio = results.ratio(python, results.page(page)?);
        Some(format!("{} {}", python.name(), table::ratio(&ratio)))
    });
    let ratios: Vec<_> = ratios.collect();
    (!ratios.is_empty())
        .then(|| format!("Times as long as its twin in Rust: {}.", ratios.join(", ")))
}

/// The site shares the cores with the racers.
fn site(results: &Results) -> Option<String> {
    let share = format::percent(results.site?);
    Some(format!(
        "The demo site ran beside them on the same cores, and kept one busy for {share} of the \
         time of the rounds."
    ))
}

/// How long the runs of one racer may take in all.
fn share(results: &Results) -> String {
    format::seconds_short(results.share)
}

/// `a`, `a and b`, `a, b and c`.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format::list(&names.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::results::{Base, LeftOut};
    use crate::measure::race::Twin;
    use crate::show::samples;

    const TEN: [f64; 10] = [0.50, 0.51, 0.52, 0.53, 0.54, 0.56, 0.57, 0.58, 0.59, 0.60];

    /// A race of these, of which nothing is to be said but how often they ran.
    fn race_of(entrants: Vec<Entrant>) -> Results {
        Results {
            entrants,
            twins: Vec::new(),
            left_out: Vec::new(),
            failures: Vec::new(),
            site: None,
            ..samples::race()
        }
    }

    fn pages(names: &[&str], times: &[f64]) -> Vec<Entrant> {
        let page = |name: &&str| samples::page(name, times, 1);
        names.iter().map(page).collect()
    }

    fn twins(ratios: &[f64]) -> Vec<Twin> {
        let twin = |(round, ratio): (u32, &f64)| Twin {
            round,
            name: "threads".to_string(),
            first: 2.0,
            second: 2.0 * ratio,
        };
        (1..).zip(ratios).map(twin).collect()
    }

    #[test]
    fn all_that_happened_is_said_once_and_in_this_order() {
        let notes = notes(&samples::race());
        let begins = [
            "Not started, because",
            "Runs: every racer 6 times, intervals of 96.9 % confidence.",
            "Instrument: in 6 pairs",
            "Times as long as its twin",
            "The demo site ran",
        ];
        assert_eq!(notes.len(), begins.len(), "{notes:#?}");
        for (note, begin) in notes.iter().zip(begins) {
            assert!(note.starts_with(begin), "{note}");
        }
        let failed = not_timed(&samples::race());
        assert_eq!(failed, ["Not timed: processes ended with <signal> 9."]);
    }

    #[test]
    fn of_an_uneventful_race_there_is_little_to_say() {
        let results = race_of(pages(&["threads"], &TEN));
        let notes = notes(&results);
        assert_eq!(notes.len(), 2, "{notes:#?}");
        assert!(not_timed(&results).is_empty());
    }

    #[test]
    fn those_that_ran_equally_often_are_told_together() {
        let rounds = |groups: &[(&[&str], usize)]| {
            let entrants = groups
                .iter()
                .flat_map(|(names, runs)| pages(names, &TEN[..*runs]));
            let mut results = race_of(entrants.collect());
            results.rounds = 10;
            super::rounds(&results).unwrap()
        };
        let rest =
            ". A racer may take 15 s in all (--share), so a slow one runs less often.";
        assert_eq!(
            rounds(&[(&["a", "b"], 10)]),
            "Runs: every racer 10 times, intervals of 97.9 % confidence."
        );
        assert_eq!(
            rounds(&[(&["a"], 1), (&["b", "c", "d"], 10), (&["e"], 2)]),
            format!(
                "Runs: a once, which gives no interval; e twice, intervals of 50 % confidence; \
                 b, c and d 10 times, intervals of 97.9 % confidence{rest}"
            )
        );
        assert_eq!(
            rounds(&[(&["a", "b", "c", "d"], 6), (&["e"], 1)]),
            format!(
                "Runs: e once, which gives no interval; the others 6 times, intervals of 96.9 % \
                 confidence{rest}"
            )
        );
        // It is those that ran most often who are many, not those that did not.
        let few = rounds(&[(&["a"], 10), (&["b", "c", "d", "e"], 6)]);
        assert!(few.starts_with("Runs: b, c, d and e 6 times, "), "{few}");
        assert_eq!(
            rounds(&[(&["a"], 1)]),
            format!("Runs: every racer once, which gives no interval{rest}")
        );
        assert_eq!(super::rounds(&race_of(Vec::new())), None);
    }

    #[test]
    fn the_instrument_is_checked_by_what_ran_twice() {
        let instrument = |ratios: &[f64]| {
            let mut results = race_of(pages(&["threads"], &TEN));
            results.twins = twins(ratios);
            super::instrument(&results).unwrap()
        };
        assert_eq!(
            instrument(&[0.98, 0.99, 1.0, 1.0, 1.01, 1.02]),
            "Instrument: in 6 pairs of runs of the same racer the later took 1.00× (0.98–1.02) \
             the time of the earlier."
        );
        assert_eq!(
            instrument(&[1.5; 5]),
            "Instrument: not checked; 5 pairs of runs of the same racer: too few (later by \
             earlier: 1.50× (1.50–1.50, 93.8 %))."
        );
        assert_eq!(
            instrument(&[1.5]),
            "Instrument: not checked; 1 pair of runs of the same racer: too few (later by \
             earlier: 1.50× (no interval))."
        );
        // By more than matters, and for certain: in either direction.
        for slower in [1.06, 0.95] {
            let warning = instrument(&[slower; 6]);
            assert!(
                warning.starts_with(
                    "WARNING: the instrument tells a racer from itself. In 6 pairs"
                ),
                "{warning}"
            );
        }
        for enough in [CLEAR, 1.04, 0.96, 1.0 / CLEAR] {
            let fine = instrument(&[enough; 6]);
            assert!(
                fine.starts_with("Instrument: in 6 pairs"),
                "{enough}: {fine}"
            );
        }
        // If one end of the interval says otherwise it cannot be told.
        for ratios in [
            [1.0, 1.2, 1.2, 1.2, 1.2, 1.2],
            [0.8, 0.8, 0.8, 0.8, 0.8, 1.0],
        ] {
            let warning = instrument(&ratios);
            assert!(
                warning.starts_with(
                    "WARNING: too noisy to tell differences of 5 %. In 6 pairs"
                ),
                "{warning}"
            );
        }
    }

    #[test]
    fn an_instrument_that_could_not_be_checked_is_none_that_was() {
        let mut results = race_of(pages(&["threads"], &TEN));
        let unchecked = instrument(&results).unwrap();
        assert_eq!(
            unchecked,
            "Instrument: not checked; no racer ran in every round, and twice in one."
        );
        results.seed = None;
        let block = instrument(&results).unwrap();
        assert!(
            block.starts_with("Each racer ran in a block of its own"),
            "{block}"
        );
        results.entrants.clear();
        assert_eq!(instrument(&results), None);
    }

    #[test]
    fn who_was_not_started_is_named_with_the_reason() {
        let mut results = samples::race();
        let out = LeftOut {
            name: "slower".to_string(),
            ideal: 4000.0,
        };
        results.left_out.push(out);
        assert_eq!(
            left_out(&results).unwrap(),
            "Not started, because a racer may take 15 s in all (--share): slow, which could not \
             end in less than 5 minutes; slower, which could not end in less than 67 minutes."
        );
        results.one_item = Some(Base {
            memory: None,
            cpu: 0.1,
        });
        let note = left_out(&results).unwrap();
        assert!(
            note.ends_with(
                ". What others need over the sequential program is over what it needs for one URL."
            ),
            "{note}"
        );
        results.left_out.clear();
        assert_eq!(left_out(&results), None);
    }

    #[test]
    fn nobody_is_below_the_ideal_without_a_word() {
        let mut results = race_of(pages(&["threads", "async", "processes"], &TEN));
        for (entrant, ideal) in results.entrants.iter_mut().zip([0.56, 0.55, 0.54]) {
            entrant.ideal = Some(ideal);
        }
        // As quick as the ideal is not below it.
        results.entrants[1].ideal = Some(results.entrants[1].median());
        assert_eq!(
            below_the_ideal(&results).unwrap(),
            "Below its ideal: threads; it cannot have waited as long as it was told to."
        );
        results.workload = Workload::HeavyCalculation;
        results.entrants[1].ideal = Some(0.6);
        let note = below_the_ideal(&results).unwrap();
        assert!(note.starts_with("Below its ideal: threads and async; the ideal is the sequential program's CPU time"), "{note}");
        for entrant in &mut results.entrants {
            entrant.ideal = None;
        }
        assert_eq!(below_the_ideal(&results), None);
    }

    #[test]
    fn times_far_from_the_others_are_shown() {
        let mut far = TEN;
        (far[3], far[7]) = (9.0, 0.001);
        let mut results = race_of(pages(&["threads"], &far));
        results.entrants.extend(pages(&["async"], &TEN));
        results
            .entrants
            .extend(pages(&["processes"], &[0.5, 0.51, 0.52, 0.53, 8.0]));
        assert_eq!(
            outliers(&results).unwrap(),
            "Far from the other rounds, probably because something else was running: threads \
             9.00 s, 1.00 ms; processes 8.00 s."
        );
        results.entrants = pages(&["async"], &TEN);
        assert_eq!(outliers(&results), None);
    }

    #[test]
    fn processes_that_are_slower_than_one_program_are_told_of() {
        let slower = TEN.map(|time| 2.0 * time);
        let mut results = race_of(pages(&["sequential"], &TEN));
        assert_eq!(start_up(&results), None);
        results.entrants.extend(pages(&["processes"], &slower));
        let note = start_up(&results).unwrap();
        assert!(
            note.contains("processes takes 2.00 times as long as the sequential"),
            "{note}"
        );
        results.entrants[1] = pages(&["processes"], &TEN).remove(0);
        assert_eq!(start_up(&results), None);
        results.entrants.extend(pages(&["machines"], &slower));
        let note = start_up(&results).unwrap();
        let expected = "Starting a server and its workers outweighs the work at this size: machines ";
        assert!(note.starts_with(expected), "{note}");
    }

    #[test]
    fn python_is_told_by_its_twin() {
        let mut results = samples::race();
        assert_eq!(
            python(&results).unwrap(),
            "Times as long as its twin in Rust: python-threads 3.39× (3.10–3.75)."
        );
        let twin = Origin::Python("sequential".to_string());
        results.entrants.push(samples::entrant(twin, &[6.0], 9));
        let note = python(&results).unwrap();
        assert!(
            note.ends_with(", python-sequential 3.00× (no interval)."),
            "{note}"
        );
        // Without its twin there is nothing to tell it by.
        results
            .entrants
            .retain(|entrant| entrant.origin != Origin::Page("threads".to_string()));
        assert!(!python(&results).unwrap().contains("python-threads"));
        results
            .entrants
            .retain(|entrant| !matches!(entrant.origin, Origin::Python(_)));
        assert_eq!(python(&results), None);
    }

    #[test]
    fn the_site_shares_the_cores() {
        let mut results = samples::race();
        let note = site(&results).unwrap();
        assert!(
            note.ends_with("kept one busy for 25 % of the time of the rounds."),
            "{note}"
        );
        results.site = None;
        assert_eq!(site(&results), None);
    }
}
