use super::*;

fn racer(name: &str, times: &[f64]) -> Entrant {
    let run = |(i, wall): (usize, &f64)| Run {
        round: i as u32 + 1,
        wall: *wall,
        user: 0.25,
        system: 0.5,
    };
    Entrant {
        name: name.to_string(),
        bound: None,
        check: Some(Run {
            round: 0,
            wall: 9.0,
            user: 1.0,
            system: 1.0,
        }),
        runs: times.iter().enumerate().map(run).collect(),
        memory: Vec::new(),
        failure: None,
    }
}

fn results(racers: &[Entrant]) -> Results {
    Results {
        racers: racers.to_vec(),
        self_pairs: Vec::new(),
        timeout: 15.0,
    }
}

/// How `times` compare with the times of the fastest.
fn standing(times: &[f64], fastest: &[f64]) -> Standing {
    let results = results(&[racer("a", times), racer("b", fastest)]);
    results.standing(&results.racers[0], &results.racers[1])
}

/// The load of a machine that is sometimes slow and sometimes fast.
const LOAD: [f64; 12] = [1.0, 2.0, 4.0, 1.0, 3.0, 1.0, 2.0, 1.5, 1.0, 3.5, 1.0, 2.0];

#[test]
fn what_slows_a_round_down_slows_both() {
    let slower = standing(&LOAD.map(|load| load * 1.1), &LOAD);
    let Standing::Slower(ratio) = slower else {
        panic!("{slower:?}")
    };
    assert!((ratio.estimate - 1.1).abs() < 1e-9, "{ratio:?}");
    let (low, high) = ratio.interval.unwrap();
    assert!((low - 1.1).abs() < 1e-9 && (high - 1.1).abs() < 1e-9);
}

#[test]
fn less_than_five_percent_more_or_less_is_equal() {
    for factor in [0.96, 1.0, 1.04] {
        let standing = standing(&LOAD.map(|load| load * factor), &LOAD);
        assert!(matches!(standing, Standing::Equal(_)), "{standing:?}");
    }
    for factor in [1.06, 2.0] {
        let standing = standing(&LOAD.map(|load| load * factor), &LOAD);
        assert!(matches!(standing, Standing::Slower(_)), "{standing:?}");
    }
}

#[test]
fn what_the_interval_does_not_settle_is_open() {
    // 10 % more on average, but not in every round.
    let mut times = LOAD.map(|load| load * 1.1);
    times[3] *= 0.8;
    times[7] *= 0.7;
    let standing = standing(&times, &LOAD);
    let Standing::Open(ratio) = standing else {
        panic!("{standing:?}")
    };
    let (low, high) = ratio.interval.unwrap();
    assert!(low < MARGIN && high > MARGIN, "{ratio:?}");
}

#[test]
fn two_rounds_settle_nothing() {
    let standing = standing(&[9.0, 9.0], &[1.0, 1.0]);
    assert!(
        matches!(standing, Standing::Open(Ratio { interval: None, .. })),
        "{standing:?}"
    );
}

#[test]
fn rounds_are_paired_by_their_number() {
    let mut late = racer("late", &[30.0, 60.0, 90.0]);
    for (run, round) in late.runs.iter_mut().zip([2, 4, 6]) {
        run.round = round;
    }
    let early = racer("early", &[1.0, 10.0, 1.0, 20.0]);
    let results = results(&[late, early]);
    let ratio = results.ratio(&results.racers[0], &results.racers[1]);
    assert!((ratio.estimate - 3.0).abs() < 1e-9, "{ratio:?}");
    assert_eq!(ratio.interval, None);
}

#[test]
fn a_racer_that_has_to_wait_longer_is_slower_without_a_round() {
    let mut waits = racer("waits", &[]);
    waits.bound = Some(1.1);
    assert_eq!(waits.times(), [9.0], "the check stands in");
    let fastest = racer("fastest", &[0.9, 1.0]);
    let found = results(&[waits.clone(), fastest]);
    let standing = found.standing(&found.racers[0], &found.racers[1]);
    let Standing::Slower(ratio) = standing else {
        panic!("{standing:?}")
    };
    assert!((ratio.estimate - 9.0 / 0.95).abs() < 1e-9, "{ratio:?}");
    // It is not slower if the fastest once took as long.
    let found = results(&[waits, racer("fastest", &[0.9, 1.06])]);
    let standing = found.standing(&found.racers[0], &found.racers[1]);
    assert!(matches!(standing, Standing::Open(_)), "{standing:?}");
}

#[test]
fn the_fastest_is_found_by_the_rounds_in_which_both_ran() {
    // `left` ran only before the machine became slow. There it was slower than `stayed`.
    let left = racer("left", &[1.1, 1.1, 1.1]);
    let stayed = racer("stayed", &[1.0, 1.0, 1.0, 5.0, 5.0, 5.0, 5.0]);
    let results = results(&[left, stayed]);
    assert_eq!(results.fastest(results.timed()).unwrap().name, "stayed");
    assert_eq!(results.fastest([]), None);
}

#[test]
fn noise_is_how_much_racers_differ_from_themselves() {
    let mut results = results(&[]);
    assert_eq!(results.noise(), None);
    let pair = |round, second| SelfPair {
        round,
        name: "a".to_string(),
        first: 1.0,
        second,
    };
    results.self_pairs = vec![pair(1, 1.1), pair(2, 1.0 / 1.1), pair(3, 1.0)];
    let noise = results.noise().unwrap();
    assert!((noise - 1.1_f64.ln()).abs() < 1e-9, "{noise}");
}

#[test]
fn figures_of_a_racer_are_medians_of_its_runs() {
    let mut racer = racer("a", &[3.0, 1.0, 2.0]);
    assert_eq!((racer.median(), racer.cpu()), (2.0, 0.75));
    assert_eq!(racer.peak(), None);
    racer.memory = vec![9, 1, 5];
    assert_eq!(racer.peak(), Some(5));
}

#[test]
fn only_racers_with_times_that_did_not_fail_count() {
    let mut failed = racer("failed", &[1.0]);
    failed.failure = Some("ended with exit status: 1".to_string());
    let mut left_out = racer("left out", &[]);
    left_out.check = None;
    left_out.bound = Some(300.0);
    let checked = racer("checked", &[]);
    let results = results(&[failed, left_out, checked]);
    let timed: Vec<_> = results.timed().map(|racer| &racer.name[..]).collect();
    assert_eq!(timed, ["checked"]);
    let left_out = results.racers.iter().map(Entrant::is_left_out);
    assert!(left_out.eq([false, true, false]));
}
