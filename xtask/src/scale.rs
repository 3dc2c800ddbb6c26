//! `cargo xtask scale`: the models as the work grows, each until it reaches its limit.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use indicatif::ProgressBar;

use crate::files::Folder;
use crate::flags::Scale;
use crate::machine::Machine;
use crate::measure;
use crate::pages::Pages;
use crate::site::Site;
use crate::sweep::{Curve, Limit, Point, Scaling, Sweep};
use crate::workload::{self, Racer, Work, Workload};
use crate::{format, interrupt, stats, stdout, table};

pub fn run(flags: &Scale) -> Result<ExitCode> {
    let pages = Pages::build()?;
    let folder = Folder::create(pages.target.join("compare"))?;
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
    stdout::print(&format!("{}\n", scaling.machine.describe()))?;
    folder.write("scale.json", &serde_json::to_string_pretty(&scaling)?)?;
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
    let memory = measure::peak_memory(&mut racer.command(), deadline)?;
    let mut runs = Vec::new();
    while runs.len() < 3
        && runs
            .iter()
            .map(|run: &measure::Run| run.wall)
            .sum::<Duration>()
            < ENOUGH
    {
        runs.push(measure::time(&mut racer.command(), deadline)?);
    }
    let median = |time: fn(&measure::Run) -> Duration| {
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
    let name = sweep.workload.name();
    let (about, unit) = Work::about_scaled(sweep.workload);
    let time = table::sweep(sweep, |point| format::seconds(point.wall));
    let cpu = table::sweep(sweep, |point| {
        format::seconds(point.cpu / point.size as f64)
    });
    let (per, units): (_, fn(&Point) -> u64) = if sweep.workload.waits() {
        (format!(" per {unit}"), |point| point.size)
    } else {
        (String::new(), |_| 1)
    };
    let memory = table::sweep(sweep, |point| format::bytes(point.memory / units(point)));
    let mut text = format!(
        "{name}: {about}\ntime\n{time}\nCPU time per {unit}\n{cpu}\nmemory{per}\n{memory}\n"
    );
    for curve in &sweep.curves {
        if let Some(Limit { size, message, .. }) = &curve.limit {
            let size = format::count(*size);
            text += &format!("{}: at {size}, it {message}\n", curve.name);
        }
    }
    text + &sweep.crossovers().join("\n") + "\n\n"
}
