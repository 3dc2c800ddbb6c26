//! The layout of timelines, in a terminal as in an SVG: the rows from top to bottom, and the
//! spans in a row.

use crate::format;
use crate::results::timelines;
use crate::results::trace::{Bar, Lane, Outcome, Thread, Timeline};

/// What stands below the name of a program.
#[derive(Debug, PartialEq)]
pub enum Row<'a> {
    Lane(&'a Lane),
    /// A remark about the lanes above it.
    Note(String),
    /// A title above the threads.
    Title(String),
    Thread(&'a Thread),
}

/// The rows of a timeline: first its lanes, then the threads that ran them.
pub fn rows(timeline: &Timeline) -> Vec<Row<'_>> {
    let mut rows: Vec<_> = timeline.lanes.iter().map(Row::Lane).collect();
    if timeline.more_lanes > 0 {
        let lanes = format::counted(timeline.more_lanes as u64, "lane");
        rows.push(Row::Note(format!("and {lanes} more")));
    }
    if let Some(busy) = timelines::busy(timeline) {
        rows.push(Row::Title(busy));
    }
    rows.extend(timeline.threads.iter().map(Row::Thread));
    rows
}

/// Neighbouring items that are drawn as one, because they are too close to be told apart.
#[derive(Debug, PartialEq)]
pub struct Span<'a, T> {
    /// Where it is drawn, in columns or in the units of the SVG.
    pub begin: f64,
    pub end: f64,
    pub items: &'a [T],
}

/// Joins neighbours that would overlap. `place` is where an item is drawn: its begin and its
/// end. The items must be in the order in which they begin.
pub fn spans<'a, T>(
    items: &'a [T],
    place: impl Fn(&T) -> (f64, f64),
) -> Vec<Span<'a, T>> {
    let mut spans: Vec<Span<T>> = Vec::new();
    let mut first = 0;
    for (i, item) in items.iter().enumerate() {
        let (begin, end) = place(item);
        match spans.last_mut() {
            Some(span) if begin < span.end => {
                span.end = span.end.max(end);
                span.items = &items[first..=i];
            }
            _ => {
                first = i;
                let items = &items[i..=i];
                spans.push(Span { begin, end, items });
            }
        }
    }
    spans
}

impl<T> Span<'_, T> {
    pub fn width(&self) -> f64 {
        self.end - self.begin
    }
}

impl<'a> Span<'a, Bar> {
    /// Several bars together have no label.
    pub fn label(&self) -> Option<&'a str> {
        match self.items {
            [bar] => Some(&bar.label),
            _ => None,
        }
    }

    /// From when to when its bars computed.
    pub fn computing(&self) -> impl Iterator<Item = (f64, f64)> {
        self.items
            .iter()
            .flat_map(|bar| bar.computing.iter().copied())
    }

    /// How its bars ended: the first that is not done stands for all of them.
    pub fn outcome(&self) -> Outcome {
        let mut outcomes = self.items.iter().map(|bar| bar.outcome);
        let not_done = outcomes.find(|outcome| *outcome != Outcome::Done);
        not_done.unwrap_or(Outcome::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::samples;

    #[test]
    fn threads_stand_below_the_lanes_and_a_note_counts_lanes_that_are_not_drawn() {
        let mut timeline = samples::timelines().panels[2].timelines[0].clone();
        timeline.more_lanes = 80;
        let expected = [
            Row::Lane(&timeline.lanes[0]),
            Row::Lane(&timeline.lanes[1]),
            Row::Note("and 80 lanes more".to_string()),
            Row::Title("its threads were busy for 199 µs in all".to_string()),
            Row::Thread(&timeline.threads[0]),
            Row::Thread(&timeline.threads[1]),
        ];
        assert_eq!(rows(&timeline), expected);
    }

    #[test]
    fn neighbours_that_overlap_are_one_span() {
        let items = [(0.0, 2.0), (1.0, 5.0), (2.0, 3.0), (5.0, 6.0), (7.0, 8.0)];
        let span = |begin, end, items| Span { begin, end, items };
        let expected = [
            // The longest decides where it ends.
            span(0.0, 5.0, &items[..3]),
            span(5.0, 6.0, &items[3..4]),
            span(7.0, 8.0, &items[4..]),
        ];
        assert_eq!(spans(&items, |item| *item), expected);
    }

    #[test]
    fn a_failure_among_bars_that_are_drawn_as_one_is_seen() {
        let bar = |label: &str, outcome| Bar {
            label: label.to_string(),
            begin: 0.0,
            end: 1.0,
            outcome,
            computing: Vec::new(),
        };
        let bars = [
            bar("a", Outcome::Done),
            bar("b", Outcome::Failed),
            bar("c", Outcome::Cancelled),
        ];
        let all = &spans(&bars, |bar| (bar.begin, bar.end))[0];
        assert_eq!((all.label(), all.outcome()), (None, Outcome::Failed));
        let one = &spans(&bars[..1], |bar| (bar.begin, bar.end))[0];
        assert_eq!((one.label(), one.outcome()), (Some("a"), Outcome::Done));
    }
}
