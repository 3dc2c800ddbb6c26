//! `cargo xtask timeline`: what ran when, in every model.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use race::RunError;

use crate::format;
use crate::racers::racer::{self, Origin, Racer};
use crate::racers::site::Site;
use crate::racers::work::Work;
use crate::results::timelines::{self, Panel, Timelines};
use crate::results::trace;
use crate::show::files::Folder;
use crate::show::report::{self, Report};
use crate::show::{chart, lanes, stdout, timeline};
use crate::stderr::say;
use crate::tasks::flags::Timeline;
use crate::tasks::session::{Plan, Session, progress};

/// The file with the URLs. A race has a file of its own, which its script needs afterwards.
const URLS: &str = "timeline.urls";

pub fn run(flags: &Timeline) -> Result<ExitCode> {
    let pythons = flags.python.then_some(&flags.python_interpreter[..]);
    let mut session = Plan::new(pythons)?.start(flags.output.as_deref())?;
    let how = How {
        timeout: Duration::from_secs(60),
        fail: flags.fail,
    };
    let mut panels = Vec::new();
    let mut has_failed = false;
    for (work, wanted) in flags.works() {
        let mut racers =
            racer::racers(work.workload(), &session.workspace, &session.pythons, &[]);
        racers.retain(|racer| {
            racer
                .origin
                .page()
                .is_some_and(|page| wanted.contains(&page))
        });
        let name = work.workload().name();
        let (mut panel, failures) = trace(&work, &racers, how, &mut session)?;
        for failure in &failures {
            say(&format!(
                "error: {name}: {}",
                format::visible_lines(failure)
            ));
        }
        has_failed |= !failures.is_empty();
        if let Some(fail) = flags.fail {
            let fail = format::duration(fail);
            panel.title += &format!(", and one that fails after {fail}");
        }
        if panel.timelines.is_empty() {
            continue;
        }
        draw(&panel, &session.folder)?;
        let text = lanes::draw(&panel, &stdout::pen());
        panels.push(panel);
        // The results are written before they are printed, so that no later failure can lose
        // them.
        let timelines = Timelines {
            provenance: session.provenance.clone(),
            panels,
        };
        let json = serde_json::to_string_pretty(&timelines)?;
        session.folder.write(timelines::FILE, &json)?;
        panels = timelines.panels;
        session.print(&format!("{text}\n"));
    }
    // The pages that are wanted may all need a server that is not there.
    if panels.is_empty() && !has_failed && !session.is_interrupted() {
        bail!(
            "nothing can be drawn: the machines pages need a nats-server, and there is none"
        );
    }
    if !panels.is_empty() {
        say(&format!(
            "wrote {} and the pictures beside it; open a trace-*.json there in \
             https://ui.perfetto.dev to look closer",
            session.folder.path().join(timelines::FILE).display()
        ));
        if flags.open || report::is_in(&session.folder) {
            let timelines = Timelines {
                provenance: session.provenance.clone(),
                panels,
            };
            Report::of_timelines(timelines, &session.folder).write(&session.folder)?;
            report::announce(&session.folder, flags.open);
        }
    }
    session.end(has_failed)
}

/// The timelines that a race begins with: each racer at work that is small, yet shows how its
/// model does it. They are not the race: if something goes wrong it is reported, and the race
/// goes on.
pub fn before_a_race(
    entries: &[(Work, Vec<Racer>)],
    session: &mut Session,
) -> Vec<Panel> {
    let how = How {
        timeout: Duration::from_secs(5),
        fail: None,
    };
    let with_python = !session.pythons.is_empty();
    let mut panels = Vec::new();
    for (work, racers) in entries {
        let work = work.small(with_python);
        // A program of the user writes no trace.
        let racers = racers.iter().filter(|racer| racer.origin != Origin::Also);
        let racers: Vec<_> = racers.cloned().collect();
        let name = work.workload().name();
        match trace(&work, &racers, how, session) {
            Ok((panel, failures)) => {
                for failure in failures {
                    let failure = format::visible_lines(&failure);
                    say(&format!("warning: {name}: no timeline: {failure}"));
                }
                if !panel.timelines.is_empty() {
                    panels.push(panel);
                }
            }
            Err(error) => say(&format!("warning: {name}: no timelines: {error:#}")),
        }
    }
    panels
}

/// How pages are traced.
#[derive(Clone, Copy)]
struct How {
    /// A page that takes longer has failed. One that has to wait longer is not started.
    timeout: Duration,
    /// One of the items is to fail after this time.
    fail: Option<Duration>,
}

/// Runs each racer once. Returns what they did, and what went wrong.
fn trace(
    work: &Work,
    racers: &[Racer],
    how: How,
    session: &mut Session,
) -> Result<(Panel, Vec<String>)> {
    let name = work.workload().name();
    let progress = progress("tracing", name);
    let site = Site::for_work(work, &session.programs)?;
    if let Some(site) = &site {
        session.folder.write(URLS, &work.addresses(&site.url))?;
    }
    let mut panel = Panel {
        workload: work.workload(),
        title: work.title(),
        timelines: Vec::new(),
    };
    let mut failures = Vec::new();
    for racer in racers {
        let waiting = work.waiting(work.at_a_time(racer.origin.model()));
        if let Some(waiting) = waiting.filter(|waiting| *waiting > how.timeout) {
            let waiting = format::roughly(waiting.as_secs_f64());
            say(&format!(
                "{name}: {} is left out: it needs at least {waiting}",
                racer.name
            ));
            continue;
        }
        progress.set_message(racer.name.clone());
        match trace_one(racer, work, how, session) {
            Ok(timeline) => panel.timelines.push(timeline),
            Err(_) if session.is_interrupted() => break,
            Err(error) => failures.push(format!("{} {error:#}", racer.name)),
        }
    }
    progress.finish_and_clear();
    if site.is_some() {
        // This fails only if the file is gone.
        let _ = fs::remove_file(session.folder.path().join(URLS));
    }
    Ok((panel, failures))
}

fn trace_one(
    racer: &Racer,
    work: &Work,
    how: How,
    session: &mut Session,
) -> Result<trace::Timeline> {
    let file = trace_file(racer);
    let path = session.folder.path().join(&file);
    // What an earlier run left must not be taken for a trace of this one.
    let _ = fs::remove_file(&path);
    let mut command = session.track().timed(racer, work, URLS)?;
    command.arguments.push(format!("--trace={file}"));
    if let Some(fail) = how.fail {
        command
            .arguments
            .push(format!("--fail={}", fail.as_secs_f64()));
    }
    let run = session.runner.time(&mut command.command(), how.timeout);
    match run {
        Ok(_) => {}
        // A page ends in this way if one of its items fails.
        Err(RunError::Failed { status, .. })
            if how.fail.is_some() && status.code() == Some(1) => {}
        Err(error) => return Err(anyhow!(error)),
    }
    trace::Timeline::read(&racer.name, racer.origin, Path::new(&path))
}

/// For instance `trace-threads-fetch-url.json`. The name for a twin also has its Python.
fn trace_file(racer: &Racer) -> String {
    let page = racer
        .origin
        .page()
        .map_or(&racer.name[..], |page| page.name);
    match racer.origin {
        Origin::Python(of) => {
            let python = racer.name.trim_end_matches(of.racer);
            format!("trace-{python}{page}.json")
        }
        _ => format!("trace-{page}.json"),
    }
}

/// The pictures of a panel as files, for a light and for a dark background.
fn draw(panel: &Panel, folder: &Folder) -> Result<()> {
    for (shade, colours) in [("light", chart::LIGHT), ("dark", chart::DARK)] {
        let name = format!("timeline-{}-{shade}.svg", panel.workload.name());
        folder.write(&name, &timeline::picture(panel, colours))?;
    }
    Ok(())
}
