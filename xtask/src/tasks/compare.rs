//! `cargo xtask compare`: the models against each other.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use crate::judge::results::{Comparison, Entrant, Results};
use crate::judge::verdict::verdict;
use crate::measure::machine::{self, Machine};
use crate::measure::race::{self, AGAIN};
use crate::measure::{hyperfine, interrupt, parity, process};
use crate::racers::pages::Pages;
use crate::racers::python::Python;
use crate::racers::site::Site;
use crate::racers::workload::{self, Racer, Work, Workload};
use crate::show::files::Folder;
use crate::show::{export, notes, report, stdout, table};
use crate::tasks::flags::Compare;

/// All results, in the output folder.
pub const FILE: &str = "compare.json";

pub fn run(flags: &Compare) -> Result<ExitCode> {
    if flags.hyperfine {
        hyperfine::find()?;
    }
    let pages = Pages::build()?;
    let folder = Folder::output(flags.output.as_deref(), &pages.target)?;
    interrupt::install().context("cannot watch for Ctrl-C")?;

    let python = (flags.python)
        .then(|| Python::prepare(&pages.target, flags.python_interpreter.as_deref()))
        .transpose()?;
    let mut comparison = Comparison {
        machine: Machine::look(python.as_ref()),
        races: Vec::new(),
    };
    for (work, racers) in entries(flags, &pages, python.as_ref(), &folder)? {
        if !interrupt::requested() {
            let results = compare(&work, racers, flags, &pages, &folder)?;
            publish(&results, &comparison.machine, &folder)?;
            comparison.races.push(results);
        }
    }
    // Nothing new must not replace what was measured before.
    if comparison
        .races
        .iter()
        .any(|race| !race.entrants.is_empty())
    {
        conclude(&comparison, &folder)?;
        report::write(&folder, flags.open)?;
    }
    interrupt::check()?;
    let failed = comparison
        .races
        .iter()
        .any(|race| !race.failures.is_empty());
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The workloads that are to be raced, each with its racers.
fn entries(
    flags: &Compare,
    pages: &Pages,
    python: Option<&Python>,
    folder: &Folder,
) -> Result<Vec<(Work, Vec<Racer>)>> {
    let mut entries = Vec::new();
    for workload in Workload::value_variants() {
        if flags.workloads.is_empty() || flags.workloads.contains(workload) {
            let work = Work::sized(*workload, flags);
            let racers = workload::racers(&work, pages, python, folder.path())?;
            entries.push((work, racers));
        }
    }
    let known = |name: &String| {
        let mut racers = entries.iter().flat_map(|(_, racers)| racers);
        racers.any(|racer| racer.name == *name)
    };
    if let Some(name) = flags.only.iter().find(|name| !known(name)) {
        bail!("--only {name}: no racer of that name");
    }
    if !flags.only.is_empty() {
        for (_, racers) in &mut entries {
            racers.retain(|racer| flags.only.contains(&racer.name));
        }
        entries.retain(|(_, racers)| !racers.is_empty());
    }
    Ok(entries)
}

/// Checks all models at one workload, races them, and looks at their memory. After Ctrl-C
/// these are cut short, one after the other, and what was measured is returned.
fn compare(
    work: &Work,
    racers: Vec<Racer>,
    flags: &Compare,
    pages: &Pages,
    folder: &Folder,
) -> Result<Results> {
    let (rounds, deadline) = (flags.rounds(), flags.deadline);
    let name = work.workload().name();
    let _site = Site::for_work(work, pages, folder)?;
    let script = hyperfine::script(work, &racers, rounds);
    folder.write_script(&format!("race-{name}.sh"), &script)?;

    let progress = progress(name, racers.len() as u64 * u64::from(rounds + 2));
    let (mut racers, mut failures) = parity::check(work, racers, deadline, &progress);
    racers.extend(race::again(&racers));
    let (mut timings, failed) = if flags.hyperfine {
        progress.finish_and_clear();
        (hyperfine::race(&racers, rounds, deadline)?, Vec::new())
    } else {
        race::rounds(&racers, rounds, deadline, &progress)
    };
    failures.extend(failed);
    let again = timings.pop_if(|timing| timing.name.ends_with(AGAIN));

    let mut entrants = Vec::new();
    for timing in timings {
        let racer = racers.iter().find(|racer| racer.name == timing.name);
        let racer = racer.context("a racer was timed that is not in the race")?;
        progress.set_message(format!("memory: {}", racer.name));
        let memory = process::watch(&mut racer.command(), deadline);
        if let Err(error) = &memory
            && !interrupt::requested()
        {
            failures.push(format!("{} {error:#}", racer.name));
        }
        progress.inc(1);
        entrants.push(Entrant {
            command: hyperfine::command_line(racer),
            memory: memory
                .ok()
                .and_then(|run| run.memory)
                .map(|peak| peak.bytes),
            timing,
        });
    }
    progress.finish_and_clear();

    let mut timings = entrants.iter().map(|entrant| &entrant.timing);
    let sequential = timings.find(|timing| timing.name == "sequential");
    let bound = work.bound(machine::cores(), sequential.map(|timing| timing.least_cpu));
    Ok(Results {
        workload: work.workload(),
        title: work.title(),
        bound,
        entrants,
        again,
        failures,
    })
}

/// A bar on stderr, if that is a terminal.
fn progress(name: &'static str, length: u64) -> ProgressBar {
    let progress = ProgressBar::new(length);
    let style = ProgressStyle::with_template("{prefix} {bar:30} {msg}");
    progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    progress.set_prefix(name);
    if progress.is_hidden() {
        eprintln!("racing {name}");
    }
    progress
}

/// Prints what a race showed, and writes its files.
fn publish(results: &Results, machine: &Machine, folder: &Folder) -> Result<()> {
    let name = results.workload.name();
    for failure in &results.failures {
        eprintln!("error: {name}: {failure}");
    }
    if results.entrants.is_empty() {
        return Ok(());
    }
    let title = format!("{name}: {}", results.title);
    let table = table::race(results);
    let notes = notes::notes(results);
    stdout::print(&format!("{title}\n{table}\n{notes}\n"))?;

    let timings = results.entrants.iter().map(|entrant| &entrant.timing);
    folder.write(&format!("{name}.json"), &export::write(timings)?)?;
    let table = table::markdown(table);
    let machine = machine.describe();
    let legend = notes::legend();
    let page = format!("{title}\n\n{table}\n\n{notes}\n{legend}\n{machine}\n");
    folder.write(&format!("{name}.md"), &page)?;
    Ok(())
}

/// Prints which model to use when, and on what that was measured; writes all of it.
fn conclude(comparison: &Comparison, folder: &Folder) -> Result<()> {
    let rows = verdict(&comparison.races);
    if !rows.is_empty() {
        let reasons = rows.iter().filter_map(|row| row.why);
        let reasons: String = reasons.map(|why| format!("{why}\n")).collect();
        let table = table::verdict(&rows);
        stdout::print(&format!(
            "When to use which, measured here\n{table}\n{reasons}\n"
        ))?;
    }
    let machine = comparison.machine.describe();
    stdout::print(&format!("{}\n{machine}\n", notes::legend()))?;
    folder.write(FILE, &serde_json::to_string_pretty(comparison)?)?;
    Ok(())
}
