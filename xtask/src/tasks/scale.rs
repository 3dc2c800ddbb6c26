//! `cargo xtask scale`: the models as the work grows, each until it reaches its limit.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use race::{CommandLine, RunError, Runner, Usage, stats};

use crate::racers::racer;
use crate::racers::site::Site;
use crate::racers::work::{Work, Workload};
use crate::results::provenance;
use crate::results::sweep::{self, Curve, Limit, Point, Scaling, Sweep};
use crate::show::report::Report;
use crate::show::{growth, report};
use crate::tasks::flags::Scale;
use crate::tasks::session::{Plan, Session, progress};

pub fn run(flags: &Scale) -> Result<ExitCode> {
    let mut session = Plan::new(None)?.start(flags.output.as_deref())?;
    let mut scaling = Scaling {
        provenance: session.provenance.clone(),
        sweeps: Vec::new(),
    };
    for workload in Workload::value_variants() {
        let is_wanted = flags.workloads.is_empty() || flags.workloads.contains(workload);
        if !is_wanted || session.is_interrupted() {
            continue;
        }
        let sweep = sweep(*workload, flags, &mut session)?;
        let text = growth::document(&sweep).terminal();
        scaling.sweeps.push(sweep);
        // A sweep without results must not replace earlier ones.
        if scaling.has_points() {
            let json = serde_json::to_string_pretty(&scaling)?;
            session.folder.write(sweep::FILE, &json)?;
            Report {
                scaling: Some(scaling.clone()),
                ..Report::earlier(&session.folder)
            }
            .write(&session.folder)?;
        }
        session.print(&text);
    }
    if scaling.has_points() {
        session.print(&format!("Measured: {}.\n", scaling.provenance.describe()));
        report::announce(&session.folder, flags.open);
    }
    session.end(false)
}

/// Powers of ten, as far as the workload makes sense.
fn sizes(workload: Workload, up_to: u64) -> impl Iterator<Item = u64> {
    let powers = workload.growth().powers.clone();
    powers
        .map(|power| 10_u64.pow(power))
        .filter(move |size| *size <= up_to)
}

/// Runs all models at one size before the next size. So if the machine is slow for a while, all
/// models are affected.
fn sweep(workload: Workload, flags: &Scale, session: &mut Session) -> Result<Sweep> {
    let progress = progress("scaling", workload.name());
    let cores = u32::try_from(provenance::cores()).unwrap_or(u32::MAX);
    let racers = racer::racers(workload, &session.workspace, &[], &[]);
    let curve = |racer: &racer::Racer| Curve {
        name: racer.name.clone(),
        points: Vec::new(),
        limit: None,
    };
    let mut curves: Vec<_> = racers.iter().map(curve).collect();
    for size in sizes(workload, flags.up_to) {
        let work = Work::scaled(workload, size, cores);
        let site = Site::for_work(&work, &session.programs)?;
        let urls = work.urls_file();
        if let Some(site) = &site {
            session.folder.write(&urls, &work.addresses(&site.url))?;
        }
        for (racer, curve) in racers.iter().zip(&mut curves) {
            if curve.limit.is_some() {
                continue;
            }
            progress.set_message(format!("{size}: {}", racer.name));
            let command = session.track().timed(racer, &work, &urls)?;
            match point(&command, size, flags.deadline, &mut session.runner) {
                Ok(point) => curve.points.push(point),
                Err(RunError::Interrupted) => break,
                Err(error) => curve.limit = Some(Limit::new(size, &error)),
            }
        }
    }
    progress.finish_and_clear();
    Ok(Sweep { workload, curves })
}

/// Runs the command up to three times to watch its memory, and up to three times to time it.
fn point(
    command: &CommandLine,
    size: u64,
    timeout: Duration,
    runner: &mut Runner,
) -> Result<Point, RunError> {
    let watched = repeat(|| runner.watch(&mut command.command(), timeout))?;
    let timed = repeat(|| runner.time(&mut command.command(), timeout))?;
    let median = |figure: fn(&Usage) -> f64| {
        stats::median(&timed.iter().map(figure).collect::<Vec<_>>())
    };
    let peaks = watched.iter().filter_map(|run| run.memory);
    let peaks: Vec<_> = peaks.map(|bytes| bytes as f64).collect();
    Ok(Point {
        size,
        wall: median(|run| run.wall.as_secs_f64()),
        cpu: median(|run| (run.user + run.system).as_secs_f64()),
        memory: (!peaks.is_empty()).then(|| stats::median(&peaks)),
    })
}

/// Runs something once; then again, up to three times in all, while all runs together took less
/// than a second.
fn repeat(
    mut run: impl FnMut() -> Result<Usage, RunError>,
) -> Result<Vec<Usage>, RunError> {
    const ENOUGH: Duration = Duration::from_secs(1);
    let mut runs = vec![run()?];
    while runs.len() < 3 && runs.iter().map(|run| run.wall).sum::<Duration>() < ENOUGH {
        runs.push(run()?);
    }
    Ok(runs)
}
