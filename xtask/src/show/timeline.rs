//! Timelines as SVG: a row for each lane, and in it a bar for each item. They stand in an HTML
//! document that has their style, or in a file of their own.

use maud::{Markup, PreEscaped, html};

use crate::format;
use crate::results::timelines::{self, Panel};
use crate::results::trace::{Bar, Lane, Outcome, Thread};
use crate::show::axis::Axis;
use crate::show::chart;
use crate::show::layout::{self, Row, Span};

/// The style of timelines, to stand behind the style of charts.
pub const STYLE: &str = include_str!("timeline.css");

/// These sizes leave room for larger text: on a phone the picture is smaller, but the text is
/// not.
const WIDTH: f64 = 640.0;
const NAMES: f64 = 90.0;
const RIGHT: f64 = 32.0;
const ROW: f64 = 20.0;
const HEADING: f64 = 28.0;
const AXIS: f64 = 26.0;
const CHARACTER: f64 = 10.0;

/// The timelines of a panel, for an HTML document.
pub fn figure(panel: &Panel) -> Markup {
    let (height, drawn) = draw(panel);
    let title = title(panel);
    let text = panel.description();
    html! {
        svg.timeline viewBox=(format_args!("0 0 {WIDTH} {height}")) role="img" aria-label=(format_args!("{title}. {text}")) {
            title { (title) }
            desc { (text) }
            (drawn)
        }
    }
}

/// The timelines of a panel as a file. `colours` are those of the document that shows it.
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
            text.title x="8" y="20" { (panel.heading()) }
            g transform=(format_args!("translate(0 {TITLE})")) { (drawn) }
        }
    };
    picture.into_string() + "\n"
}

fn title(panel: &Panel) -> String {
    format!("What ran when: {}", panel.workload.name())
}

/// All timelines below each other, and the height of that.
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
                g class=(chart::class(timeline.origin)) {
                    text.heading x="8" y=(heading) {
                        tspan.name { (format::visible(&timeline.name)) } " " (panel.words(timeline))
                    }
                    @for row in layout::rows(timeline) { (draw_row(&row, down(ROW), &axis)) }
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
    let ends = panel.ends();
    let legend = legend(panel, bottom + AXIS);
    let has_legend = !ends.is_empty() || panel.tells_computing();
    let height = bottom + AXIS + if has_legend { ROW } else { 4.0 };
    (
        height,
        html! { (grid) @for timeline in drawn { (timeline) } (legend) },
    )
}

fn draw_row(row: &Row, top: f64, axis: &Axis) -> Markup {
    match row {
        Row::Lane(lane) => line(&lane.name, top, &bars(lane, axis)),
        Row::Thread(thread) => line(&thread.name, top, &busy(thread, axis)),
        Row::Note(text) | Row::Title(text) => html! {
            text.note x=(NAMES) y=(top + ROW - 6.0) { (text) }
        },
    }
}

/// A name and what is drawn beside it, with 0 for its middle.
fn line(name: &str, top: f64, drawn: &Markup) -> Markup {
    html! {
        g.lane transform=(format_args!("translate(0 {})", top + ROW / 2.0)) {
            text.end x=(NAMES - 8.0) dy=".35em" { (name) }
            (drawn)
        }
    }
}

/// Anything shorter is drawn this wide, so that it is seen.
const LEAST: f64 = 1.5;
/// Between two bars.
const GAP: f64 = 1.5;

/// The left and the right end of what lasts from one moment to another.
fn place(axis: &Axis, begin: f64, end: f64) -> (f64, f64) {
    let left = axis.at(begin);
    let right = axis.at(end) - GAP;
    (left, right.max(left + LEAST))
}

fn bars(lane: &Lane, axis: &Axis) -> Markup {
    let spans = layout::spans(&lane.bars, |bar| place(axis, bar.begin, bar.end));
    // A task is a thin line: it keeps no thread busy.
    let (top, height) = if lane.is_slot {
        (-3.0, 6.0)
    } else {
        (-8.0, 16.0)
    };
    html! {
        @for span in spans {
            g {
                title { (about(span.items)) }
                @let (left, width) = (span.begin, span.width());
                @let outcome = span.outcome();
                rect.bar.waits[lane.tells_computing].broken[outcome != Outcome::Done] x=(chart::one(left)) y=(top) width=(chart::one(width)) height=(height) {}
                @for (begin, end) in span.computing() {
                    @let (left, right) = place(axis, begin, end);
                    rect.computes x=(chart::one(left)) y=(top) width=(chart::one(right - left)) height=(height) {}
                }
                @if let Some(label) = label(&span) {
                    @let is_over = lane.is_slot || lane.tells_computing;
                    text.over[is_over].inside[!is_over] x=(chart::one(left + 6.0)) dy=".35em" { (label) }
                }
                @if outcome != Outcome::Done { (sign(outcome, left + (width - 8.0).max(width / 2.0))) }
            }
        }
    }
}

/// The label of a span, if there is room for it.
fn label<'a>(span: &Span<'a, Bar>) -> Option<&'a str> {
    let label = span.label()?;
    let room = label.chars().count() as f64 * CHARACTER + 12.0;
    (room <= span.width()).then_some(label)
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
    let spans = layout::spans(&thread.busy, |(begin, end)| place(axis, *begin, *end));
    html! {
        @for span in spans {
            rect.busy x=(chart::one(span.begin)) y="-5" width=(chart::one(span.width())) height="10" {
                title { (polls(span.items)) }
            }
        }
    }
}

fn polls(busy: &[(f64, f64)]) -> String {
    let seconds: f64 = busy.iter().map(|(begin, end)| end - begin).sum();
    let polls = format::counted(busy.len() as u64, "poll");
    format!("{polls}, {} in all", format::seconds(seconds))
}

/// The sign of an item that is not done: how it ended. It is drawn as a path, so it needs no
/// font.
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

/// What the shades and signs in the panel mean.
fn legend(panel: &Panel, top: f64) -> Markup {
    let mut meanings = Vec::new();
    if panel.tells_computing() {
        for (class, name) in [("bar waits", "waiting"), ("computes", "computing")] {
            let swatch =
                html! { rect class=(class) x="-8" y="-8" width="16" height="16" {} };
            meanings.push((swatch, name));
        }
    }
    for end in panel.ends() {
        meanings.push((sign(end, 0.0), end.name()));
    }
    html! {
        @for (i, (sign, name)) in meanings.iter().enumerate() {
            g.legend transform=(format_args!("translate({} {})", NAMES + 8.0 + 130.0 * i as f64, top + 8.0)) {
                (sign)
                text x="14" dy=".35em" { (name) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::racers::racer::Origin;
    use crate::racers::work::page_named;
    use crate::show::samples;

    /// The opening tags of these elements.
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

    /// The bars of a lane: where each begins and how wide it is.
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
            // There is a gap between neighbours.
            let apart = |pair: &[(f64, f64)]| pair[0].0 + pair[0].1 + 1.0 <= pair[1].0;
            assert!(drawn.windows(2).all(apart), "{drawn:?}");
        }
        for label in ["python", "django", "flask"] {
            assert!(svg.contains(&format!(">{label}</text>")), "{label}");
        }
    }

    #[test]
    fn text_says_what_the_picture_shows() {
        let panels = samples::timelines().panels;
        let svg = panels.iter().map(|panel| picture(panel, chart::LIGHT));
        let svg: String = svg.collect();
        for text in [
            "<title>python: begins at 10.0 ms, takes 300 ms, done</title>",
            "<title>django: begins at 10.5 ms, takes 309 ms, failed</title>",
            "<title>150000: begins at 4.00 ms, takes 16.0 ms, cut off</title>",
            "<title>hello: begins at 1.00 ms, takes 500 ms, cancelled</title>",
            "<title>1 poll, 50.0 µs in all</title>",
            "<desc>threads 600 ms: 3 URLs, up to 2 at a time, 1 failed.</desc>",
            "<title>What ran when: say-after</title>",
            "</tspan> 600 ms: 3 URLs, up to 2 at a time, 1 failed</text>",
            ">its threads were busy for 199 µs in all</text>",
            // Words tell them apart as well, not colour alone.
            ">failed</text>",
            ">cancelled</text>",
            ">cut off</text>",
        ] {
            assert!(svg.contains(text), "{text} in {svg}");
        }
        // Four bars have a sign, and each of these signs is in a legend.
        assert_eq!(svg.matches("class=\"sign\"").count(), 4 + 4);
        assert_eq!(svg.matches("class=\"bar broken\"").count(), 4);
        // If all items are done, there is no legend.
        let mut panel = samples::timelines().panels.remove(0);
        panel.timelines[0].lanes[1].bars[0].outcome = Outcome::Done;
        let svg = picture(&panel, chart::LIGHT);
        assert!(!svg.contains("class=\"sign\""), "{svg}");
    }

    #[test]
    fn waiting_and_computing_are_told_apart() {
        let panel = samples::photos();
        let svg = picture(&panel, chart::LIGHT);
        let rows = lanes(&svg);
        let names: Vec<_> = rows.iter().map(|(name, ..)| &name[..]).collect();
        assert_eq!(
            names,
            ["thread 1", "thread 2", "slot 1", "main", "compute 1"]
        );
        let shades = |row: usize, class: &str| {
            let class = format!("class=\"{class}\"");
            rows[row].2.matches(&class).count()
        };
        // The photo that arrived: its bar waits, and computes in its last third.
        assert_eq!((shades(0, "bar waits"), shades(0, "computes")), (1, 1));
        let computes = tags(rows[0].2, "rect")[1];
        let left: f64 = value(computes, "x").parse().unwrap();
        let length = WIDTH - NAMES - RIGHT;
        assert!((left - NAMES - length * 2.0 / 3.0).abs() < 0.1, "{left}");
        // The photo that did not arrive, and a task.
        assert_eq!(
            (shades(1, "bar waits broken"), shades(1, "computes")),
            (1, 0)
        );
        assert_eq!((shades(2, "bar"), shades(2, "computes")), (1, 0));
        assert_eq!(shades(4, "busy"), 1);
        for text in [
            "<title>1.jpg: begins at 0 ms, takes 30.0 ms, of that 10.0 ms computing, done</title>",
            ">waiting</text>",
            ">computing</text>",
            ">failed</text>",
        ] {
            assert!(svg.contains(text), "{text} in {svg}");
        }
    }

    #[test]
    fn tasks_are_thin_lines_and_the_shortest_poll_is_seen() {
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
            let from_start = |left: f64| left - NAMES;
            let difference = from_start(long.0) - 2.0 * from_start(short.0);
            assert!(difference.abs() < 0.3, "{long:?} {short:?}");
        }
        assert!(svg.find("thread 1<").unwrap() < svg.find(">half<").unwrap());
    }

    #[test]
    fn crowded_bars_are_drawn_as_one_and_lanes_left_out_are_counted() {
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
    fn a_picture_has_its_own_style_and_its_text_is_escaped() {
        let mut panel = samples::timelines().panels.remove(0);
        panel.timelines[0].name = "<script>".to_string();
        panel.timelines[0].lanes[0].bars[0].label = "<b>".to_string();
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
                .contains("role=\"img\" aria-label=\"What ran")
        );
    }

    #[test]
    fn an_xml_parser_can_read_a_picture_with_control_characters_in_its_labels() {
        let panel = samples::untrusted();
        let svg = picture(&panel, chart::LIGHT);
        // The rest of what XML 1.0 does not allow is not a `char`.
        let is_forbidden = |c: char| {
            let is_control = c < ' ' && !"\t\n\r".contains(c);
            is_control || c == '\u{fffe}' || c == '\u{ffff}'
        };
        assert!(!svg.contains(is_forbidden), "{svg:?}");
        let expected = r"\u{1b}\u{0}\u{ffff}&lt;&amp;";
        // The title, the name above the lanes and in the description, the label and its title.
        assert_eq!(svg.matches(expected).count(), 5, "{svg}");
        let figure = figure(&panel).into_string();
        assert!(!figure.contains(is_forbidden), "{figure:?}");
    }

    #[test]
    fn bars_of_python_are_hollow() {
        let mut panel = samples::timelines().panels.remove(0);
        let origin = Origin::Python(page_named("threads-fetch-url").unwrap());
        panel.timelines[0].origin = origin;
        let svg = picture(&panel, chart::LIGHT);
        assert!(svg.contains("<g class=\"threads python\">"), "{svg}");
        assert!(STYLE.contains(".python .bar { fill: var(--page);"));
    }
}
