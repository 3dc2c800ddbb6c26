//! Results that are known, for the tests of what is made of them.

use crate::judge::comparison::Comparison;
use crate::judge::results::{Entrant, LeftOut, Results};
use crate::judge::sweep::{Curve, Limit, Point, Scaling, Sweep};
use crate::judge::timelines::{Panel, Timelines};
use crate::judge::verdict::verdict;
use crate::measure::machine::Machine;
use crate::measure::race::{Failure, Memory, Timing, Twin};
use crate::measure::trace::Timeline;
use crate::racers::racer::Origin;
use crate::racers::workload::Workload;

const MB: u64 = 1_000_000;

/// Someone who ran in as many rounds as there are times.
pub fn entrant(origin: Origin, times: &[f64], megabytes: u64) -> Entrant {
    let name = match &origin {
        Origin::Page(page) => page.clone(),
        Origin::Python(page) => format!("python-{page}"),
        Origin::Also => "mine".to_string(),
    };
    Entrant {
        command: format!("{name} '1:<b>&'"),
        timing: Timing {
            user: vec![0.01; times.len()],
            system: vec![0.002; times.len()],
            ..Timing::block(name, times.to_vec())
        },
        origin,
        in_flight: 2,
        ideal: Some(0.3),
        memory: Some(Memory {
            peaks: vec![megabytes * MB],
            samples: vec![3],
        }),
    }
}

pub fn page(page: &str, times: &[f64], megabytes: u64) -> Entrant {
    entrant(Origin::Page(page.to_string()), times, megabytes)
}

/// A race of four, in six rounds, in which something of every kind happened.
pub fn race() -> Results {
    let mut sequential = page("sequential", &[2.0; 6], 1);
    sequential.in_flight = 1;
    let python = Origin::Python("threads".to_string());
    Results {
        workload: Workload::FetchUrl,
        title: "2 URLs <now>".to_string(),
        items: 2,
        rounds: 6,
        share: 15.0,
        seed: Some(1),
        entrants: vec![
            sequential,
            page("threads", &[0.4, 0.41, 0.44, 0.46, 0.49, 0.5], 4),
            entrant(python, &[1.5, 1.51, 1.52, 1.53, 1.54, 1.55], 30),
            entrant(Origin::Also, &[0.6, 0.61, 0.62, 0.63, 0.64, 0.65], 2),
        ],
        twins: (1..=6)
            .map(|round| Twin {
                round,
                name: "threads".to_string(),
                first: 0.45,
                second: 0.45,
            })
            .collect(),
        ideal: Some(0.3),
        one_item: None,
        per_job: None,
        left_out: vec![LeftOut {
            name: "slow".to_string(),
            ideal: 300.0,
        }],
        failures: vec![Failure {
            name: "processes".to_string(),
            message: "ended with <signal> 9".to_string(),
        }],
        site: Some(0.25),
    }
}

pub fn machine() -> Machine {
    Machine {
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
    let races = vec![race()];
    Comparison {
        machine: machine(),
        verdict: verdict(&races),
        races,
    }
}

/// Three curves: one that reached its limit, one whose memory was not always seen, one that
/// has no point.
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
    let limit = Limit::new(10, "did not end within 10s and was killed".to_string());
    Scaling {
        machine: machine(),
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

/// What a page did by the trace of it in `samples/`.
pub fn timeline(page: &str, trace: &str) -> Timeline {
    let origin = Origin::Page(page.to_string());
    Timeline::of(page, &origin, trace.as_bytes()).unwrap()
}

/// Two workloads, in which items end in every way.
pub fn timelines() -> Timelines {
    let panel = |workload, title: &str, timelines: &[Timeline]| Panel {
        workload,
        title: title.to_string(),
        timelines: timelines.to_vec(),
    };
    let threads = timeline("threads", include_str!("../../samples/trace-threads.json"));
    let group = timeline(
        "async-task-group",
        include_str!("../../samples/trace-async.json"),
    );
    let killed = timeline("processes", include_str!("../../samples/trace-killed.json"));
    Timelines {
        machine: machine(),
        panels: vec![
            panel(Workload::FetchUrl, "3 URLs <now>", &[threads]),
            panel(Workload::HeavyCalculation, "the numbers", &[killed]),
            panel(Workload::SayAfter, "2 sayings", &[group]),
        ],
    }
}
