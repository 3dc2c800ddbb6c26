//! `cargo xtask compare`: the models against each other.

use std::num::NonZero;
use std::process::ExitCode;
use std::thread;

use anyhow::{Context, Result};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use crate::files::Folder;
use crate::flags::Compare;
use crate::pages::Pages;
use crate::race::Failure;
use crate::site::Site;
use crate::workload::{self, URLS, Work, Workload};
use crate::{export, hyperfine, interrupt, parity, race, stats, stdout, table};

pub fn run(flags: &Compare) -> Result<ExitCode> {
    if flags.hyperfine {
        hyperfine::find()?;
    }
    let pages = Pages::build()?;
    let folder = Folder::create(pages.target.join("compare"))?;
    interrupt::install().context("cannot watch for Ctrl-C")?;

    let mut failures = Vec::new();
    for workload in Workload::value_variants() {
        if flags.workloads.is_empty() || flags.workloads.contains(workload) {
            failures.extend(compare(*workload, flags, &pages, &folder)?);
        }
    }
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Races one workload, prints its table and writes its files. Returns what was not timed.
fn compare(
    workload: Workload,
    flags: &Compare,
    pages: &Pages,
    folder: &Folder,
) -> Result<Vec<Failure>> {
    let name = workload.name();
    let work = Work::sized(workload, &flags.sizes);
    let racers = workload::racers(&work, pages, folder.path())?;
    let _site = publish(&work, pages, folder)?;
    let script = hyperfine::script(&work, &racers, flags.rounds);
    folder.write_script(&format!("race-{name}.sh"), &script)?;

    let progress = progress(name, racers.len(), flags.rounds);
    let (racers, mut failures) = parity::check(&work, racers, flags.deadline, &progress)?;
    let timings = if flags.hyperfine {
        hyperfine::race(&racers, flags.rounds, flags.deadline)?
    } else {
        let (timings, failed) =
            race::rounds(racers, flags.rounds, flags.deadline, &progress);
        failures.extend(failed);
        timings
    };
    progress.finish_and_clear();

    for Failure { racer, error } in &failures {
        eprintln!("error: {name}: {racer} {error:#}; it is not timed");
    }
    if !timings.is_empty() {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let table = table::table(&timings, work.bound(cores, &timings));
        let notes = notes(&timings);
        stdout::print(&format!("{name}: {}\n{table}\n{notes}\n", work.title()))?;
        folder.write(&format!("{name}.json"), &export::write(&timings)?)?;
        folder.write(&format!("{name}.md"), &table::markdown(table))?;
    }
    interrupt::check()?;
    Ok(failures)
}

/// Starts the site, if the work needs one, and writes down which of its URLs are fetched.
fn publish(work: &Work, pages: &Pages, folder: &Folder) -> Result<Option<Site>> {
    let Work::FetchUrl { paths, delay, .. } = work else {
        return Ok(None);
    };
    let site = Site::start(pages.program("demo-site")?, 0, *delay)?;
    let urls = paths.iter().map(|path| format!("{}{path}\n", site.url));
    folder.write(URLS, &urls.collect::<String>())?;
    Ok(Some(site))
}

/// A bar on stderr, if that is a terminal.
fn progress(name: &'static str, racers: usize, rounds: u32) -> ProgressBar {
    let progress = ProgressBar::new(racers as u64 * u64::from(rounds + 1));
    let style = ProgressStyle::with_template("{prefix} {bar:30} {msg}");
    progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    progress.set_prefix(name);
    if progress.is_hidden() {
        eprintln!("racing {name}");
    }
    progress
}

/// What a reader should not have to find out alone.
fn notes(timings: &[race::Timing]) -> String {
    let slower = |model: &str| {
        let racer = timings.iter().find(|timing| timing.name == model)?;
        let baseline = race::baseline(timings)?;
        let times = stats::median(&racer.times) / stats::median(&baseline.times);
        (times > 1.0).then_some(times)
    };
    match slower("processes") {
        Some(times) => format!(
            "Starting the processes outweighs the work: they take {times:.1} times as long as \
             the sequential program.\n"
        ),
        None => String::new(),
    }
}
