//! `cargo xtask compare`: the models against each other.

use std::process::ExitCode;

use anyhow::{Context, Result};
use race::{Race, RunError, Step};
use xshell::cmd;

use crate::format;
use crate::racers::build;
use crate::racers::racer::{self, Racer};
use crate::racers::site::Site;
use crate::racers::work::Work;
use crate::results::comparison::{self, Comparison, WorkRace};
use crate::results::decision;
use crate::show::report::Report;
use crate::show::{hyperfine, report, tables};
use crate::stderr::say;
use crate::tasks::flags::{self, Compare};
use crate::tasks::session::{Plan, Session, progress};
use crate::tasks::timeline;

pub fn run(flags: &Compare) -> Result<ExitCode> {
    let pythons = flags.python.then_some(&flags.python_interpreter[..]);
    let plan = Plan::new(pythons)?;
    let entries = entries(flags, &plan);
    let mut session = plan.start(flags.output.as_deref())?;
    if flags.hyperfine {
        return with_hyperfine(flags, &entries, session);
    }

    let mut comparison = Comparison {
        provenance: session.provenance.clone(),
        timelines: timeline::before_a_race(&entries, &mut session),
        races: Vec::new(),
    };
    for (work, racers) in &entries {
        if session.is_interrupted() {
            break;
        }
        let race = race(work, racers, flags, &mut session)?;
        say_failures(&race);
        let text = tables::race(&race).terminal();
        comparison.races.push(race);
        // The results are written after each race, before they are printed, so that no later
        // failure can lose them. A race without results must not replace earlier results.
        if comparison.has_times() {
            write(&comparison, &session)?;
        }
        session.print(&text);
    }
    if comparison.has_times() {
        session.print(&tables::decision(&comparison).terminal());
        let closing = tables::closing(&comparison).terminal();
        session.print(&format!("{}\n", closing.trim_end()));
        report::announce(&session.folder, flags.open);
    }
    let failed =
        |race: &WorkRace| race.results.racers.iter().any(|it| it.failure.is_some());
    session.end(comparison.races.iter().any(failed))
}

/// The workloads that are to be raced, each with its racers. It is a usage error if `--only`
/// names a racer that does not exist, or if two racers have the same name.
fn entries(flags: &Compare, plan: &Plan) -> Vec<(Work, Vec<Racer>)> {
    let mut entries = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for also in &flags.also {
        let name = &also.name;
        if !also.is_there() {
            let program = also.program.display();
            flags::refuse(format!("--also {name}: there is no program {program}"));
        }
        if !flags.only.is_empty() && !flags.only.contains(name) {
            flags::refuse(format!("--also {name}: --only does not name it, too"));
        }
    }
    for work in flags.works() {
        let workload = work.workload();
        let racers = racer::racers(workload, &plan.workspace, &plan.pythons, &flags.also);
        for (i, racer) in racers.iter().enumerate() {
            let name = &racer.name;
            if racers[..i].iter().any(|other| other.name == *name) {
                flags::refuse(format!("--also {name}: there is a racer of that name"));
            }
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        entries.push((work, racers));
    }
    if let Some(unknown) = flags.only.iter().find(|name| !names.contains(name)) {
        if unknown == "machines" && plan.workspace.nats_server.is_none() {
            flags::refuse("--only machines: they need a nats-server, and there is none");
        }
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
                say(&format!(
                    "{name} is left out: it has none of the racers of --only"
                ));
            }
        }
        entries.retain(|(_, racers)| !racers.is_empty());
    }
    entries
}

/// Races one workload. Ctrl-C ends it early. Then it returns what was measured until then.
fn race(
    work: &Work,
    racers: &[Racer],
    flags: &Compare,
    session: &mut Session,
) -> Result<WorkRace> {
    let site = Site::for_work(work, &session.programs)?;
    let url = site.as_ref().map_or(String::new(), |site| site.url.clone());
    write_commands(work, racers, &url, session)?;

    let track = session.track();
    let urls = work.urls_file();
    let mut entered = Vec::new();
    for racer in racers {
        entered.push(race::Racer {
            name: racer.name.clone(),
            timed: track.timed(racer, work, &urls)?,
            checked: track.command_line(racer, work, &urls)?,
            bound: work.waiting(work.at_a_time(racer.origin.model())),
        });
    }
    let race = Race {
        racers: entered,
        groups: decision::groups(work.workload(), racers),
        limit: flags.limit(racers.len()),
        timeout: flags.timeout,
    };
    let progress = progress("racing", work.workload().name());
    let results = race.run(
        &mut session.runner,
        |_| Box::new(work.answers(&url)),
        |step| {
            progress.set_message(match step {
                Step::Check(name) => format!("the right results? {name}"),
                Step::Round(round, name) => format!("round {round}: {name}"),
                Step::Memory(name) => format!("memory: {name}"),
            });
        },
    );
    progress.finish_and_clear();
    Ok(WorkRace {
        work: work.clone(),
        cores: session.provenance.cores,
        origins: racers
            .iter()
            .map(|racer| (racer.name.clone(), racer.origin))
            .collect(),
        results,
    })
}

/// Writes the URLs, and the race as a script for hyperfine. A racer that could not end within
/// the timeout is left out of the script.
fn write_commands(
    work: &Work,
    racers: &[Racer],
    url: &str,
    session: &Session,
) -> Result<()> {
    let name = work.workload().name();
    let track = session.track();
    let urls = work.urls_file();
    let mut commands = Vec::new();
    for racer in racers {
        commands.push((racer.name.clone(), track.timed(racer, work, &urls)?));
    }
    let mut site = None;
    if let Some(fetched) = work.fetched() {
        session.folder.write(&urls, &work.addresses(url))?;
        // A page reads its URLs from stdin. A program of the user need not.
        let page = racers.iter().find(|racer| racer.origin.page().is_some());
        if let Some(page) = page {
            site = Some(hyperfine::Site {
                urls,
                delay: fetched.delay,
                fetches_stdin: track.timed(page, work, "-")?,
            });
        }
    }
    let script = hyperfine::Script {
        name,
        commands: &commands,
        site,
    };
    session
        .folder
        .write_script(&format!("race-{name}.sh"), &script.text())?;
    Ok(())
}

fn say_failures(race: &WorkRace) {
    let workload = race.work.workload().name();
    for racer in &race.results.racers {
        if let Some(failure) = &racer.failure {
            let failure = format::visible_lines(failure);
            say(&format!("error: {workload}: {} {failure}", racer.name));
        }
    }
}

/// Writes all that is known so far.
fn write(comparison: &Comparison, session: &Session) -> Result<()> {
    let folder = &session.folder;
    let json = serde_json::to_string_pretty(comparison)?;
    folder.write(comparison::FILE, &json)?;
    folder.write("compare.md", &tables::whole(comparison).markdown())?;
    if let Some(race) = comparison.races.last().filter(|race| race.has_times()) {
        let json = hyperfine::json(race.results.timed())?;
        folder.write(&format!("{}.json", race.work.workload().name()), &json)?;
    }
    Report::of_comparison(comparison, folder).write(folder)
}

/// Lets hyperfine run the scripts.
fn with_hyperfine(
    flags: &Compare,
    entries: &[(Work, Vec<Racer>)],
    mut session: Session,
) -> Result<ExitCode> {
    let shell = build::shell()?;
    for (work, racers) in entries {
        let site = Site::for_work(work, &session.programs)?;
        let url = site.as_ref().map_or("", |site| &site.url);
        let waits_too_long = |racer: &&Racer| {
            let bound = work.waiting(work.at_a_time(racer.origin.model()));
            bound.is_none_or(|bound| bound <= flags.timeout)
        };
        let racers: Vec<_> = racers.iter().filter(waits_too_long).cloned().collect();
        write_commands(work, &racers, url, &session)?;
        let name = work.workload().name();
        let script = session.folder.path().join(format!("race-{name}.sh"));
        let runs = flags.rounds.map(|rounds| format!("--runs={rounds}"));
        say(&format!("hyperfine: {name}"));
        let script = cmd!(shell, "{script} {runs...}").env("SITE", url);
        // The runner starts it, so that hyperfine and the racer end if this task ends.
        match session.runner.show(&mut script.into()) {
            Err(RunError::Interrupted) => break,
            run => run.with_context(|| format!("hyperfine: {name}"))?,
        }
    }
    session.end(false)
}
