//! Timelines as SVG: a row for each lane, and in it a bar for each item, to stand in an HTML
//! page that styles them, or alone with their style.

use maud::{Markup, PreEscaped, html};

use crate::format;
use crate::judge::timelines::{self, Panel};
use crate::measure::trace::{Bar, Lane, Outcome, Thread};
use crate::show::axis::Axis;
use crate::show::chart;

/// What is to be added to the style of charts.
pub const STYLE: &str = include_str!("timeline.css");

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
            style { (PreEscaped(format!("svg {{ {colours} }}\n{}{STYLE}", chart::STYLE))) }
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

/// What became of them: of several, of the first that is not done.
fn outcome(bars: &[Bar]) -> Outcome {
    let mut outcomes = bars.iter().map(|bar| bar.outcome);
    let not_done = outcomes.find(|outcome| *outcome != Outcome::Done);
    not_done.unwrap_or(Outcome::Done)
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
    let ends = panel.ends();
    (!ends.is_empty()).then(|| {
        html! {
            @for (i, end) in ends.into_iter().enumerate() {
                g transform=(format_args!("translate({} {})", NAMES + 8.0 + 130.0 * i as f64, top + 8.0)) {
                    (sign(end, 0.0))
                    text x="14" dy=".35em" { (end.name()) }
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::samples;

    /// The tags of such elements, without what stands in them.
    fn tags<'a>(svg: &'a str, element: &str) -> Vec<&'a str> {
        let begin = format!("<{element} ");
        let tags = svg.match_indices(&begin).map(|(start, _)| {
            let tag = &svg[start + begin.len()..];
            &tag[..tag.find('>').unwrap()]
        });
        tags.collect()
    }

    fn value<'a>(tag: &'a str, attribute: &str) -> &'a str {
        let (_, value) = tag.split_once(&format!("{attribute}=\"")).unwrap();
        value.split('"').next().unwrap()
    }

    /// The bars of a lane: from where on, and how wide.
    fn bars(lane: &str) -> Vec<(f64, f64)> {
        let tags = tags(lane, "rect").into_iter();
        let bars = tags.filter(|tag| value(tag, "class").starts_with("bar"));
        let number = |tag, name| value(tag, name).parse::<f64>().unwrap();
        bars.map(|tag| (number(tag, "x"), number(tag, "width")))
            .collect()
    }

    /// The names of the lanes in a picture, and their rows.
    fn lanes(svg: &str) -> Vec<(String, f64, &str)> {
        let lanes = svg
            .split("<g class=\"lane\" transform=\"translate(0 ")
            .skip(1);
        let lanes = lanes.map(|lane| {
            let (top, rest) = lane.split_once(')').unwrap();
            let (_, name) = rest.split_once("dy=\".35em\">").unwrap();
            let name = name.split('<').next().unwrap().to_string();
            (name, top.parse().unwrap(), lane)
        });
        lanes.collect()
    }

    #[test]
    fn every_lane_is_a_row_and_every_item_a_bar_where_its_time_is() {
        let panel = samples::timelines().panels.remove(0);
        let svg = picture(&panel, chart::LIGHT);
        let drawn = lanes(&svg);
        let names: Vec<_> = drawn.iter().map(|(name, ..)| &name[..]).collect();
        assert_eq!(names, ["thread 1", "thread 2"]);
        assert!(drawn.windows(2).all(|pair| pair[1].1 - pair[0].1 >= ROW));

        let length = WIDTH - NAMES - RIGHT;
        let at = |seconds: f64| NAMES + length * seconds / panel.seconds();
        for ((_, _, drawn), lane) in drawn.iter().zip(&panel.timelines[0].lanes) {
            let drawn = bars(drawn);
            assert_eq!(drawn.len(), lane.bars.len());
            for ((left, width), bar) in drawn.iter().zip(&lane.bars) {
                assert!((left - at(bar.begin)).abs() < 0.1, "{bar:?} at {left}");
                let right = left + width + GAP;
                assert!((right - at(bar.end)).abs() < 0.2, "{bar:?} to {right}");
            }
            // There is something between two neighbours.
            let apart = |pair: &[(f64, f64)]| pair[0].0 + pair[0].1 + 1.0 <= pair[1].0;
            assert!(drawn.windows(2).all(apart), "{drawn:?}");
        }
        for label in ["python", "django", "flask"] {
            assert!(svg.contains(&format!(">{label}</text>")), "{label}");
        }
    }

    #[test]
    fn what_is_seen_is_told() {
        let panels = samples::timelines().panels;
        let svg = panels.iter().map(|panel| picture(panel, chart::LIGHT));
        let svg: String = svg.collect();
        for text in [
            "<title>python: begins at 10.0 ms, takes 300 ms, done</title>",
            "<title>django: begins at 10.5 ms, takes 309 ms, failed</title>",
            "<title>150000: begins at 4.00 ms, takes 16.0 ms, cut off</title>",
            "<title>hello: begins at 1.00 ms, takes 500 ms, cancelled</title>",
            "<title>1 poll, 50.0 µs in all</title>",
            "<desc>threads 600 ms: 3 URLs, up to 2 at once, 1 failed.</desc>",
            "<title>Who did what when: say-after</title>",
            "</tspan> 600 ms: 3 URLs, up to 2 at once, 1 failed</text>",
            ">its threads were busy for 199 µs in all</text>",
            // Not by colour alone.
            ">failed</text>",
            ">cancelled</text>",
            ">cut off</text>",
        ] {
            assert!(svg.contains(text), "{text} in {svg}");
        }
        // A sign at each of the four that are not done, and one in the legend of each.
        assert_eq!(svg.matches("class=\"sign\"").count(), 4 + 4);
        assert_eq!(svg.matches("class=\"bar broken\"").count(), 4);
        // Where all is done there is no legend.
        let mut panel = samples::timelines().panels.remove(0);
        panel.timelines[0].lanes[1].bars[0].outcome = Outcome::Done;
        let svg = picture(&panel, chart::LIGHT);
        assert!(!svg.contains("class=\"sign\""), "{svg}");
    }

    #[test]
    fn tasks_are_thin_and_the_shortest_poll_is_seen() {
        let panel = samples::timelines().panels.remove(2);
        let svg = picture(&panel, chart::LIGHT);
        let rows = lanes(&svg);
        let names: Vec<_> = rows.iter().map(|(name, ..)| &name[..]).collect();
        assert_eq!(names, ["slot 1", "slot 2", "main", "runtime 1"]);
        for (_, _, lane) in &rows[..2] {
            assert!(lane.contains("height=\"6\""), "{lane}");
        }
        let polls = |lane: &str| lane.matches("class=\"busy\"").count();
        assert_eq!(
            rows[2..]
                .iter()
                .map(|(.., lane)| polls(lane))
                .collect::<Vec<_>>(),
            [1, 2]
        );
        let busy = tags(rows[3].2, "rect");
        assert!(
            busy.iter().all(|tag| value(tag, "width") == "1.5"),
            "{busy:?}"
        );
    }

    #[test]
    fn all_racers_of_a_panel_share_one_axis() {
        let mut panel = samples::timelines().panels.remove(0);
        let mut half = panel.timelines[0].clone();
        half.seconds /= 2.0;
        half.name = "half".to_string();
        for bar in half.lanes.iter_mut().flat_map(|lane| &mut lane.bars) {
            (bar.begin, bar.end) = (bar.begin / 2.0, bar.end / 2.0);
        }
        panel.timelines.push(half);
        let svg = picture(&panel, chart::LIGHT);
        let rows = lanes(&svg);
        let (long, short) = (bars(rows[0].2), bars(rows[2].2));
        for (long, short) in long.iter().zip(short) {
            let way = |left: f64| left - NAMES;
            assert!(
                (way(long.0) - 2.0 * way(short.0)).abs() < 0.3,
                "{long:?} {short:?}"
            );
        }
        assert!(svg.find("thread 1<").unwrap() < svg.find(">half<").unwrap());
    }

    #[test]
    fn what_is_too_much_is_put_together_and_told() {
        let mut panel = samples::timelines().panels.remove(0);
        let timeline = &mut panel.timelines[0];
        timeline.more_lanes = 80;
        let bar = timeline.lanes[0].bars[0].clone();
        timeline.lanes[0].bars = (0..10_000)
            .map(|i| Bar {
                begin: f64::from(i) * 0.00006,
                end: f64::from(i + 1) * 0.00006,
                ..bar.clone()
            })
            .collect();
        let svg = picture(&panel, chart::LIGHT);
        assert!(svg.contains(">and 80 lanes more</text>"), "{svg}");
        let drawn = lanes(&svg)[0].2;
        assert!(
            bars(drawn).len() < 600 && svg.len() < 100_000,
            "{}",
            svg.len()
        );
        assert!(drawn.contains(" items, from 0 ms to "), "{drawn}");
    }

    #[test]
    fn a_picture_stands_alone_and_nothing_in_it_is_markup_by_accident() {
        let mut panel = samples::timelines().panels.remove(0);
        panel.timelines[0].name = "<script>".to_string();
        panel.timelines[0].lanes[0].bars[0].label = "<b>".to_string();
        panel.timelines[0].origin =
            crate::racers::racer::Origin::Page("\"><i>".to_string());
        let svg = picture(&panel, chart::DARK);
        assert!(
            svg.starts_with(
                "<svg class=\"timeline\" xmlns=\"http://www.w3.org/2000/svg\""
            )
        );
        assert!(svg.contains("--page: #14171b") && svg.contains(".bar.broken {"));
        assert!(svg.contains("3 URLs &lt;now&gt;"), "{svg}");
        for markup in ["<script>", "<b>", "<i>", "<now>"] {
            assert!(!svg.contains(markup), "{markup}");
        }
        assert!(
            figure(&panel)
                .into_string()
                .contains("role=\"img\" aria-label=\"Who did")
        );
    }

    #[test]
    fn python_is_hollow() {
        let mut panel = samples::timelines().panels.remove(0);
        let origin = crate::racers::racer::Origin::Python("threads".to_string());
        panel.timelines[0].origin = origin;
        let svg = picture(&panel, chart::LIGHT);
        assert!(svg.contains("<g class=\"threads python\">"), "{svg}");
        assert!(STYLE.contains(".python .bar { fill: var(--page);"));
    }
}
