//! "When to use which", measured: the article's summary table, answered from a comparison.
//!
//! The rule: **take the simplest model that is equal to the fastest.** If the race cannot tell
//! for a simpler one, both are named, and what would decide.

use clap::ValueEnum;
use race::{Entrant, Ratio, Standing};

use crate::format;
use crate::racers::load::Question;
use crate::racers::racer::{Origin, Racer};
use crate::racers::work::Workload;
use crate::results::comparison::WorkRace;

/// What to take for one kind of work, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    pub work: String,
    pub take: String,
    pub why: String,
}

/// The groups in which a race has to tell the racers apart from the fastest one. All pages of
/// the workload are a group, and the candidates of each question are a group. The twins in each
/// Python form the same groups. The user's programs are in every group.
pub fn groups(workload: Workload, racers: &[Racer]) -> Vec<Vec<String>> {
    let mut groups = Vec::new();
    for family in families(racers.iter().map(|racer| (&racer.name[..], racer.origin))) {
        groups.push(group(racers, &family, None));
        for question in workload.questions() {
            groups.push(group(racers, &family, Some(question)));
        }
    }
    if groups.is_empty() {
        groups.push(racers.iter().map(|racer| racer.name.clone()).collect());
    }
    groups
}

/// The racers of a family, or its candidates for a question; and the user's programs.
fn group(racers: &[Racer], family: &str, question: Option<&Question>) -> Vec<String> {
    let mut group = Vec::new();
    for racer in racers {
        let is_in = match racer.origin.page() {
            None => true,
            Some(page) => {
                let is_candidate =
                    question.is_none_or(|it| it.candidates.contains(&page.racer));
                family_of(&racer.name, racer.origin) == Some(family) && is_candidate
            }
        };
        if is_in {
            group.push(racer.name.clone());
        }
    }
    group
}

/// The family of a racer. It is empty for a page. For a twin it is what the names of all twins
/// in the same Python begin with.
fn family_of(name: &str, origin: Origin) -> Option<&str> {
    match origin {
        Origin::Page(_) => Some(""),
        Origin::Python(page) => name.strip_suffix(page.racer)?.strip_suffix('-'),
        Origin::Also => None,
    }
}

fn families<'a>(racers: impl Iterator<Item = (&'a str, Origin)>) -> Vec<String> {
    let mut families: Vec<String> = Vec::new();
    for (name, origin) in racers {
        if let Some(family) = family_of(name, origin)
            && !families.iter().any(|known| known == family)
        {
            families.push(family.to_string());
        }
    }
    families
}

/// The rows for which a candidate was raced.
pub fn rows(races: &[WorkRace]) -> Vec<Row> {
    let mut rows = Vec::new();
    for workload in Workload::value_variants() {
        let mut races = races.iter();
        let race = races.find(|race| race.work.workload() == *workload);
        let Some(race) = race else { continue };
        for question in workload.questions() {
            let origins = race.origins.iter();
            for family in families(origins.map(|(name, origin)| (&name[..], *origin))) {
                rows.extend(row(question, race, &family));
            }
        }
    }
    rows
}

/// The row of a question for the racers of one family. `None` if there is no candidate, or
/// nothing to compare it with.
fn row(question: &Question, race: &WorkRace, family: &str) -> Option<Row> {
    let mut candidates = Vec::new();
    let mut others = Vec::new();
    for racer in race.results.timed() {
        let origin = race.origin(racer);
        let Some(page) = origin.page() else { continue };
        if family_of(&racer.name, origin) != Some(family) {
            continue;
        }
        let place = question.candidates.iter().position(|it| *it == page.racer);
        match place {
            Some(place) => candidates.push((place, racer)),
            None => others.push(racer),
        }
    }
    if candidates.len() + others.len() < 2 {
        return None;
    }
    candidates.sort_by_key(|(place, _)| *place);
    let simplest_first: Vec<_> = candidates.into_iter().map(|(_, racer)| racer).collect();
    let choice = Choice::new(race, &simplest_first)?;
    Some(Row {
        work: match family {
            "" => question.work.to_string(),
            python => format!("{} ({python})", question.work),
        },
        take: choice.take(),
        why: choice.why(race, others),
    })
}

/// What the rule makes of the candidates of a question.
struct Choice<'a> {
    fastest: &'a Entrant,
    /// The simplest that is equal to the fastest.
    take: &'a Entrant,
    /// Simpler ones that may be as fast.
    open: Vec<(&'a Entrant, Ratio)>,
    /// Others that may be as fast, or faster.
    undecided: Vec<&'a Entrant>,
    /// Those that are as fast as the fastest, without `take`.
    equal: Vec<&'a Entrant>,
    /// Slower ones, the least slow first.
    slower: Vec<(&'a Entrant, Ratio)>,
}

impl<'a> Choice<'a> {
    /// The candidates come with the simplest first. `None` if there are none.
    fn new(race: &WorkRace, candidates: &[&'a Entrant]) -> Option<Self> {
        let results = &race.results;
        let fastest = results.fastest(candidates.iter().copied())?;
        let mut choice = Choice {
            fastest,
            take: fastest,
            open: Vec::new(),
            undecided: Vec::new(),
            equal: Vec::new(),
            slower: Vec::new(),
        };
        let mut is_taken = false;
        for candidate in candidates {
            let standing = results.standing(candidate, fastest);
            let is_fastest = candidate.name == fastest.name;
            match standing {
                Standing::Slower(ratio) if !is_fastest => {
                    choice.slower.push((candidate, ratio));
                }
                Standing::Open(_) if !is_fastest && is_taken => {
                    choice.undecided.push(candidate);
                }
                Standing::Open(ratio) if !is_fastest => {
                    choice.open.push((candidate, ratio));
                }
                _ if is_taken => choice.equal.push(candidate),
                _ => {
                    choice.take = candidate;
                    is_taken = true;
                }
            }
        }
        let by_ratio =
            |(_, a): &(_, Ratio), (_, b): &(_, Ratio)| a.estimate.total_cmp(&b.estimate);
        choice.slower.sort_by(by_ratio);
        Some(choice)
    }

    /// One name, or several where the race could not decide.
    fn take(&self) -> String {
        let open = self.open.iter().map(|(racer, _)| &racer.name[..]);
        let names: Vec<_> = open.chain([&self.take.name[..]]).collect();
        names.join(" or ")
    }

    /// A reason of about a dozen words. `others` are racers that are no candidates.
    fn why(&self, race: &WorkRace, others: Vec<&Entrant>) -> String {
        if let [(simpler, ratio), ..] = &self.open[..] {
            let range = format::range(ratio);
            return format!(
                "open: {} takes {range} the time of {}",
                simpler.name, self.fastest.name
            );
        }
        let mut reasons = Vec::new();
        // Each racer was compared with the fastest only.
        if self.take.name != self.fastest.name {
            reasons.push(format!("simpler than {}, as fast", self.fastest.name));
        } else if !self.equal.is_empty() {
            let names: Vec<_> = self.equal.iter().map(|racer| &racer.name[..]).collect();
            reasons.push(format!("simpler than {}, as fast", format::list(&names)));
        }
        // If no candidate is slower, what is taken is compared with the fastest of the other
        // racers. A queue for several machines is hardly an alternative on one machine.
        let alternatives = |(racer, _): &&(&Entrant, _)| racer.name != "machines";
        let nearest = self.slower.iter().find(alternatives);
        let other = match nearest.or(self.slower.first()) {
            Some((racer, _)) => Some(*racer),
            None => race.results.fastest(others),
        };
        if let Some(other) = other {
            reasons.extend(self.against(race, other));
        }
        // It is also of interest how much faster it is than the sequential page.
        let is_sequential = |(racer, _): &&(&Entrant, _)| {
            racer.name == "sequential" && other.is_some_and(|it| it.name != racer.name)
        };
        if let Some((_, ratio)) = self.slower.iter().find(is_sequential) {
            let times = format::number(ratio.estimate);
            reasons.push(format!("{times}× faster than sequential"));
        }
        if !self.undecided.is_empty() {
            let names: Vec<_> = self.undecided.iter().map(|it| &it.name[..]).collect();
            reasons.push(format!("{} may be as fast", format::list(&names)));
        }
        reasons.join("; ")
    }

    /// How another racer compares with the fastest, if that is a reason for what is taken.
    ///
    /// What is taken is as fast as the fastest. It may have left the race before it and the
    /// other ran often enough, so the other is compared with the fastest instead.
    fn against(&self, race: &WorkRace, other: &Entrant) -> Option<String> {
        let name = &other.name;
        let memory = less_memory(self.take, other);
        match race.results.standing(other, self.fastest) {
            Standing::Slower(ratio) => {
                let times = format::number(ratio.estimate);
                Some(format!("{times}× faster than {name}{memory}"))
            }
            Standing::Equal(_) => Some(format!("as fast as {name}{memory}")),
            Standing::Open(ratio) if ratio.estimate > 1.0 => {
                let range = format::range(&ratio);
                Some(format!("open: {name} takes {range} its time"))
            }
            Standing::Open(_) => None,
        }
    }
}

/// For instance `, in 1/14 of the memory`; empty where the difference is small or unknown.
fn less_memory(racer: &Entrant, other: &Entrant) -> String {
    let (Some(bytes), Some(more)) = (racer.peak(), other.peak()) else {
        return String::new();
    };
    let times = more as f64 / bytes as f64;
    match times {
        1.5.. => format!(", in 1/{times:.0} of the memory"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::racers::racer::Start;
    use crate::racers::work::{Work, page_named};
    use crate::racers::workloads::fetch_url::{FetchUrl, Urls};
    use crate::racers::workloads::heavy_calculation::HeavyCalculation;
    use crate::racers::workloads::say_after::SayAfter;
    use crate::racers::workloads::thumbnails::Thumbnails;
    use crate::show::samples::{racer, times, work_race};

    fn heavy() -> Work {
        Work::HeavyCalculation(HeavyCalculation {
            numbers: vec![10; 4],
            workers: 2,
        })
    }

    fn timers() -> Work {
        Work::SayAfter(SayAfter {
            sayings: vec!["1:a".parse().unwrap()],
            repeat: 4,
            workers: None,
        })
    }

    /// What is taken of racers with these median times.
    fn rows_of(work: Work, racers: &[(&str, f64)]) -> Vec<Row> {
        let racers = racers.iter();
        let racers = racers.map(|(name, time)| racer(name, &times(*time, 20), 4));
        rows(&[work_race(work, racers.collect())])
    }

    #[test]
    fn the_simplest_that_is_equal_to_the_fastest_is_taken() {
        let rows = rows_of(
            heavy(),
            &[
                ("sequential", 2.0),
                ("threads", 1.03),
                ("async", 1.0),
                ("processes", 1.02),
            ],
        );
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].take, "threads");
        assert_eq!(
            rows[0].why,
            "simpler than async, as fast; 2.00× faster than sequential"
        );
    }

    #[test]
    fn the_fastest_is_taken_where_simpler_ones_are_slower() {
        let rows = rows_of(heavy(), &[("threads", 1.1), ("processes", 1.0)]);
        assert_eq!(rows[0].take, "processes");
        assert_eq!(rows[0].why, "1.10× faster than threads");
    }

    #[test]
    fn for_timers_the_task_group_is_simpler_than_gather() {
        let rows = rows_of(
            timers(),
            &[
                ("threads", 1.7),
                ("async-gather", 1.0),
                ("async-gather-tasks", 1.01),
                ("async-task-group", 1.01),
            ],
        );
        assert_eq!(rows[0].take, "async-task-group");
        assert_eq!(
            rows[0].why,
            "simpler than async-gather, as fast; 1.70× faster than threads"
        );
    }

    #[test]
    fn a_simpler_one_that_is_open_is_named_beside_the_fastest() {
        let wild = [1.0, 1.3, 0.8, 1.1, 0.9, 1.2, 1.0, 0.8, 1.3, 1.0, 1.1, 0.9];
        let work = heavy();
        let race = work_race(
            work,
            vec![
                racer("threads", &wild.map(|time| time * 1.04), 4),
                racer("processes", &times(1.0, 12), 4),
            ],
        );
        let rows = rows(&[race]);
        assert_eq!(rows[0].take, "threads or processes");
        assert!(
            rows[0].why.starts_with("open: threads takes 0.8"),
            "{rows:?}"
        );
    }

    /// What is taken left after three rounds, in which the slower one varied much.
    #[test]
    fn a_slower_one_is_compared_with_the_fastest_and_not_with_what_is_taken() {
        let mut threads = times(1.7, 20);
        threads[0] = 1.2;
        threads[1] = 2.9;
        let race = work_race(
            timers(),
            vec![
                racer("threads", &threads, 4),
                racer("async-gather", &times(1.0, 20), 4),
                racer("async-task-group", &times(1.01, 3), 4),
            ],
        );
        let rows = rows(&[race]);
        assert_eq!(rows[0].take, "async-task-group");
        let expected = "simpler than async-gather, as fast; 1.70× faster than threads";
        assert_eq!(rows[0].why, expected);
    }

    #[test]
    fn a_row_with_one_candidate_is_compared_with_the_others() {
        let work = Work::FetchUrl(FetchUrl {
            urls: Urls::Distinct(4),
            delay: std::time::Duration::ZERO,
            workers: 2,
        });
        let rows = rows_of(work.clone(), &[("threads", 1.2), ("async", 1.0)]);
        let row = |work: &str| rows.iter().find(|row| row.work.contains(work)).unwrap();
        assert_eq!(row("async library").take, "async");
        assert_eq!(row("async library").why, "1.20× faster than threads");
        assert_eq!(row("blocking library").take, "threads");
        // It is slower than async, which no blocking library can use.
        assert_eq!(row("blocking library").why, "");
        // Where nothing else was raced there is nothing to say.
        assert_eq!(rows_of(work, &[("async", 1.0)]), []);
    }

    #[test]
    fn photos_have_a_row_in_each_language() {
        let work = Work::Thumbnails(Thumbnails::small());
        let rows = rows_of(
            work,
            &[
                ("sequential", 4.0),
                ("threads", 0.6),
                ("async", 0.5),
                ("processes", 0.7),
                ("python-threads", 1.1),
                ("python-processes", 1.0),
                ("python-async", 1.01),
            ],
        );
        let rows: Vec<_> = rows
            .iter()
            .map(|row| [&row.work[..], &row.take, &row.why])
            .collect();
        assert_eq!(
            rows,
            [
                [
                    "I/O, then CPU",
                    "async",
                    "1.20× faster than threads; 8.00× faster than sequential"
                ],
                [
                    "I/O, then CPU (python)",
                    "python-async",
                    "simpler than python-processes, as fast; 1.10× faster than python-threads"
                ],
            ]
        );
    }

    #[test]
    fn less_memory_is_told_where_it_is_much_less() {
        let task = racer("async-task-group", &times(1.0, 20), 4);
        let threads = racer("threads", &times(2.0, 20), 52);
        let rows = rows(&[work_race(timers(), vec![task, threads])]);
        assert_eq!(
            rows[0].why,
            "2.00× faster than threads, in 1/13 of the memory"
        );
    }

    #[test]
    fn each_python_has_rows_of_its_own() {
        let rows = rows_of(
            heavy(),
            &[
                ("threads", 1.0),
                ("processes", 1.01),
                ("python-threads", 90.0),
                ("python-processes", 50.0),
            ],
        );
        let rows: Vec<_> = rows
            .iter()
            .map(|row| (&row.work[..], &row.take[..]))
            .collect();
        assert_eq!(
            rows,
            [
                ("CPU-bound", "threads"),
                ("CPU-bound (python)", "python-processes")
            ]
        );
    }

    #[test]
    fn racers_are_told_apart_within_their_candidates_and_their_language() {
        let named = |name: &str, origin| Racer {
            name: name.to_string(),
            origin,
            start: Start::Built("nothing"),
        };
        let page = |name: &str| page_named(name).unwrap();
        let racers = [
            named("threads", Origin::Page(page("threads-fetch-url"))),
            named("async", Origin::Page(page("async-fetch-url"))),
            named("python-threads", Origin::Python(page("threads-fetch-url"))),
            named("mine", Origin::Also),
        ];
        assert_eq!(
            groups(Workload::FetchUrl, &racers),
            [
                &["threads", "async", "mine"][..],
                &["threads", "mine"],
                &["async", "mine"],
                &["python-threads", "mine"],
                &["python-threads", "mine"],
                &["mine"],
            ]
        );
        assert_eq!(groups(Workload::FetchUrl, &racers[3..]), [["mine"]]);
    }
}
