//! Timelines as SVG: a row for each lane, and in it a bar for each item, to stand in an HTML
//! page that styles them, or alone with their style.

use maud::{Markup, PreEscaped, html};

use crate::format;
use crate::judge::timelines::{self, Panel};
use crate::measure::trace::{Bar, Lane, Outcome, Thread};
use crate::show::axis::Axis;
use crate::show::chart;

/// Text is larger on a phone, where all of it is drawn smaller; there must be room for that.
const WIDTH: f64 = 640.0;
const NAMES: f64 = 90.0;
const RIGHT: f64 = 32.0;
const ROW: f64 = 20.0;
const HEADING: f64 = 28.0;
const AXIS: f64 = 26.0;
const CHARACTER: f64 = 10.0;

/// The timelines of a panel, in a page.
pub fn figure(panel: &Panel) -> Markup {
    let (height, drawn) = draw(panel);
    let (title, text) = (title(panel), panel.description());
    html! {
        svg.timeline viewBox=(format_args!("0 0 {WIDTH} {height}")) role="img" aria-label=(format_args!("{title}. {text}")) {
            title { (title) }
            desc { (text) }
            (drawn)
        }
    }
}

/// The same as a file of its own. `colours` are those of the page that it will stand in.
pub fn picture(panel: &Panel, colours: &str) -> String {
    const TITLE: f64 = 26.0;
    let (height, drawn) = draw(panel);
    let height = height + TITLE;
    let picture = html! {
        svg.timeline xmlns="http://www.w3.org/2000/svg" viewBox=(format_args!("0 0 {WIDTH} {height}")) role="img" {
            title { (title(panel)) }
            desc { (panel.description()) }
            style { (PreEscaped(format!("svg {{ {colours} }}\n{}", chart::STYLE))) }
            rect.page width="100%" height="100%" {}
            text.title x="8" y="20" { (panel.workload.name()) ": " (panel.title) }
            g transform=(format_args!("translate(0 {TITLE})")) { (drawn) }
        }
    };
    picture.into_string() + "\n"
}

fn title(panel: &Panel) -> String {
    format!("Who did what when: {}", panel.workload.name())
}

/// All of it below each other, and how high that is.
fn draw(panel: &Panel) -> (f64, Markup) {
    let axis = Axis {
        seconds: panel.seconds(),
        start: NAMES,
        length: WIDTH - NAMES - RIGHT,
    };
    let mut bottom = 0.0;
    let mut down = |height: f64| {
        bottom += height;
        bottom - height
    };
    let drawn: Vec<_> = panel
        .timelines
        .iter()
        .map(|timeline| {
            let heading = down(HEADING) + HEADING - 9.0;
            html! {
                g class=(chart::class(&timeline.origin)) {
                    text.heading x="8" y=(heading) {
                        tspan.name { (timeline.name) } " " (panel.words(timeline))
                    }
                    @for lane in &timeline.lanes { (row(&lane.name, down(ROW), &bars(lane, &axis))) }
                    @if timeline.more_lanes > 0 {
                        (note(down(ROW), &format!("and {} more", format::counted(timeline.more_lanes as u64, "lane"))))
                    }
                    @if let Some(busy) = timelines::busy(timeline) { (note(down(ROW), &busy)) }
                    @for thread in &timeline.threads {
                        (row(&thread.name, down(ROW), &busy(thread, &axis)))
                    }
                }
            }
        })
        .collect();
    let grid = html! {
        @for (seconds, value) in axis.ticks(5) {
            @let x = chart::one(axis.at(seconds));
            path.grid d=(format_args!("M{x} 4V{}", bottom + 4.0)) {}
            text.middle x=(x) y=(bottom + 19.0) { (value) }
        }
    };
    let legend = legend(panel, bottom + AXIS);
    let height = bottom + AXIS + if legend.is_some() { ROW } else { 4.0 };
    (
        height,
        html! { (grid) @for timeline in drawn { (timeline) } @if let Some(legend) = legend { (legend) } },
    )
}

fn note(top: f64, text: &str) -> Markup {
    html! { text.note x=(NAMES) y=(top + ROW - 6.0) { (text) } }
}

/// A name and what is drawn beside it, with 0 for its middle.
fn row(name: &str, top: f64, drawn: &Markup) -> Markup {
    html! {
        g.lane transform=(format_args!("translate(0 {})", top + ROW / 2.0)) {
            text.end x=(NAMES - 8.0) dy=".35em" { (name) }
            (drawn)
        }
    }
}

/// What is too short to be seen is drawn this wide.
const LEAST: f64 = 1.5;
/// Between two bars.
const GAP: f64 = 1.5;

/// Where something that lasts is drawn: from its left on, so wide.
fn place(axis: &Axis, begin: f64, end: f64) -> (f64, f64) {
    let left = axis.at(begin);
    (left, (axis.at(end) - left - GAP).max(LEAST))
}

/// Those that are too close to be told apart are put together.
fn together<'a, T>(
    axis: &Axis,
    all: &'a [T],
    times: impl Fn(&T) -> (f64, f64),
) -> Vec<(f64, f64, &'a [T])> {
    let mut groups: Vec<(f64, f64, usize, usize)> = Vec::new();
    for (i, one) in all.iter().enumerate() {
        let (begin, end) = times(one);
        let (left, width) = place(axis, begin, end);
        match groups.last_mut() {
            Some((first, whole, _, last)) if left < *first + *whole => {
                *whole = whole.max(left + width - *first);
                *last = i + 1;
            }
            _ => groups.push((left, width, i, i + 1)),
        }
    }
    let groups = groups.into_iter();
    groups
        .map(|(left, width, first, last)| (left, width, &all[first..last]))
        .collect()
}

fn bars(lane: &Lane, axis: &Axis) -> Markup {
    let groups = together(axis, &lane.bars, |bar| (bar.begin, bar.end));
    // A task is a thin line: it keeps no thread busy.
    let (top, height) = if lane.is_slot {
        (-3.0, 6.0)
    } else {
        (-8.0, 16.0)
    };
    html! {
        @for (left, width, bars) in groups {
            g {
                title { (about(bars)) }
                @let outcome = outcome(bars);
                rect.bar.broken[outcome != Outcome::Done] x=(chart::one(left)) y=(top) width=(chart::one(width)) height=(height) {}
                @if let [bar] = bars {
                    @let room = bar.label.chars().count() as f64 * CHARACTER + 12.0;
                    @if room <= width {
                        text.over[lane.is_slot].inside[!lane.is_slot] x=(chart::one(left + 6.0)) dy=".35em" { (bar.label) }
                    }
                }
                @if outcome != Outcome::Done { (sign(outcome, left + (width - 8.0).max(width / 2.0))) }
            }
        }
    }
}

/// What became of them: of several, the worst.
fn outcome(bars: &[Bar]) -> Outcome {
    let not_done = bars.iter().map(|bar| bar.outcome);
    let mut not_done = not_done.filter(|outcome| *outcome != Outcome::Done);
    not_done.next().unwrap_or(Outcome::Done)
}

fn about(bars: &[Bar]) -> String {
    match bars {
        [bar] => timelines::about(bar),
        [first, .., last] => format!(
            "{} items, from {} to {}",
            format::count(bars.len() as u64),
            format::seconds(first.begin),
            format::seconds(last.end)
        ),
        [] => String::new(),
    }
}

fn busy(thread: &Thread, axis: &Axis) -> Markup {
    let groups = together(axis, &thread.busy, |busy| *busy);
    html! {
        @for (left, width, busy) in groups {
            rect.busy x=(chart::one(left)) y="-5" width=(chart::one(width)) height="10" {
                title { (polls(busy)) }
            }
        }
    }
}

fn polls(busy: &[(f64, f64)]) -> String {
    let seconds: f64 = busy.iter().map(|(begin, end)| end - begin).sum();
    let polls = format::counted(busy.len() as u64, "poll");
    format!("{polls}, {} in all", format::seconds(seconds))
}

/// How an item ended that is not done, as a sign that is drawn, so that no font is needed.
fn sign(outcome: Outcome, x: f64) -> Markup {
    let lines = match outcome {
        Outcome::Done => return html! {},
        // A cross; a circle that is crossed out; two arrow heads.
        Outcome::Failed => "M-4-4L4 4M4-4L-4 4",
        Outcome::Cancelled => "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0M-3.5 3.5L3.5-3.5",
        Outcome::CutOff => "M-5-5L0 0L-5 5M0-5L5 0L0 5",
    };
    html! {
        g.sign transform=(format_args!("translate({} 0)", chart::one(x))) {
            path.halo d=(lines) {}
            path d=(lines) {}
        }
    }
}

/// What the signs mean that are there.
fn legend(panel: &Panel, top: f64) -> Option<Markup> {
    let timelines = panel.timelines.iter();
    let there = |outcome: &Outcome| {
        let lanes = timelines.clone().flat_map(|timeline| &timeline.lanes);
        let mut bars = lanes.flat_map(|lane| &lane.bars);
        bars.any(|bar| bar.outcome == *outcome)
    };
    let outcomes = [Outcome::Failed, Outcome::Cancelled, Outcome::CutOff];
    let outcomes: Vec<_> = outcomes.into_iter().filter(there).collect();
    (!outcomes.is_empty()).then(|| {
        html! {
            @for (i, outcome) in outcomes.iter().enumerate() {
                g transform=(format_args!("translate({} {})", NAMES + 8.0 + 130.0 * i as f64, top + 8.0)) {
                    (sign(*outcome, 0.0))
                    text x="14" dy=".35em" { (outcome.name()) }
                }
            }
        }
    })
}
