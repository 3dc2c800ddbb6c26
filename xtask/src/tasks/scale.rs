//! `cargo xtask scale`: the models as the work grows, each until it reaches its limit.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use indicatif::ProgressBar;

use crate::judge::stats;
use crate::judge::sweep::{Curve, Limit, Point, Scaling, Sweep};
use crate::measure::interrupt;
use crate::measure::machine::Machine;
use crate::measure::process;
use crate::racers::pages::Pages;
use crate::racers::site::Site;
use crate::racers::workload::{self, Racer, Work, Workload};
use crate::show::files::Folder;
use crate::show::{report, stdout, table};
use crate::tasks::flags::Scale;

/// All results, in the output folder.
pub const FILE: &str = "scale.json";

pub fn run(flags: &Scale) -> Result<ExitCode> {
    let pages = Pages::build()?;
    let folder = Folder::output(flags.output.as_deref(), &pages.target)?;
    interrupt::install().context("cannot watch for Ctrl-C")?;

    let mut scaling = Scaling {
        machine: Machine::look(None),
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
        folder.write(FILE, &serde_json::to_string_pretty(&scaling)?)?;
        report::write(&folder, flags.open)?;
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
    let mut curves: Vec<Curve> = Vec::new();
    for size in sizes(workload, flags.up_to) {
        let work = Work::scaled(workload, size);
        let _site = Site::for_work(&work, pages, folder)?;
        for (i, racer) in workload::racers(&work, pages, None, folder.path())?
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

/// One run that is watched, and then up to three that are timed, as long as they are short.
fn point(racer: &Racer, size: u64, deadline: Duration) -> Result<Point> {
    const ENOUGH: Duration = Duration::from_secs(1);
    let memory = process::watch(&mut racer.command(), deadline)?.memory;
    let memory = memory.map_or(0, |peak| peak.bytes);
    let mut runs = Vec::new();
    while runs.len() < 3
        && runs
            .iter()
            .map(|run: &process::Run| run.wall)
            .sum::<Duration>()
            < ENOUGH
    {
        runs.push(process::time(&mut racer.command(), deadline)?);
    }
    let median = |time: fn(&process::Run) -> Duration| {
        stats::median(
            &runs
                .iter()
                .map(|run| time(run).as_secs_f64())
                .collect::<Vec<_>>(),
        )
    };
    Ok(Point {
        size,
        wall: median(|run| run.wall),
        cpu: median(|run| run.user + run.system),
        memory,
    })
}

fn describe(sweep: &Sweep) -> String {
    let (about, _) = Work::about_scaled(sweep.workload);
    let mut text = format!("{}: {about}\n", sweep.workload.name());
    for cost in sweep.costs() {
        text += &format!("{}\n{}\n", cost.name, table::sweep(sweep, &cost));
    }
    let sentences = [sweep.limits(), sweep.crossovers()].concat();
    text + &sentences.join("\n") + "\n\n"
}
