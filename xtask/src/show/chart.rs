//! Charts as SVG: for an HTML document that has their style, or as files that contain it.
//!
//! Scales are logarithmic: 1 ms is as far from 10 ms as 1 s is from 10 s.

use maud::{Markup, PreEscaped, html};

use crate::format;
use crate::racers::racer::Origin;
use crate::results::comparison::WorkRace;
use crate::results::sweep::{Cost, Point, Sweep};

/// How the parts of charts look, in colours that have names.
pub const STYLE: &str = include_str!("chart.css");

/// Colours by name, for a light and for a dark background.
pub const LIGHT: &str = include_str!("light.css");
pub const DARK: &str = include_str!("dark.css");

const WIDTH: f64 = 760.0;
const LABELS: f64 = 190.0;
const ROW: f64 = 26.0;
const AXIS: f64 = 30.0;
/// The space above the rows, for the word at the dashed line.
const HEAD: f64 = 16.0;

/// A chart of one race. Every round of every racer is a dot, the median is a stroke, and the
/// least bound is a line through all rows.
pub fn rounds(race: &WorkRace) -> Markup {
    let medians = race
        .results
        .timed()
        .map(|racer| format!("{} {}", racer.name, format::seconds(racer.median())));
    let medians = medians.collect::<Vec<_>>().join(", ");
    let bound = race
        .least_bound()
        .map_or("none".to_string(), format::seconds);
    let title = format!("Time of every round of {}", race.work.workload().name());
    let text = format!("Medians: {medians}. Bound: {bound}.");
    let (height, dots) = dots(race);
    image(&title, &text, height, &dots)
}

/// The rounds of several races below each other, as a file of its own. `colours` are those of
/// the document that will show it.
pub fn picture(races: &[WorkRace], colours: &str) -> String {
    const TITLE: f64 = 30.0;
    let mut height = 0.0;
    let panels: Vec<_> = races
        .iter()
        .map(|race| {
            let (own_height, dots) = dots(race);
            let top = height;
            height += own_height + TITLE;
            html! {
                g transform=(format_args!("translate(0 {top})")) {
                    text.title x="8" y="20" { (race.work.workload().name()) ": " (race.work.title()) }
                    g transform=(format_args!("translate(0 {TITLE})")) { (dots) }
                }
            }
        })
        .collect();
    let title = "A race: the time of every round of every racer";
    let picture = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format_args!("0 0 {WIDTH} {height}")) role="img" {
            title { (title) }
            style { (PreEscaped(format!("svg {{ {colours} }}\n{STYLE}"))) }
            rect.page width="100%" height="100%" {}
            @for panel in &panels { (panel) }
        }
    };
    picture.into_string() + "\n"
}

/// The rounds of one race, and how high they are.
fn dots(race: &WorkRace) -> (f64, Markup) {
    let racers: Vec<_> = race.results.timed().collect();
    let bound = race.least_bound();
    let times = racers.iter().flat_map(|racer| racer.times());
    let axis = Scale::around(times.chain(bound), LABELS, WIDTH - 90.0);
    let bottom = HEAD + ROW * racers.len() as f64;
    let bound = bound.filter(|bound| *bound > 0.0);
    let dots = html! {
        (grid(&axis, HEAD, bottom, format::seconds_short))
        @if let Some(x) = bound.map(|bound| axis.at(bound)) {
            path.bound d=(format_args!("M{x:.1} {HEAD}V{bottom}")) {}
            text.middle x=(one(x)) y="10" { "bound" }
        }
        @for (i, racer) in racers.iter().enumerate() {
            @let y = HEAD + ROW * (i as f64 + 0.5);
            @let median = axis.at(racer.median());
            (row_label(&racer.name, y))
            g class=(class(race.origin(racer))) {
                @for run in racer.counted() {
                    circle cx=(one(axis.at(run.wall))) cy=(y) r="4" {
                        title { "round " (run.round) ": " (format::seconds(run.wall)) }
                    }
                }
                path.median d=(format_args!("M{median:.1} {}V{}", y - 9.0, y + 9.0)) {}
            }
            text.value x=(WIDTH - 78.0) y=(y) dy=".35em" { (format::seconds(racer.median())) }
        }
    };
    (bottom + AXIS, dots)
}

/// What growing work costs, as a line for each model.
pub fn curves(sweep: &Sweep, cost: &Cost) -> Markup {
    const HEIGHT: f64 = 300.0;
    const LEFT: f64 = 80.0;
    // The points at which the cost is known.
    let costs = |points: &[Point]| -> Vec<(u64, f64)> {
        let costs = points.iter();
        costs
            .filter_map(|point| Some((point.size, (cost.of)(point)?)))
            .collect()
    };
    let curves: Vec<_> = sweep
        .curves
        .iter()
        .map(|curve| (curve, costs(&curve.points)))
        .collect();
    let all = || curves.iter().flat_map(|(_, costs)| costs);
    let across = Scale::around(all().map(|(size, _)| *size as f64), LEFT, WIDTH - LABELS);
    let up = Scale::around(all().map(|(_, cost)| *cost), HEIGHT, 10.0);
    let place = |(size, cost): &(u64, f64)| (across.at(*size as f64), up.at(*cost));
    let ends = curves.iter().filter_map(|(curve, costs)| {
        let limit = curve.limit.as_ref();
        let limit = limit.map(|limit| format!(" ({})", limit.what.name()));
        let label = format!("{}{}", curve.name, limit.unwrap_or_default());
        Some((place(costs.last()?), label))
    });
    let drawn = html! {
        (grid(&across, 0.0, HEIGHT, format::power_of_ten))
        @for tick in up.ticks() {
            @let y = up.at(tick);
            path.grid d=(format_args!("M{LEFT} {y:.1}H{}", WIDTH - LABELS)) {}
            text.end x=(LEFT - 8.0) y=(one(y)) dy=".35em" { ((cost.format)(tick)) }
        }
        @for (curve, costs) in &curves {
            g class=(curve.name) {
                @let line = costs.iter().map(place).map(|(x, y)| format!("{x:.1},{y:.1}"));
                polyline points=(line.collect::<Vec<_>>().join(" ")) {}
                @for point in costs {
                    @let (x, y) = place(point);
                    circle cx=(one(x)) cy=(one(y)) r="3" {
                        title { (format::count(point.0)) ": " ((cost.format)(point.1)) }
                    }
                }
            }
        }
        (labels_apart(ends.collect()))
    };
    let title = format!("{} of {} as it grows", cost.name, sweep.workload.name());
    let text = "The same figures are in the table below.";
    image(&title, text, HEIGHT + AXIS, &drawn)
}

/// Labels at the ends of lines, moved apart so that none covers another.
fn labels_apart(mut ends: Vec<((f64, f64), String)>) -> Markup {
    const APART: f64 = 15.0;
    ends.sort_by(|((_, a), _), ((_, b), _)| a.total_cmp(b));
    let mut free = f64::NEG_INFINITY;
    let apart = ends.into_iter().map(|((x, y), label)| {
        let down = y.max(free);
        free = down + APART;
        (x + 6.0, y, down, label)
    });
    html! {
        @for (x, y, down, label) in apart {
            @let start = WIDTH - LABELS + 6.0;
            path.lead d=(format_args!("M{x:.1} {y:.1}L{start:.1} {down:.1}")) {}
            text x=(start + 6.0) y=(one(down)) dy=".35em" { (label) }
        }
    }
}

/// Lines down at the ticks, with their values below.
fn grid(axis: &Scale, top: f64, bottom: f64, format: impl Fn(f64) -> String) -> Markup {
    html! {
        @for tick in axis.ticks() {
            @let x = axis.at(tick);
            path.grid d=(format_args!("M{x:.1} {top}V{bottom}")) {}
            text.middle x=(one(x)) y=(bottom + 18.0) { (format(tick)) }
        }
    }
}

fn row_label(name: &str, y: f64) -> Markup {
    html! { text.end x=(LABELS - 10.0) y=(y) dy=".35em" { (name) } }
}

/// A position with one decimal place. Smaller differences cannot be seen.
pub fn one(place: f64) -> String {
    format!("{place:.1}")
}

/// The colour is that of the model, in Rust and in Python; a program of the user has its own.
pub fn class(origin: Origin) -> String {
    match origin {
        Origin::Python(page) => format!("{} python", page.racer),
        Origin::Page(page) => page.racer.to_string(),
        Origin::Also => "also".to_string(),
    }
}

/// An image with a title and a text for those who cannot see it.
fn image(title: &str, text: &str, height: f64, drawn: &Markup) -> Markup {
    html! {
        div.wide tabindex="0" role="group" aria-label=(title) {
            svg viewBox=(format_args!("0 0 {WIDTH} {height}")) role="img" aria-label=(format_args!("{title}. {text}")) {
                title { (title) }
                desc { (text) }
                (drawn)
            }
        }
    }
}

/// A logarithmic scale, from values to positions in the chart.
struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// A scale on which all values that are above zero have a place.
    fn around(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, 0_f64);
        for value in values.filter(|value| *value > 0.0) {
            (low, high) = (low.min(value), high.max(value));
        }
        if high == 0.0 {
            (low, high) = (1.0, 1.0);
        }
        Scale {
            low: low / 1.15,
            high: high * 1.15,
            from,
            to,
        }
    }

    fn at(&self, value: f64) -> f64 {
        let way = (value.max(self.low) / self.low).ln() / (self.high / self.low).ln();
        self.from + way * (self.to - self.from)
    }

    /// Powers of ten. If there are few, more values between them.
    fn ticks(&self) -> Vec<f64> {
        let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let steps: &[f64] = match self.high / self.low {
            ratio if ratio > 1e3 => &[1.0],
            ratio if ratio > 6.0 => &[1.0, 2.0, 5.0],
            _ => &[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0],
        };
        let ticks =
            decades.flat_map(|decade| steps.iter().map(move |s| s * 10_f64.powi(decade)));
        ticks
            .filter(|tick| (self.low..=self.high).contains(tick))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::racers::work::Work;
    use crate::racers::workloads::heavy_calculation::HeavyCalculation;
    use crate::racers::workloads::say_after::SayAfter;
    use crate::show::samples;

    /// The values of an attribute, in the order in which they stand there.
    fn values(svg: &str, element: &str, attribute: &str) -> Vec<f64> {
        let begin = format!("<{element} ");
        let elements = svg.split(&begin).skip(1);
        let values = elements.map(|rest| {
            let (tag, _) = rest.split_once('>').unwrap();
            let (_, value) = tag.split_once(&format!("{attribute}=\"")).unwrap();
            value.split('"').next().unwrap().parse().unwrap()
        });
        values.collect()
    }

    #[test]
    fn every_round_is_a_dot_where_its_time_is() {
        let race = samples::race();
        let racers: Vec<_> = race.results.timed().collect();
        let svg = rounds(&race).into_string();
        let dots = values(&svg, "circle", "cx");
        let times: Vec<_> = racers.iter().flat_map(|racer| racer.times()).collect();
        assert_eq!(dots.len(), times.len());
        for (i, a) in times.iter().enumerate() {
            for (j, b) in times.iter().enumerate() {
                assert!(a >= b || dots[i] <= dots[j], "{a} and {b}");
            }
        }
        assert!(svg.contains("<title>round 1: 450 ms</title>"), "{svg}");
        // The median of each is a stroke on its row, and a figure on the right.
        assert_eq!(svg.matches("class=\"median\"").count(), racers.len());
        assert_eq!(svg.matches("class=\"value\"").count(), racers.len());
        // All rows are below each other.
        let rows = values(&svg, "circle", "cy");
        assert!(rows.is_sorted() && rows[0] > HEAD, "{rows:?}");
        // The bound is left of all that was measured.
        let (_, bound) = svg.split_once("class=\"bound\" d=\"M").unwrap();
        let bound: f64 = bound.split(' ').next().unwrap().parse().unwrap();
        assert!(dots.iter().all(|dot| *dot > bound), "{bound}: {dots:?}");
        for text in [
            "Medians: sequential 2.00 s, threads 450 ms,",
            "Bound: 300 ms.",
        ] {
            assert!(svg.contains(text), "{text} in {svg}");
        }
    }

    #[test]
    fn the_colour_is_that_of_the_model_and_hollow_is_python() {
        let svg = rounds(&samples::race()).into_string();
        for class in ["sequential", "threads", "threads python", "also"] {
            let group = format!("<g class=\"{class}\">");
            assert_eq!(svg.matches(&group).count(), 1, "{class}");
            assert!(STYLE.contains(&format!(".{} ", class.split(' ').next().unwrap())));
        }
    }

    #[test]
    fn without_a_bound_there_is_no_line() {
        let mut race = samples::race();
        race.work = Work::HeavyCalculation(HeavyCalculation {
            numbers: vec![7],
            workers: 2,
        });
        race.results.racers.remove(0);
        let svg = rounds(&race).into_string();
        assert!(!svg.contains("class=\"bound\""), "{svg}");
        assert!(svg.contains("Bound: none."), "{svg}");
    }

    #[test]
    fn a_curve_has_a_dot_for_each_size_and_says_where_it_ends() {
        let sweep = &samples::scaling().sweeps[0];
        let [time, _, memory] = sweep.costs();
        let svg = curves(sweep, &time).into_string();
        assert_eq!(svg.matches("<circle ").count(), 3);
        assert_eq!(svg.matches("<polyline ").count(), 3);
        assert!(svg.contains(">sequential (time)</text>"), "{svg}");
        assert!(svg.contains("<title>10: 200 ms</title>"), "{svg}");
        // The one that was not seen to hold memory is not drawn as if it held none.
        let svg = curves(sweep, &memory).into_string();
        assert_eq!(svg.matches("<circle ").count(), 2);
    }

    #[test]
    fn labels_are_moved_apart_and_only_down() {
        let ends = [20.0, 100.0, 21.0].map(|y| ((5.0, y), format!("at {y}")));
        let svg = labels_apart(ends.into()).into_string();
        assert_eq!(values(&svg, "text", " y"), [20.0, 35.0, 100.0]);
        assert!(svg.find("at 20<").unwrap() < svg.find("at 21<").unwrap());
    }

    #[test]
    fn a_picture_stands_alone_and_nothing_in_it_is_markup_by_accident() {
        let mut race = samples::race();
        race.work = Work::SayAfter(SayAfter {
            sayings: vec!["0.3:<now> & \"then\"".parse().unwrap()],
            repeat: 4,
            workers: None,
        });
        race.results.racers[1].name = "<script>".to_string();
        let svg = picture(&[race.clone(), race], LIGHT);
        assert!(
            svg.starts_with(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 "
            )
        );
        assert!(
            svg.contains("--page: #ffffff") && svg.contains(".median {"),
            "{svg}"
        );
        assert!(
            svg.contains("0.3:&lt;now&gt; &amp; &quot;then&quot;"),
            "{svg}"
        );
        assert!(!svg.contains("<script>") && !svg.contains("<now>"), "{svg}");
        // Both races are there, one below the other.
        assert_eq!(svg.matches("class=\"bound\"").count(), 2);
        let tops: Vec<_> = svg.match_indices("translate(0 ").collect();
        assert_eq!(tops.len(), 4);
    }

    #[test]
    fn every_value_has_a_place_and_order_is_kept() {
        let values = [0.001, 0.02, 0.3, 4.0];
        let scale = Scale::around(values.into_iter(), 100.0, 700.0);
        let places = values.map(|value| scale.at(value));
        assert!(places.is_sorted());
        assert!(places.iter().all(|place| (100.0..=700.0).contains(place)));
        // The same ratio is the same distance.
        let ratio = |a: f64, b: f64| scale.at(b) - scale.at(a);
        assert!((ratio(0.01, 0.1) - ratio(0.1, 1.0)).abs() < 1e-9);
    }

    #[test]
    fn a_scale_without_values_still_is_one() {
        let scale = Scale::around([0.0].into_iter(), 0.0, 1.0);
        assert!(scale.at(0.0).is_finite());
        assert_eq!(scale.ticks(), [1.0]);
    }

    #[test]
    fn ticks_are_few_and_round() {
        let scale = Scale::around([0.1, 2.0].into_iter(), 0.0, 1.0);
        assert_eq!(scale.ticks(), [0.1, 0.2, 0.5, 1.0, 2.0]);
        let scale = Scale::around([1.0, 1e6].into_iter(), 0.0, 1.0);
        assert_eq!(scale.ticks().len(), 7);
        let scale = Scale::around([4.0, 8.0].into_iter(), 0.0, 1.0);
        assert_eq!(scale.ticks(), [4.0, 5.0, 6.0, 8.0]);
    }
}
