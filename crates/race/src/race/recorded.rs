//! How often a race is right. A recorded series of rounds, in each of which one program ran
//! twice, is cut into races of one minute.

use serde::Deserialize;

use super::*;
use crate::stats;

/// Wall-clock times in seconds of two runs of one program in each round. Made on a quiet
/// machine with `cargo xtask compare fetch-url --only async,copy --also copy=... --rounds 1050`.
#[derive(Deserialize)]
struct Series {
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Series {
    fn read() -> Self {
        let json = include_str!("../../samples/twice-in-each-round.json");
        serde_json::from_str(json).unwrap()
    }

    /// The number of rounds in a race of a minute. A round is three runs: one of each racer,
    /// and a second one of one of them.
    fn rounds_in_a_minute(&self) -> usize {
        (60.0 / (3.0 * stats::median(&self.first))) as usize
    }

    /// Races that begin at every tenth round, so that any drift is in some of them.
    fn races(&self) -> impl Iterator<Item = (&[f64], &[f64])> {
        let rounds = self.rounds_in_a_minute();
        let last = self.first.len() - rounds;
        (0..=last).step_by(10).map(move |start| {
            let race = start..start + rounds;
            (&self.first[race.clone()], &self.second[race])
        })
    }
}

fn entrant(name: &str, times: impl Iterator<Item = f64>) -> Entrant {
    let run = |(i, wall)| Run {
        round: i as u32 + 1,
        wall,
        user: 0.0,
        system: 0.0,
    };
    Entrant {
        name: name.to_string(),
        bound: None,
        check: None,
        runs: times.enumerate().map(run).collect(),
        memory: Vec::new(),
        failure: None,
    }
}

/// The outcome of a race between a program and one that takes `factor` times as long.
fn outcome(program: &[f64], other: &[f64], factor: f64) -> (String, Standing) {
    let mut look = FIRST_LOOK;
    loop {
        let rounds = (look as usize).min(program.len());
        let results = Results {
            racers: vec![
                entrant("program", program[..rounds].iter().copied()),
                entrant("other", other[..rounds].iter().map(|time| time * factor)),
            ],
            self_pairs: Vec::new(),
            timeout: 15.0,
        };
        let fastest = results.fastest(results.timed()).unwrap();
        let racer = results.timed().find(|racer| racer.name != fastest.name);
        let standing = results.standing(racer.unwrap(), fastest);
        if !matches!(standing, Standing::Open(_)) || rounds == program.len() {
            return (racer.unwrap().name.clone(), standing);
        }
        look = next_look(look);
    }
}

/// The fraction of the races with an outcome like this.
fn share(factor: f64, is_like: impl Fn(&str, Standing) -> bool) -> f64 {
    let series = Series::read();
    let outcomes = series.races().map(|(a, b)| outcome(a, b, factor));
    let like: Vec<_> = outcomes.map(|(name, it)| is_like(&name, it)).collect();
    let count = like.iter().filter(|is_like| **is_like).count();
    let share = count as f64 / like.len() as f64;
    println!("{factor}: {count} of {}", like.len());
    share
}

#[test]
fn the_series_is_long_and_no_noisier_than_is_allowed() {
    let series = Series::read();
    assert!(series.first.len() >= 1_000);
    assert_eq!(series.first.len(), series.second.len());
    let pairs = series.first.iter().zip(&series.second);
    let logs: Vec<_> = pairs.map(|(a, b)| (b / a).ln()).collect();
    let noise = stats::standard_deviation(&logs).unwrap();
    println!(
        "noise {noise}, {} rounds in a minute",
        series.rounds_in_a_minute()
    );
    assert!(noise <= 0.10, "{noise}");
}

#[test]
fn a_copy_is_equal_in_19_of_20_races() {
    assert!(share(1.0, |_, it| matches!(it, Standing::Equal(_))) >= 0.95);
}

#[test]
fn ten_percent_more_is_slower_in_19_of_20_races() {
    let is_slower = |name: &str, it| name == "other" && matches!(it, Standing::Slower(_));
    assert!(share(1.10, is_slower) >= 0.95);
}

#[test]
fn eight_percent_more_is_equal_in_at_most_1_of_20_races() {
    assert!(share(1.08, |_, it| matches!(it, Standing::Equal(_))) <= 0.05);
}

#[test]
fn the_faster_program_is_not_called_slower() {
    let is_wrong =
        |name: &str, it| name == "program" && matches!(it, Standing::Slower(_));
    assert!(share(1.08, is_wrong) == 0.0);
}
