#![cfg(unix)]

use std::collections::HashMap;
use std::fs;

use super::*;
use crate::run::tests::runner;

/// A shell script that races.
fn racer(name: &str, script: &str) -> Racer {
    let command = CommandLine {
        program: "sh".into(),
        arguments: ["-c", script].map(String::from).into(),
        folder: std::env::temp_dir(),
        environment: Vec::new(),
    };
    Racer {
        name: name.to_string(),
        timed: command.clone(),
        checked: command,
        bound: None,
    }
}

fn race(racers: Vec<Racer>, limit: Limit) -> Race {
    let names = racers.iter().map(|racer| racer.name.clone()).collect();
    Race {
        racers,
        groups: vec![names],
        limit,
        timeout: Duration::from_secs(60),
    }
}

/// Any output is right.
struct Anything;

impl Check for Anything {
    fn line(&mut self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        Ok(())
    }
}

fn run(race: Race) -> Results {
    race.run(&mut runner(), |_| Box::new(Anything), |_| ())
}

fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("race-{name}-{}", std::process::id()))
}

#[test]
fn every_racer_runs_in_each_of_the_rounds_one_twice_in_an_order_that_is_drawn() {
    let log = temporary("order");
    let logging =
        |name: &str| racer(name, &format!("printf {name} >> '{}'", log.display()));
    let order_of_a_race = || {
        fs::write(&log, "").unwrap();
        let racers = vec![logging("a"), logging("b"), logging("c")];
        let results = run(race(racers, Limit::Rounds(6)));
        let mut twice: HashMap<&str, usize> = HashMap::new();
        for pair in &results.self_pairs {
            *twice.entry(&pair.name).or_default() += 1;
        }
        assert_eq!(twice, HashMap::from([("a", 2), ("b", 2), ("c", 2)]));
        for racer in &results.racers {
            let rounds = racer.runs.iter().map(|run| run.round);
            assert!(rounds.eq(1..=6), "{racer:?}");
        }
        let order = fs::read_to_string(&log).unwrap();
        // Checked once, timed 6 + 2 times, watched 3 times.
        for name in ["a", "b", "c"] {
            assert_eq!(order.matches(name).count(), 1 + 6 + 2 + 3, "{order}");
        }
        order
    };
    let first = order_of_a_race();
    assert!(
        (0..3).any(|_| order_of_a_race() != first),
        "the order is always {first}"
    );
    fs::remove_file(&log).unwrap();
}

#[test]
fn the_race_ends_when_a_slower_racer_is_known_to_be_slower() {
    let racers = vec![racer("fast", "sleep 0.05"), racer("slow", "sleep 0.5")];
    let results = run(race(racers, Limit::Time(Duration::from_secs(500))));
    let [fast, slow] = &results.racers[..] else {
        panic!("{results:?}")
    };
    assert!(matches!(results.standing(slow, fast), Standing::Slower(_)));
    // Three if nothing disturbs it.
    assert!((3..100).contains(&slow.runs.len()), "{slow:?}");
}

#[test]
fn the_race_ends_when_equal_racers_are_known_to_be_equal() {
    let racers = vec![racer("one", "sleep 0.1"), racer("other", "sleep 0.1")];
    let results = run(race(racers, Limit::Time(Duration::from_secs(500))));
    let fastest = results.fastest(results.timed()).unwrap();
    let other = results.timed().find(|racer| racer.name != fastest.name);
    let standing = results.standing(other.unwrap(), fastest);
    assert!(matches!(standing, Standing::Equal(_)), "{standing:?}");
    assert!(fastest.runs.len() < 500, "{fastest:?}");
}

#[test]
fn a_racer_that_is_told_apart_leaves_and_an_open_pair_races_on() {
    let racers = vec![
        racer("one", "sleep 0.020"),
        // About 5 % more, which stays open.
        racer("other", "sleep 0.0212"),
        racer("slow", "sleep 0.4"),
    ];
    let results = run(race(racers, Limit::Time(Duration::from_secs(5))));
    let runs = results.racers.iter().map(|racer| racer.runs.len());
    let [one, other, slow] = runs.collect::<Vec<_>>()[..] else {
        panic!("{results:?}")
    };
    assert_eq!(one, other);
    assert!(slow >= 3 && slow < one, "{slow} of {one}");
}

#[test]
fn a_racer_whose_bound_is_too_long_for_a_win_is_only_checked() {
    let mut waits = racer("waits", "sleep 0.6");
    waits.bound = Some(Duration::from_millis(600));
    let racers = vec![racer("fast", "true"), waits];
    let mut race = race(racers, Limit::Time(Duration::from_secs(1)));
    let results = run(Race {
        groups: race.groups.clone(),
        racers: race.racers.clone(),
        ..race
    });
    assert!(results.racers[1].runs.is_empty(), "{results:?}");
    assert!(results.racers[1].check.is_some());
    assert!(results.racers[1].is_timed());

    // Three rounds of it take less than a third of this.
    race.limit = Limit::Time(Duration::from_secs(6));
    assert_eq!(run(race).racers[1].runs.len(), 3);
}

#[test]
fn a_racer_whose_bound_is_above_the_timeout_is_not_started() {
    let log = temporary("left-out");
    let mut waits = racer("waits", &format!("touch '{}'", log.display()));
    waits.bound = Some(Duration::from_secs(61));
    let results = run(race(vec![waits, racer("fast", "true")], Limit::Rounds(1)));
    assert!(results.racers[0].is_left_out());
    assert_eq!(results.racers[1].runs.len(), 1);
    assert!(!log.exists());
}

#[test]
fn a_racer_that_fails_is_out_and_the_others_go_on() {
    let log = temporary("late");
    let third = format!(
        "echo >> '{0}'; test $(wc -l < '{0}') -lt 3 || {{ echo no bread >&2; exit 3; }}",
        log.display()
    );
    let mut hangs = race(
        vec![
            racer("fine", "true"),
            racer("fails", "exit 4"),
            // Its second run in a round is the third of all.
            racer("late", &third),
            racer("hangs", "sleep 1000"),
        ],
        Limit::Rounds(4),
    );
    hangs.timeout = Duration::from_secs(2);
    let results = run(hangs);
    let failures = results.racers.iter().map(|racer| racer.failure.as_deref());
    assert!(failures.eq([
        None,
        Some("ended with exit status: 4"),
        Some("ended with exit status: 3: no bread"),
        Some("did not end within 2s and was killed"),
    ]));
    assert_eq!(results.racers[0].runs.len(), 4);
    let timed: Vec<_> = results.timed().map(|racer| &racer.name[..]).collect();
    assert_eq!(timed, ["fine"]);
    fs::remove_file(&log).unwrap();
}

/// Refuses lines that begin with "wrong", and output without a last line "end".
struct Ends(bool);

impl Check for Ends {
    fn line(&mut self, line: &str) -> Result<(), String> {
        self.0 = line == "end";
        match line.starts_with("wrong") {
            true => Err(format!("says {line:?}")),
            false => Ok(()),
        }
    }

    fn finish(&mut self) -> Result<(), String> {
        match self.0 {
            true => Ok(()),
            false => Err("does not say end".to_string()),
        }
    }
}

#[test]
fn a_racer_with_wrong_answers_is_not_timed() {
    let racers = vec![
        racer("right", "echo a; echo end"),
        racer("wrong", "echo a; echo wrong b; sleep 1000"),
        racer("short", "echo a"),
    ];
    let race = race(racers, Limit::Rounds(1));
    let results = race.run(&mut runner(), |_| Box::new(Ends(false)), |_| ());
    let failures = results.racers.iter().map(|racer| racer.failure.as_deref());
    assert!(failures.eq([None, Some("says \"wrong b\""), Some("does not say end"),]));
    let runs = results.racers.iter().map(|racer| racer.runs.len());
    assert!(runs.eq([1, 0, 0]));
}

#[test]
fn the_steps_are_reported_before_they_are_taken() {
    let mut steps = Vec::new();
    let race = race(vec![racer("a", "true")], Limit::Rounds(1));
    race.run(
        &mut runner(),
        |_| Box::new(Anything),
        |step| {
            steps.push(format!("{step:?}"));
        },
    );
    let expected = [
        "Check(\"a\")",
        "Round(1, \"a\")",
        "Round(1, \"a\")",
        "Memory(\"a\")",
        "Memory(\"a\")",
        "Memory(\"a\")",
    ];
    assert_eq!(steps, expected);
}
