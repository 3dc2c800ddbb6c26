//! Charts as SVG, to stand in an HTML page that styles them.
//!
//! Scales are logarithmic: a thousandth is as far from a hundredth as a second from ten.

use crate::format;
use crate::judge::results::{Entrant, Results};
use crate::judge::sweep::{Cost, Point, Sweep};
use crate::racers::racer::Origin;
use crate::stats;

const WIDTH: f64 = 760.0;
const LABELS: f64 = 190.0;
const ROW: f64 = 26.0;
const AXIS: f64 = 30.0;

/// Every round of every racer as a dot, the median as a stroke, and the bound as a line
/// through all of them.
pub fn rounds(results: &Results) -> String {
    let timings = || results.entrants.iter().map(|entrant| &entrant.timing);
    let times = timings().flat_map(|timing| timing.times.iter().copied());
    let axis = Scale::around(times.chain(results.ideal), LABELS, WIDTH - 20.0);
    let bottom = ROW * results.entrants.len() as f64;
    let mut svg = grid(&axis, bottom, format::seconds);
    for (i, entrant) in results.entrants.iter().enumerate() {
        let timing = &entrant.timing;
        let y = ROW * (i as f64 + 0.5);
        svg += &row_label(&timing.name, y);
        svg += &format!("<g class=\"{}\">", class(entrant));
        for (round, time) in timing.times.iter().enumerate() {
            let (x, number, time) = (axis.at(*time), round + 1, format::seconds(*time));
            svg += &format!(
                "<circle cx=\"{x:.1}\" cy=\"{y}\" r=\"4\"><title>round {number}: {time}\
                 </title></circle>"
            );
        }
        let x = axis.at(stats::median(&timing.times));
        let (top, foot) = (y - 9.0, y + 9.0);
        svg += &format!("<path class=\"median\" d=\"M{x:.1} {top}V{foot}\"/></g>");
    }
    if let Some(bound) = results.ideal.filter(|bound| *bound > 0.0) {
        let x = axis.at(bound);
        svg += &format!("<path class=\"bound\" d=\"M{x:.1} 0V{bottom}\"/>");
    }
    let medians = timings().map(|timing| {
        format!(
            "{} {}",
            timing.name,
            format::seconds(stats::median(&timing.times))
        )
    });
    let medians = medians.collect::<Vec<_>>().join(", ");
    let bound = results.ideal.map_or("none".to_string(), format::seconds);
    let title = format!("Time of every round of {}", results.workload.name());
    let text = format!("Medians: {medians}. Bound: {bound}.");
    image(&title, &text, bottom + AXIS, &svg)
}

/// The memory of every racer as a bar.
pub fn memory(results: &Results) -> String {
    let bars: Vec<_> = results
        .entrants
        .iter()
        .filter_map(|entrant| Some((entrant, entrant.bytes()?)))
        .collect();
    let most = bars
        .iter()
        .map(|(_, bytes)| *bytes)
        .max()
        .unwrap_or(1)
        .max(1);
    let mut svg = String::new();
    for (i, (entrant, bytes)) in bars.iter().enumerate() {
        let y = ROW * (i as f64 + 0.5);
        let width = (WIDTH - LABELS - 100.0) * (*bytes as f64 / most as f64);
        let (top, end, bytes) =
            (y - 8.0, LABELS + width + 8.0, format::bytes(*bytes as f64));
        svg += &row_label(entrant.name(), y);
        svg += &format!(
            "<rect class=\"{}\" x=\"{LABELS}\" y=\"{top}\" width=\"{width:.1}\" height=\"16\"/>\
             <text x=\"{end:.1}\" y=\"{y}\" dy=\".35em\">{bytes}</text>",
            class(entrant)
        );
    }
    let title = format!("Memory of {}", results.workload.name());
    let text = bars.iter().map(|(entrant, bytes)| {
        format!("{} {}", entrant.name(), format::bytes(*bytes as f64))
    });
    let text = text.collect::<Vec<_>>().join(", ");
    image(&title, &text, ROW * bars.len() as f64, &svg)
}

/// What growing work costs, as a line for each model.
pub fn curves(
    sweep: &Sweep,
    Cost {
        name,
        of: cost,
        format,
    }: &Cost,
) -> String {
    const HEIGHT: f64 = 300.0;
    let points = || sweep.curves.iter().flat_map(|curve| &curve.points);
    let left = 80.0;
    let across = Scale::around(
        points().map(|point| point.size as f64),
        left,
        WIDTH - LABELS,
    );
    let up = Scale::around(points().filter_map(cost), HEIGHT, 10.0);
    let mut svg = grid(&across, HEIGHT, format::power_of_ten);
    for tick in up.ticks() {
        let (y, label) = (up.at(tick), format(tick));
        let (end, x) = (WIDTH - LABELS, left - 8.0);
        svg += &format!(
            "<path class=\"grid\" d=\"M{left} {y:.1}H{end}\"/>\
             <text class=\"end\" x=\"{x}\" y=\"{y:.1}\" dy=\".35em\">{label}</text>"
        );
    }
    let mut ends = Vec::new();
    for curve in &sweep.curves {
        let at = |point: &Point| {
            (
                across.at(point.size as f64),
                up.at(cost(point).unwrap_or(0.0)),
            )
        };
        let line = curve
            .points
            .iter()
            .map(at)
            .map(|(x, y)| format!("{x:.1},{y:.1}"));
        let line = line.collect::<Vec<_>>().join(" ");
        svg += &format!("<g class=\"{}\"><polyline points=\"{line}\"/>", curve.name);
        for point in &curve.points {
            let (x, y) = at(point);
            let (size, cost) = (
                format::count(point.size),
                format(cost(point).unwrap_or(0.0)),
            );
            svg += &format!(
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"><title>{size}: {cost}</title>\
                 </circle>"
            );
        }
        svg += "</g>";
        if let Some(last) = curve.points.last() {
            let limit = curve
                .limit
                .as_ref()
                .map(|limit| format!(" ({})", limit.what));
            let label = format!("{}{}", curve.name, limit.unwrap_or_default());
            ends.push((at(last), label));
        }
    }
    svg += &labels_apart(ends);
    let title = format!("{name} of {} as it grows", sweep.workload.name());
    let text = "The same figures are in the table below.";
    image(&title, text, HEIGHT + AXIS, &svg)
}

/// Labels at the ends of lines, moved apart so that none covers another.
fn labels_apart(mut ends: Vec<((f64, f64), String)>) -> String {
    const APART: f64 = 15.0;
    ends.sort_by(|((_, a), _), ((_, b), _)| a.total_cmp(b));
    let mut free = f64::NEG_INFINITY;
    let mut svg = String::new();
    for ((x, y), label) in ends {
        let down = y.max(free);
        free = down + APART;
        let (x, start, to) = (x + 6.0, WIDTH - LABELS + 6.0, WIDTH - LABELS + 12.0);
        svg += &format!(
            "<path class=\"lead\" d=\"M{x:.1} {y:.1}L{start:.1} {down:.1}\"/>\
             <text x=\"{to}\" y=\"{down:.1}\" dy=\".35em\">{label}</text>"
        );
    }
    svg
}

/// Lines down at the ticks, with their values below.
fn grid(axis: &Scale, bottom: f64, format: impl Fn(f64) -> String) -> String {
    let below = bottom + 18.0;
    let line = |tick: f64| {
        let (x, label) = (axis.at(tick), format(tick));
        format!(
            "<path class=\"grid\" d=\"M{x:.1} 0V{bottom}\"/>\
             <text class=\"middle\" x=\"{x:.1}\" y=\"{below}\">{label}</text>"
        )
    };
    axis.ticks().into_iter().map(line).collect()
}

fn row_label(name: &str, y: f64) -> String {
    let x = LABELS - 10.0;
    format!("<text class=\"end\" x=\"{x}\" y=\"{y}\" dy=\".35em\">{name}</text>")
}

/// The colour is the model's, in Rust and in Python.
fn class(entrant: &Entrant) -> String {
    match &entrant.origin {
        Origin::Python(page) => format!("{page} python"),
        Origin::Page(page) => page.clone(),
        Origin::Also => "also".to_string(),
    }
}

/// An image with a title and a text for those who cannot see it.
fn image(title: &str, text: &str, height: f64, content: &str) -> String {
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{title}\">\
         <svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}. {text}\">\
         <title>{title}</title><desc>{text}</desc>{content}</svg></div>\n"
    )
}

/// A logarithmic scale, from values to places on the page.
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

    /// Powers of ten; with 2 and 5 between them where these are few.
    fn ticks(&self) -> Vec<f64> {
        let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let steps: &[f64] = match self.high / self.low {
            ratio if ratio > 1e3 => &[1.0],
            _ => &[1.0, 2.0, 5.0],
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
    }
}
