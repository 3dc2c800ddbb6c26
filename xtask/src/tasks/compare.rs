//! `cargo xtask compare`: the models against each other.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use crate::judge::comparison::{self, Comparison};
use crate::judge::results::{Base, Entrant, LeftOut, PerJob, Results};
use crate::judge::verdict::{self, verdict};
use crate::measure::machine::{self, Machine};
use crate::measure::parity::Check;
use crate::measure::race::{self, Failure, Lane, Twin};
use crate::measure::{export, hyperfine, interrupt, process};
use crate::racers::pages::Pages;
use crate::racers::python::Python;
use crate::racers::racer::{self, Origin, Racer, URLS};
use crate::racers::site::Site;
use crate::racers::workload::{Model, Work, Workload};
use crate::show::files::Folder;
use crate::show::{markdown, notes, report, script, stdout, table};
use crate::stats;
use crate::tasks::flags::{self, Compare};
use crate::tasks::timeline;

pub fn run(flags: &Compare) -> Result<ExitCode> {
    if flags.hyperfine {
        hyperfine::find()?;
    }
    let pages = Pages::build()?;
    let folder = Folder::output(flags.output.as_deref(), &pages.target)?;
    interrupt::install().context("cannot watch for Ctrl-C")?;

    let pythons = if flags.python {
        Python::prepare_all(&pages.target, &flags.python_interpreter)?
    } else {
        Vec::new()
    };
    let mut comparison = Comparison {
        machine: Machine::look(&pythons),
        races: Vec::new(),
        verdict: Vec::new(),
    };
    let entries = entries(flags, &pages, &pythons, &folder)?;
    let machine = comparison.machine.clone();
    let drawn = timeline::before_a_race(&entries, machine, &pages, &pythons, &folder);
    if let Err(error) = drawn
        && !interrupt::requested()
    {
        eprintln!("warning: no timelines: {error:#}");
    }
    for (work, racers) in entries {
        if interrupt::requested() {
            break;
        }
        let results = compare(&work, racers, flags, &pages, &folder)?;
        publish(&results, &comparison.machine, &folder)?;
        comparison.races.push(results);
        // Written after each race, so that nothing that comes later can lose it. But what
        // shows nothing must not replace what was measured before.
        if comparison.races.iter().any(Results::has_times) {
            comparison.verdict = verdict(&comparison.races);
            let json = serde_json::to_string_pretty(&comparison)?;
            folder.write(comparison::FILE, &json)?;
            report::write(&folder)?;
        }
    }
    conclude(&comparison, &folder, flags.open)?;
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
    pythons: &[Python],
    folder: &Folder,
) -> Result<Vec<(Work, Vec<Racer>)>> {
    let mut entries = Vec::new();
    for work in flags.works() {
        let racers = racer::racers(&work, pages, pythons, &flags.also, folder.path())?;
        entries.push((work, racers));
    }
    let mut names: Vec<&str> = Vec::new();
    for (_, racers) in &entries {
        for (i, racer) in racers.iter().enumerate() {
            if racers[..i].iter().any(|other| other.name == racer.name) {
                flags::refuse(format!(
                    "--also {}: there is a racer of that name",
                    racer.name
                ));
            }
            if !names.contains(&&racer.name[..]) {
                names.push(&racer.name);
            }
        }
    }
    if let Some(unknown) = flags.only.iter().find(|name| !names.contains(&&name[..])) {
        flags::refuse(format!(
            "--only {unknown}: no racer of that name; there are {}",
            names.join(", ")
        ));
    }
    if !flags.only.is_empty() {
        for (work, racers) in &mut entries {
            racers.retain(|racer| flags.only.contains(&racer.name));
            if racers.is_empty() {
                let name = work.workload().name();
                eprintln!("{name} is left out: it has none of the racers of --only");
            }
        }
        entries.retain(|(_, racers)| !racers.is_empty());
    }
    Ok(entries)
}

/// Checks all racers at one workload, races them, and looks at their memory. After Ctrl-C
/// these are cut short, one after the other, and what was measured is returned.
fn compare(
    work: &Work,
    racers: Vec<Racer>,
    flags: &Compare,
    pages: &Pages,
    folder: &Folder,
) -> Result<Results> {
    let name = work.workload().name();
    let site = Site::for_work(work, pages)?;
    let url = site.as_ref().map_or("", |site| &site.url);
    if site.is_some() {
        folder.write(URLS, &work.urls(url))?;
    }

    let progress = progress(name);
    let race = Race {
        work,
        flags,
        site: site.as_ref(),
        progress: &progress,
    };
    let mut started = racers.clone();
    let results = race.run(racers);
    progress.finish_and_clear();
    started.retain(|racer| !results.left_out.iter().any(|out| out.name == racer.name));
    let script = script::script(work, &started, flags.rounds());
    folder.write_script(&format!("race-{name}.sh"), &script)?;
    Ok(results)
}

/// A race at one workload.
struct Race<'a> {
    work: &'a Work,
    flags: &'a Compare,
    site: Option<&'a Site>,
    progress: &'a ProgressBar,
}

impl Race<'_> {
    fn run(&self, racers: Vec<Racer>) -> Results {
        let sequential = racers.iter().find(|racer| is_baseline(racer)).cloned();
        let rate = sequential.as_ref().and_then(|racer| self.rate(racer));
        let (racers, left_out) = self.leave_out(racers, rate);
        let (mut lanes, mut failures) = self.check(racers);

        let busy = || self.site.and_then(|site| process::cpu_time_of(site.id()));
        let (before, start) = (busy(), Instant::now());
        let seed = (!self.flags.hyperfine).then(|| self.seed());
        let (twins, failed) = self.rounds(&mut lanes, seed);
        failures.extend(failed);
        let site = before.zip(busy()).map(|(before, after)| {
            after.saturating_sub(before).as_secs_f64() / start.elapsed().as_secs_f64()
        });
        failures.extend(race::memory(&mut lanes, self.flags.share, self.progress));

        let one_item = sequential
            .filter(|racer| left_out.iter().any(|out| out.name == racer.name))
            .and_then(|racer| self.one_item(&racer));
        let per_job = self.per_job(&lanes);
        let finished: Vec<_> = lanes.into_iter().filter_map(Lane::finish).collect();
        let baseline = finished.iter().find(|(racer, ..)| is_baseline(racer));
        let cpu = baseline.map(|(_, timing, _)| stats::median(&timing.cpu()));
        let ideal = |in_flight| self.work.ideal(in_flight, machine::cores(), cpu);
        let entrants = finished.iter().map(|(racer, timing, memory)| Entrant {
            timing: timing.clone(),
            origin: racer.origin.clone(),
            in_flight: racer.in_flight,
            ideal: ideal(racer.in_flight),
            memory: memory.clone(),
            command: racer.command_line(),
        });
        Results {
            workload: self.work.workload(),
            title: self.work.title(),
            items: self.work.items(),
            rounds: self.flags.rounds(),
            share: self.flags.share.as_secs_f64(),
            seed,
            ideal: finished
                .iter()
                .map(|(racer, ..)| racer.in_flight)
                .max()
                .and_then(ideal),
            entrants: entrants.collect(),
            twins,
            one_item,
            per_job,
            left_out,
            failures,
            site,
        }
    }

    /// Seconds for each term of a sum, by a run that is short, if that is the work.
    fn rate(&self, sequential: &Racer) -> Option<f64> {
        const TERMS: u32 = 20_000_000;
        if self.work.workload() != Workload::HeavyCalculation {
            return None;
        }
        let short = Racer {
            arguments: vec![TERMS.to_string()],
            ..sequential.clone()
        };
        let run = process::time(&mut short.command(), self.flags.share).ok()?;
        Some((run.user + run.system).as_secs_f64() / f64::from(TERMS))
    }

    /// Leaves out those whose ideal alone is more than their share of the time.
    fn leave_out(
        &self,
        racers: Vec<Racer>,
        rate: Option<f64>,
    ) -> (Vec<Racer>, Vec<LeftOut>) {
        let (share, cores) = (self.flags.share.as_secs_f64(), machine::cores());
        let cpu = rate.map(|rate| rate * self.work.terms());
        let mut left_out = Vec::new();
        let mut racers = racers;
        racers.retain(|racer| {
            let ideal = self.work.ideal(racer.in_flight, cores, cpu);
            let too_long = ideal.filter(|ideal| *ideal > share);
            left_out.extend(too_long.map(|ideal| LeftOut {
                name: racer.name.clone(),
                ideal,
            }));
            too_long.is_none()
        });
        (racers, left_out)
    }

    /// Runs every racer once. Returns those that gave the right results, and why the others
    /// did not. This is also the warm-up of the race.
    fn check(&self, racers: Vec<Racer>) -> (Vec<Lane>, Vec<Failure>) {
        let (rounds, share) = (self.flags.rounds(), self.flags.share);
        let site = self.site.map_or("", |site| &site.url);
        let (mut lanes, mut failures) = (Vec::new(), Vec::new());
        for racer in racers {
            self.progress
                .set_message(format!("the right results? {}", racer.name));
            let mut check = Check::new(self.work, site);
            let run =
                process::check(&mut racer.talkative(), share, |line| check.line(line));
            match run.and_then(|run| check.finish().map(|()| run)) {
                Ok(run) => lanes.push(Lane::new(racer, run, rounds, share)),
                Err(_) if interrupt::requested() => break,
                Err(error) => failures.push(Failure::new(&racer, &error)),
            }
        }
        (lanes, failures)
    }

    /// What the order in the rounds is drawn from: another order in every race.
    fn seed(&self) -> u64 {
        self.flags
            .seed
            .unwrap_or_else(|| fastrand::u64(..1_000_000))
    }

    /// Times all lanes, in rounds; without a seed, hyperfine does it.
    fn rounds(
        &self,
        lanes: &mut Vec<Lane>,
        seed: Option<u64>,
    ) -> (Vec<Twin>, Vec<Failure>) {
        let (rounds, share) = (self.flags.rounds(), self.flags.share);
        if let Some(seed) = seed {
            return race::rounds(lanes, rounds, share, seed, self.progress);
        }
        self.progress.finish_and_clear();
        let mut failures = Vec::new();
        lanes.retain_mut(|lane| {
            if lane.planned == 0 || interrupt::requested() {
                return true;
            }
            match hyperfine::time(&lane.racer, lane.planned, share) {
                Ok(timing) => lane.timing = timing,
                Err(_) if interrupt::requested() => {}
                Err(error) => {
                    failures.push(Failure::new(&lane.racer, &error));
                    return false;
                }
            }
            true
        });
        (Vec::new(), failures)
    }

    /// What the sequential program takes for a single item.
    fn one_item(&self, sequential: &Racer) -> Option<Base> {
        let site = self.site.map_or("", |site| &site.url);
        let one = sequential.with_one_item(self.work, site);
        let run = process::watch(&mut one.command(), self.flags.share).ok()?;
        Some(Base {
            memory: run.memory.map(|peak| peak.bytes),
            cpu: (run.user + run.system).as_secs_f64(),
        })
    }

    /// What a job costs that does nothing, in processes and on machines: what many of them
    /// take beyond a few, so that no start counts, in the time of as many workers as race.
    fn per_job(&self, lanes: &[Lane]) -> Option<PerJob> {
        const JOBS: u32 = 2_000;
        const RUNS: u32 = 3;
        let Work::HeavyCalculation { workers, .. } = *self.work else {
            return None;
        };
        // So many that each worker is there and has some.
        let few = 10 * workers;
        let cost = |page: &str| {
            let origin = Origin::Page(page.to_string());
            let lane = lanes.iter().find(|lane| lane.racer.origin == origin)?;
            self.progress
                .set_message(format!("what does a job cost? {page}"));
            let time = |jobs: u32| {
                let numbers = vec![1; jobs as usize];
                let work = Work::HeavyCalculation { numbers, workers };
                let racer = Racer {
                    arguments: work.arguments(Model::of(page), URLS),
                    ..lane.racer.clone()
                };
                let run = |_| process::time(&mut racer.command(), self.flags.share).ok();
                let runs: Option<Vec<_>> = (0..RUNS).map(run).collect();
                let times: Vec<_> =
                    runs?.iter().map(|run| run.wall.as_secs_f64()).collect();
                Some(stats::median(&times))
            };
            let all = time(few + JOBS)? - time(few)?;
            Some(all * f64::from(workers) / f64::from(JOBS))
        };
        // The queue first: where there is none, nothing is run for it.
        let machines = cost("machines")?;
        Some(PerJob {
            jobs: JOBS,
            workers,
            processes: cost("processes")?,
            machines,
        })
    }
}

/// Whether it is the page that all others are compared with.
fn is_baseline(racer: &Racer) -> bool {
    racer.origin == Origin::Page("sequential".to_string())
}

/// What is going on, on stderr if that is a terminal; a bar once it is known for how long.
fn progress(name: &'static str) -> ProgressBar {
    let progress = ProgressBar::new_spinner().with_prefix(name);
    if let Ok(style) = ProgressStyle::with_template("{prefix} {msg}") {
        progress.set_style(style);
    }
    if progress.is_hidden() {
        eprintln!("racing {name}");
    }
    progress
}

/// Prints what a race showed, and writes its files.
fn publish(results: &Results, machine: &Machine, folder: &Folder) -> Result<()> {
    let name = results.workload.name();
    for Failure {
        name: racer,
        message,
    } in &results.failures
    {
        eprintln!("error: {name}: {racer} {message}");
    }
    let title = format!("{name}: {}", results.title);
    let notes = notes::notes(results).join("\n");
    if !results.has_times() {
        return stdout::print(&format!("{title}\n{notes}\n\n"));
    }
    let table = table::race(results).terminal(stdout::ink());
    stdout::print(&format!("{title}\n{table}\n{notes}\n\n"))?;

    let timings = results.entrants.iter().map(|entrant| &entrant.timing);
    folder.write(&format!("{name}.json"), &export::write(timings)?)?;
    let (race, legend) = (markdown::race(results), table::legend());
    let page = format!("{race}\n\n{legend}\n\n{}\n", machine.describe());
    folder.write(&format!("{name}.md"), &page)?;
    Ok(())
}

/// Prints which model to use when, on what that was measured, and where all of it is.
fn conclude(comparison: &Comparison, folder: &Folder, open: bool) -> Result<()> {
    if !comparison.races.iter().any(Results::has_times) {
        return Ok(());
    }
    let rows = &comparison.verdict;
    if !rows.is_empty() {
        let reasons = rows.iter().flat_map(|row| &row.why);
        let reasons: String = reasons.map(|why| format!("{why}\n")).collect();
        let table = table::verdict(rows).terminal(None);
        let rule = verdict::RULE;
        stdout::print(&format!(
            "When to use which, measured here\n{table}\n{reasons}{rule}\n\n"
        ))?;
    }
    let machine = comparison.machine.describe();
    stdout::print(&format!("{}\n{machine}\n", table::legend()))?;
    report::announce(folder, open);
    Ok(())
}
