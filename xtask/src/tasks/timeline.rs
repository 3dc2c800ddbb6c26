//! `cargo xtask timeline`: who did what when, in every model.

use std::fs;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;

use crate::format;
use crate::judge::timelines::{self, Panel, Timelines};
use crate::measure::interrupt;
use crate::measure::machine::{self, Machine};
use crate::measure::process::{self, Failed};
use crate::measure::race::Failure;
use crate::measure::trace;
use crate::racers::pages::Pages;
use crate::racers::python::Python;
use crate::racers::racer::{self, Origin, Racer, URLS};
use crate::racers::site::Site;
use crate::racers::workload::{Saying, Work};
use crate::show::files::Folder;
use crate::show::{chart, lanes, report, stdout, timeline};
use crate::tasks::flags::Timeline;

/// A program that could not end in this time is not started, and one that does not is killed.
const DEADLINE: Duration = Duration::from_secs(60);

/// The option of a page that lets one of its items fail.
const FAIL: &str = "--fail=";

pub fn run(flags: &Timeline) -> Result<ExitCode> {
    let pages = Pages::build()?;
    let folder = Folder::output(flags.output.as_deref(), &pages.target)?;
    interrupt::install().context("cannot watch for Ctrl-C")?;
    let pythons = if flags.python {
        Python::prepare_all(&pages.target, &flags.python_interpreter)?
    } else {
        Vec::new()
    };

    let machine = Machine::look(&pythons);
    let mut panels = Vec::new();
    let mut has_failed = false;
    for (work, wanted) in flags.works() {
        let mut racers = racer::racers(&work, &pages, &pythons, &[], folder.path())?;
        racers.retain(|racer| wanted.contains(&page_of(racer, &work)));
        leave_out(&mut racers, &work);
        let fail = flags
            .fail
            .map(|fail| format!("{FAIL}{}", fail.as_secs_f64()));
        for racer in &mut racers {
            racer.arguments.extend(fail.clone());
        }
        let (mut panel, failures) = trace(&work, &racers, &pages, &folder, DEADLINE)?;
        for Failure { name, message } in &failures {
            eprintln!("error: {}: {name} {message}", work.workload().name());
        }
        has_failed |= !failures.is_empty();
        if let Some(fail) = flags.fail {
            let fail = format::duration(fail);
            panel.title += &format!(", and one that fails after {fail}");
        }
        if !panel.timelines.is_empty() {
            stdout::print(&format!("{}\n", lanes::draw(&panel, &stdout::pen())))?;
            draw(&panel, &folder)?;
            panels.push(panel);
        }
    }
    if panels.is_empty() && !has_failed {
        bail!("nobody is left who could be drawn");
    }
    // Nothing new must not replace what there was before.
    if !panels.is_empty() {
        write(&Timelines { machine, panels }, &folder)?;
        eprintln!(
            "wrote {} and the pictures beside it; open a trace-*.json there in \
             https://ui.perfetto.dev to look closer",
            folder.path().join(timelines::FILE).display()
        );
        if flags.open || report::is_in(&folder) {
            report::write(&folder)?;
            report::announce(&folder, flags.open);
        }
    }
    Ok(if has_failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Leaves out the racers that could not end in time, and says so.
fn leave_out(racers: &mut Vec<Racer>, work: &Work) {
    let name = work.workload().name();
    racers.retain(|racer| {
        let ideal = work.ideal(racer.in_flight, machine::cores(), None);
        let too_long = ideal.filter(|ideal| *ideal > DEADLINE.as_secs_f64());
        if let Some(ideal) = too_long {
            let ideal = format::roughly(ideal);
            eprintln!(
                "{name}: {} is left out: it could not end in less than {ideal}",
                racer.name
            );
        }
        too_long.is_none()
    });
}

/// The page that a racer is, or is the twin of, by its whole name.
fn page_of(racer: &Racer, work: &Work) -> &'static str {
    let page = racer.origin.page().unwrap_or_default();
    let workload = work.workload();
    let whole = format!("{page}-{}", workload.name());
    let mut pages = workload.pages().iter().copied();
    pages
        .find(|name| *name == page || *name == whole)
        .unwrap_or_default()
}

/// The timelines that a race begins with, of those who are raced: each at work that is small,
/// yet shows how its model goes about it. They are not the race: what goes wrong is told, and
/// no more.
pub fn before_a_race(
    races: &[(Work, Vec<Racer>)],
    machine: Machine,
    pages: &Pages,
    pythons: &[Python],
    folder: &Folder,
) -> Result<()> {
    const DEADLINE: Duration = Duration::from_secs(5);
    let mut panels = Vec::new();
    for (work, raced) in races {
        let work = small(work, !pythons.is_empty());
        let mut racers = racer::racers(&work, pages, pythons, &[], folder.path())?;
        racers.retain(|racer| raced.iter().any(|other| other.name == racer.name));
        let (panel, failures) = trace(&work, &racers, pages, folder, DEADLINE)?;
        for Failure { name, message } in failures {
            let workload = work.workload().name();
            eprintln!("warning: {workload}: no timeline of {name}: it {message}");
        }
        if !panel.timelines.is_empty() {
            panels.push(panel);
        }
    }
    if !panels.is_empty() {
        write(&Timelines { machine, panels }, folder)?;
    }
    Ok(())
}

/// Work of that kind which takes some tenths of a second.
fn small(work: &Work, is_for_python: bool) -> Work {
    let seconds = |saying: &Saying| saying.after.as_secs_f64();
    match work {
        Work::FetchUrl { .. } => Work::demo_pages(Duration::from_millis(300), 5),
        Work::HeavyCalculation { workers, .. } => Work::HeavyCalculation {
            // The article's, or, because Rust needs no millisecond for these, larger ones.
            numbers: match is_for_python {
                true => vec![100_000, 150_000, 200_000],
                false => vec![10_000_000, 15_000_000, 20_000_000],
            },
            workers: *workers,
        },
        Work::SayAfter { sayings, .. } => Work::SayAfter {
            sayings: match sayings.iter().map(seconds).sum::<f64>() {
                ..=0.5 => sayings.clone(),
                _ => ["0.1:hello", "0.2:world"]
                    .iter()
                    .flat_map(|it| it.parse())
                    .collect(),
            },
            repeat: 1,
            workers: None,
        },
    }
}

/// Runs each racer once, and returns what they did, and who failed. With `--fail` it is no
/// failure that one of the items fails.
pub fn trace(
    work: &Work,
    racers: &[Racer],
    pages: &Pages,
    folder: &Folder,
    deadline: Duration,
) -> Result<(Panel, Vec<Failure>)> {
    // The race has its own, which its script needs afterwards.
    const OWN_URLS: &str = "timeline.urls";
    let name = work.workload().name();
    let progress = ProgressBar::new_spinner().with_prefix(name);
    if progress.is_hidden() {
        eprintln!("tracing {name}");
    }
    let site = Site::for_work(work, pages)?;
    if let Some(site) = &site {
        folder.write(OWN_URLS, &work.urls(&site.url))?;
    }
    let mut panel = Panel {
        workload: work.workload(),
        title: work.title(),
        timelines: Vec::new(),
    };
    let mut failures = Vec::new();
    for racer in racers {
        progress.set_message(racer.name.clone());
        let mut racer = racer.clone();
        for argument in &mut racer.arguments {
            *argument = argument
                .replace(&format!("--from={URLS}"), &format!("--from={OWN_URLS}"));
        }
        match trace_one(&racer, page_of(&racer, work), folder, deadline) {
            Ok(timeline) => panel.timelines.push(timeline),
            Err(_) if interrupt::requested() => break,
            Err(error) => failures.push(Failure::new(&racer, &error)),
        }
    }
    progress.finish_and_clear();
    if site.is_some() {
        // It can only fail because somebody else did so.
        let _ = fs::remove_file(folder.path().join(OWN_URLS));
    }
    interrupt::check()?;
    Ok((panel, failures))
}

fn trace_one(
    racer: &Racer,
    page: &str,
    folder: &Folder,
    deadline: Duration,
) -> Result<trace::Timeline> {
    let label = match racer.origin {
        Origin::Python(_) => racer.name.split_once('-').map_or("", |(label, _)| label),
        _ => "",
    };
    let name = [label, page].into_iter().filter(|part| !part.is_empty());
    let file = format!("trace-{}.json", name.collect::<Vec<_>>().join("-"));
    let path = folder.path().join(&file);
    // What an earlier run left must not be taken for this one's.
    let _ = fs::remove_file(&path);
    let mut command = racer.command();
    command.arg(format!("--trace={file}"));
    let is_to_fail = racer
        .arguments
        .iter()
        .any(|argument| argument.starts_with(FAIL));
    match process::time(&mut command, deadline) {
        Err(error) if !(is_to_fail && has_exit_code_1(&error)) => Err(error),
        _ => trace::Timeline::read(racer, &path),
    }
}

/// Whether it ended as a program does one of whose items failed.
fn has_exit_code_1(error: &anyhow::Error) -> bool {
    let failed = error.downcast_ref::<Failed>();
    failed.is_some_and(|failed| failed.status.code() == Some(1))
}

/// The pictures of a panel as files, for light pages and for dark ones.
fn draw(panel: &Panel, folder: &Folder) -> Result<()> {
    for (shade, colours) in [("light", chart::LIGHT), ("dark", chart::DARK)] {
        let name = format!("timeline-{}-{shade}.svg", panel.workload.name());
        folder.write(&name, &timeline::picture(panel, colours))?;
    }
    Ok(())
}

/// What the report, and the README, are made from.
fn write(timelines: &Timelines, folder: &Folder) -> Result<()> {
    let json = serde_json::to_string_pretty(timelines)?;
    folder.write(timelines::FILE, &json)?;
    Ok(())
}
