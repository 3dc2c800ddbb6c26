//! `cargo xtask scale`: the models as the work grows, each until it reaches its limit.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use indicatif::ProgressBar;

use crate::judge::sweep::{self, Curve, Limit, Point, Scaling, Sweep};
use crate::measure::interrupt;
use crate::measure::machine::{self, Machine};
use crate::measure::process::{self, Run};
use crate::racers::pages::Pages;
use crate::racers::racer::{self, Racer, URLS};
use crate::racers::site::Site;
use crate::racers::workload::{Work, Workload};
use crate::show::files::Folder;
use crate::show::{report, stdout, table};
use crate::stats;
use crate::tasks::flags::Scale;

pub fn run(flags: &Scale) -> Result<ExitCode> {
    let pages = Pages::build()?;
    let folder = Folder::output(flags.output.as_deref(), &pages.target)?;
    interrupt::install().context("cannot watch for Ctrl-C")?;

    let mut scaling = Scaling {
        machine: Machine::look(&[]),
        sweeps: Vec::new(),
    };
    for workload in Workload::value_variants() {
        let asked_for = flags.workloads.is_empty() || flags.workloads.contains(workload);
        if asked_for && !interrupt::requested() {
            let sweep = sweep(*workload, flags, &pages, &folder)?;
            stdout::print(&describe(&sweep))?;
            scaling.sweeps.push(sweep);
        }
    }
    // Nothing new must not replace what was measured before.
    let mut curves = scaling.sweeps.iter().flat_map(|sweep| &sweep.curves);
    if curves.any(|curve| !curve.points.is_empty()) {
        stdout::print(&format!("{}\n", scaling.machine.describe()))?;
        folder.write(sweep::FILE, &serde_json::to_string_pretty(&scaling)?)?;
        report::write(&folder)?;
        report::announce(&folder, flags.open);
    }
    interrupt::check()?;
    Ok(ExitCode::SUCCESS)
}

/// Powers of ten, as far as the workload makes sense.
fn sizes(workload: Workload, up_to: u64) -> impl Iterator<Item = u64> {
    let powers = match workload {
        Workload::FetchUrl => 0..=4,
        Workload::HeavyCalculation => 3..=9,
        Workload::SayAfter => 0..=6,
    };
    powers
        .map(|power| 10_u64.pow(power))
        .filter(move |size| *size <= up_to)
}

/// Runs all models at one size before the next, so that whatever drifts drifts for all.
fn sweep(
    workload: Workload,
    flags: &Scale,
    pages: &Pages,
    folder: &Folder,
) -> Result<Sweep> {
    let progress = ProgressBar::new_spinner().with_prefix(workload.name());
    if progress.is_hidden() {
        eprintln!("scaling {}", workload.name());
    }
    let cores = u32::try_from(machine::cores()).unwrap_or(u32::MAX);
    let mut curves: Vec<Curve> = Vec::new();
    for size in sizes(workload, flags.up_to) {
        let work = Work::scaled(workload, size, cores);
        let site = Site::for_work(&work, pages)?;
        if let Some(site) = &site {
            folder.write(URLS, &work.urls(&site.url))?;
        }
        for (i, racer) in racer::racers(&work, pages, &[], &[], folder.path())?
            .iter()
            .enumerate()
        {
            if curves.len() == i {
                curves.push(Curve {
                    name: racer.name.clone(),
                    points: Vec::new(),
                    limit: None,
                });
            }
            let curve = &mut curves[i];
            if curve.limit.is_none() && !interrupt::requested() {
                progress.set_message(format!("{size}: {}", racer.name));
                match point(racer, size, flags.deadline) {
                    Ok(point) => curve.points.push(point),
                    Err(_) if interrupt::requested() => {}
                    Err(error) => {
                        curve.limit = Some(Limit::new(size, format!("{error:#}")))
                    }
                }
            }
        }
    }
    progress.finish_and_clear();
    Ok(Sweep { workload, curves })
}

/// Up to three runs that are watched and up to three that are timed, as long as they are
/// short.
fn point(racer: &Racer, size: u64, deadline: Duration) -> Result<Point> {
    let watched = repeat(|| process::watch(&mut racer.command(), deadline))?;
    let timed = repeat(|| process::time(&mut racer.command(), deadline))?;
    let median = |runs: &[Run], figure: fn(&Run) -> Option<f64>| {
        let figures: Vec<_> = runs.iter().filter_map(figure).collect();
        (!figures.is_empty()).then(|| stats::median(&figures))
    };
    let wall = median(&timed, |run| Some(run.wall.as_secs_f64()));
    let cpu = median(&timed, |run| Some((run.user + run.system).as_secs_f64()));
    Ok(Point {
        size,
        wall: wall.unwrap_or(0.0),
        cpu: cpu.unwrap_or(0.0),
        memory: median(&watched, |run| run.memory.map(|peak| peak.bytes as f64)),
    })
}

/// Once, and up to three times as long as that takes less than a second in all.
fn repeat(run: impl Fn() -> Result<Run>) -> Result<Vec<Run>> {
    const ENOUGH: Duration = Duration::from_secs(1);
    let mut runs = vec![run()?];
    while runs.len() < 3 && runs.iter().map(|run| run.wall).sum::<Duration>() < ENOUGH {
        runs.push(run()?);
    }
    Ok(runs)
}

fn describe(sweep: &Sweep) -> String {
    let (about, _) = Work::about_scaled(sweep.workload);
    let mut text = format!("{}: {about}\n", sweep.workload.name());
    for cost in sweep.costs() {
        let table = table::sweep(sweep, &cost).terminal(None);
        text += &format!("{}\n{table}\n", cost.name);
    }
    let sentences = [sweep.limits(), sweep.crossovers()].concat();
    text + &sentences.join("\n") + "\n\n"
}
