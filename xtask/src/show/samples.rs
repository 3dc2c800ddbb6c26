//! Known results, for the tests of what is made from them.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use race::{Entrant, Results, Run, RunError, SelfPair};

use crate::racers::load::{Kind, Occasion};
use crate::racers::racer::Origin;
use crate::racers::work::{Sizes, Work, Workload, page_named};
use crate::racers::workloads::fetch_url::{FetchUrl, Urls};
use crate::racers::workloads::say_after::SayAfter;
use crate::results::comparison::{Comparison, WorkRace};
use crate::results::provenance::Provenance;
use crate::results::sweep::{Curve, Limit, Point, Scaling, Sweep};
use crate::results::timelines::{Panel, Timelines};
use crate::results::trace::Timeline;

const MB: u64 = 1_000_000;

/// A racer that ran in as many rounds as there are times.
pub fn racer(name: &str, times: &[f64], megabytes: u64) -> Entrant {
    let run = |(i, wall): (usize, &f64)| Run {
        round: i as u32 + 1,
        wall: *wall,
        user: 0.01,
        system: 0.002,
    };
    Entrant {
        name: name.to_string(),
        bound: None,
        check: times.first().map(|wall| run((0, wall))),
        runs: times.iter().enumerate().map(run).collect(),
        memory: vec![megabytes * MB],
        failure: None,
    }
}

/// Pages of a workload by the names of their racers, and `mine`, a program of the user.
pub fn work_race(work: Work, racers: Vec<Entrant>) -> WorkRace {
    let pages = work.workload().pages();
    let origin = |name: &str| {
        let named = |racer: &str| pages.iter().find(|page| page.racer == racer);
        match (named(name), name.strip_prefix("python-").and_then(named)) {
            (Some(page), _) => Origin::Page(page),
            (_, Some(page)) => Origin::Python(page),
            _ => Origin::Also,
        }
    };
    let origins: BTreeMap<_, _> = racers
        .iter()
        .map(|racer| (racer.name.clone(), origin(&racer.name)))
        .collect();
    WorkRace {
        work,
        cores: 2,
        origins,
        results: Results {
            racers,
            self_pairs: Vec::new(),
            timeout: 15.0,
        },
    }
}

/// `count` times around `seconds`, with so little noise that a difference of 5 % can be told.
pub fn times(seconds: f64, count: usize) -> Vec<f64> {
    let wave = [1.0, 1.01, 0.99, 1.005, 0.995];
    wave.iter()
        .cycle()
        .take(count)
        .map(|it| it * seconds)
        .collect()
}

/// A race in which something of every kind happened.
pub fn race() -> WorkRace {
    let mut sequential = racer("sequential", &[], 1);
    sequential.check = racer("", &[2.0], 1).check;
    sequential.bound = Some(1.2);
    let mut failed = racer("processes", &[], 1);
    failed.failure = Some("ended with <signal> 9".to_string());
    let mut left_out = racer("machines", &[], 1);
    left_out.bound = Some(300.0);
    let racers = vec![
        sequential,
        racer("threads", &times(0.45, 10), 4),
        failed,
        racer("async", &times(0.44, 10), 3),
        left_out,
        racer("python-threads", &times(1.5, 6), 30),
        racer(
            "mine",
            &[0.4, 0.5, 0.43, 0.52, 0.44, 0.46, 0.39, 0.6, 0.45, 0.47],
            2,
        ),
    ];
    let work = Work::FetchUrl(FetchUrl {
        urls: Urls::Distinct(4),
        delay: Duration::from_millis(300),
        workers: 4,
    });
    let mut race = work_race(work, racers);
    race.results.self_pairs = [1.0, 1.02, 0.98]
        .map(|second| SelfPair {
            round: 1,
            name: "threads".to_string(),
            first: 1.0,
            second,
        })
        .into();
    race
}

/// A race of each workload at the size of `cargo xtask compare`, in which each racer takes a
/// second more than the one before.
pub fn every_workload() -> Vec<WorkRace> {
    #[derive(Parser)]
    struct Options {
        #[command(flatten)]
        sizes: Sizes,
    }
    let sizes = Options::parse_from(["compare"]).sizes;
    let race = |workload: &Workload| {
        let racers = (1..).zip(workload.pages());
        let racers = racers
            .map(|(seconds, page)| racer(page.racer, &times(f64::from(seconds), 10), 4));
        let occasion = Occasion {
            kind: Kind::Race,
            with_python: false,
            cores: 2,
        };
        let work = sizes.work(*workload, occasion);
        work_race(work, racers.collect())
    };
    Workload::value_variants().iter().map(race).collect()
}

pub fn provenance() -> Provenance {
    Provenance {
        date: "2026-11-24 12:10 UTC".to_string(),
        command: "cargo xtask compare".to_string(),
        commit: "0123456789".to_string(),
        rustc: "rustc 1.95.0".to_string(),
        pythons: Vec::new(),
        nats_server: None,
        cpu: "a processor".to_string(),
        cores: 2,
        os: "a system".to_string(),
        load: Some(0.5),
        governor: None,
        environment: vec!["MALLOC_ARENA_MAX=2".to_string()],
    }
}

pub fn comparison() -> Comparison {
    let sayings = vec!["0.1:<b>".parse().unwrap(), "0.2:world".parse().unwrap()];
    let timers = work_race(
        Work::SayAfter(SayAfter {
            sayings,
            repeat: 1000,
            workers: None,
        }),
        vec![
            racer("threads", &times(0.35, 10), 52),
            racer("async-gather", &times(0.208, 10), 3),
            racer("async-task-group", &times(0.21, 10), 4),
        ],
    );
    Comparison {
        provenance: provenance(),
        timelines: timelines().panels,
        races: vec![race(), timers],
    }
}

/// Three curves: one that reached its limit, one without some of its memory figures, one
/// without points.
pub fn scaling() -> Scaling {
    let point = |size: u64, memory| Point {
        size,
        wall: 0.02 * size as f64,
        cpu: 0.01,
        memory,
    };
    let curve = |name: &str, points: &[Point], limit| Curve {
        name: name.to_string(),
        points: points.to_vec(),
        limit,
    };
    let limit = Limit::new(10, &RunError::TimedOut(Duration::from_secs(10)));
    Scaling {
        provenance: provenance(),
        sweeps: vec![Sweep {
            workload: Workload::SayAfter,
            curves: vec![
                curve("sequential", &[point(1, Some(1e6))], Some(limit)),
                curve("threads", &[point(1, Some(2e6)), point(10, None)], None),
                curve("async-gather", &[], None),
            ],
        }],
    }
}

/// The timeline of a page, from a trace in `samples/`.
pub fn timeline(page: &str, trace: &str) -> Timeline {
    let page = page_named(page).unwrap();
    Timeline::of(page.racer, Origin::Page(page), trace.as_bytes()).unwrap()
}

/// Three workloads, in which items end in every way.
pub fn timelines() -> Timelines {
    let panel = |workload, title: &str, timelines: &[Timeline]| Panel {
        workload,
        title: title.to_string(),
        timelines: timelines.to_vec(),
    };
    let threads = timeline(
        "threads-fetch-url",
        include_str!("../../samples/trace-threads.json"),
    );
    let group = timeline(
        "async-task-group",
        include_str!("../../samples/trace-async.json"),
    );
    let killed = timeline(
        "processes-heavy-calculation",
        include_str!("../../samples/trace-killed.json"),
    );
    Timelines {
        provenance: provenance(),
        panels: vec![
            panel(Workload::FetchUrl, "3 URLs <now>", &[threads]),
            panel(Workload::HeavyCalculation, "the numbers", &[killed]),
            panel(Workload::SayAfter, "2 sayings", &[group]),
        ],
    }
}

/// Photos that are waited for, then shrunk: on the threads that wait, and for tasks.
pub fn photos() -> Panel {
    let threads = timeline(
        "threads-thumbnails",
        include_str!("../../samples/trace-photos-threads.json"),
    );
    let tasks = timeline(
        "async-thumbnails",
        include_str!("../../samples/trace-photos-async.json"),
    );
    Panel {
        workload: Workload::Thumbnails,
        title: "2 photos".to_string(),
        timelines: vec![threads, tasks],
    }
}

/// A sample with characters in its title, its name and its labels that must not be printed.
pub fn untrusted() -> Panel {
    // The characters as JSON escapes, then the characters themselves.
    const ESCAPED: &str = r"\u001b\u0000\uffff<&";
    const RAW: &str = "\u{1b}\0\u{ffff}<&";
    let trace = include_str!("../../samples/trace-threads.json");
    let trace = trace.replace("python", ESCAPED);
    let mut timeline = timeline("threads-fetch-url", &trace);
    timeline.name = RAW.to_string();
    Panel {
        workload: Workload::FetchUrl,
        title: RAW.to_string(),
        timelines: vec![timeline],
    }
}
