//! Timelines for a terminal: a line for each lane, and in it a bar for each item.

use crate::format;
use crate::judge::timelines::{self, Panel};
use crate::measure::trace::{Bar, Lane, Outcome, Thread, Timeline};
use crate::racers::workload::Model;
use crate::show::axis::Axis;
use crate::show::bars::Ink;
use crate::show::stdout::Pen;

/// The timelines of a panel above one axis, and what the signs in them mean.
pub fn draw(panel: &Panel, pen: &Pen) -> String {
    let names = panel.timelines.iter().flat_map(|timeline| {
        let lanes = timeline.lanes.iter().map(|lane| &lane.name);
        lanes.chain(timeline.threads.iter().map(|thread| &thread.name))
    });
    let names = names.map(|name| name.len()).max().unwrap_or(0);
    let drawing = Drawing {
        pen,
        names,
        axis: Axis {
            seconds: panel.seconds(),
            start: 0.0,
            // Two blanks before the names, one behind them.
            length: pen.width.saturating_sub(names + 3).max(10) as f64,
        },
    };
    let timelines = panel.timelines.iter();
    let timelines = timelines.map(|timeline| drawing.timeline(panel, timeline));
    let title = format!("{}: {}", panel.workload.name(), panel.title);
    let timelines: String = timelines.collect();
    let (axis, legend) = (drawing.axis(), drawing.legend(panel));
    let drawn = format!("{title}\n{timelines}{axis}{legend}");
    match pen.ink {
        Ink::Blocks => drawn,
        Ink::Ascii => drawn.replace('µ', "u"),
    }
}

/// How a piece of a line looks.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Plain,
    Bold,
    Faint,
    Bar,
    /// In a bar, in the colour of what is around it.
    Label,
}

struct Drawing<'a> {
    pen: &'a Pen,
    /// How long the longest name of a lane is.
    names: usize,
    axis: Axis,
}

impl Drawing<'_> {
    fn timeline(&self, panel: &Panel, timeline: &Timeline) -> String {
        let colour = colour(timeline);
        let name = self.paint(&timeline.name, Look::Bold, colour);
        let mut text = format!("{name} {}\n", panel.words(timeline));
        for lane in &timeline.lanes {
            text += &self.line(&lane.name, &self.lane(lane), colour);
        }
        if timeline.more_lanes > 0 {
            let more = format::counted(timeline.more_lanes as u64, "lane");
            text += &self.paint(&format!("  and {more} more\n"), Look::Faint, colour);
        }
        if let Some(busy) = timelines::busy(timeline) {
            text += &self.paint(&format!("  {busy}:\n"), Look::Faint, colour);
        }
        for thread in &timeline.threads {
            text += &self.line(&thread.name, &self.thread(thread), colour);
        }
        text
    }

    /// A name and what stands on its line, character by character.
    fn line(&self, name: &str, cells: &[(char, Look)], colour: &str) -> String {
        let end = cells.iter().rposition(|(c, _)| *c != ' ');
        let cells = &cells[..end.map_or(0, |end| end + 1)];
        let mut text = format!("  {name:width$} ", width = self.names);
        for piece in cells.chunk_by(|(_, a), (_, b)| a == b) {
            let characters: String = piece.iter().map(|(c, _)| c).collect();
            text += &self.paint(&characters, piece[0].1, colour);
        }
        text.trim_end().to_string() + "\n"
    }

    fn paint(&self, text: &str, look: Look, colour: &str) -> String {
        let code = match look {
            _ if !self.pen.has_colours => return text.to_string(),
            Look::Plain => return text.to_string(),
            Look::Bold => "1",
            Look::Faint => "2",
            Look::Bar => colour,
            Look::Label => &format!("7;{colour}"),
        };
        let (line, end) = text
            .strip_suffix('\n')
            .map_or((text, ""), |line| (line, "\n"));
        format!("\x1b[{code}m{line}\x1b[0m{end}")
    }

    fn blank(&self) -> Vec<(char, Look)> {
        vec![(' ', Look::Plain); self.axis.length as usize]
    }

    /// The columns from a moment to a later one: at least one.
    fn columns(&self, begin: f64, end: f64) -> (usize, usize) {
        let last = self.axis.length as usize;
        let column = |seconds| self.axis.at(seconds).round() as usize;
        let begin = column(begin).min(last - 1);
        (begin, column(end).clamp(begin + 1, last))
    }

    fn lane(&self, lane: &Lane) -> Vec<(char, Look)> {
        // Bars that are too short for a column each share one, without a label.
        let mut shared: Vec<(usize, usize, Vec<&Bar>)> = Vec::new();
        for bar in &lane.bars {
            let (begin, end) = self.columns(bar.begin, bar.end);
            match shared.last_mut() {
                Some((_, last, bars)) if begin < *last => {
                    *last = end.max(*last);
                    bars.push(bar);
                }
                _ => shared.push((begin, end, vec![bar])),
            }
        }
        let mut cells = self.blank();
        for (i, (begin, end, bars)) in shared.iter().enumerate() {
            let width = end - begin;
            let (full, gap) = self.strokes(lane.is_slot, width == 1 && i % 2 == 1);
            let cells = &mut cells[*begin..*end];
            cells.fill((full, Look::Bar));
            let label: Vec<char> = match bars[..] {
                [bar] => self.label(&bar.label),
                _ => Vec::new(),
            };
            if !label.is_empty() && label.len() + 2 <= width {
                // A thin bar has the label in its place, a thick one in it.
                let look = if lane.is_slot {
                    Look::Plain
                } else {
                    Look::Label
                };
                for (cell, c) in cells[1..].iter_mut().zip(label) {
                    *cell = (c, look);
                }
            }
            let sign = bars.iter().find_map(|bar| self.sign(bar.outcome));
            if let Some(sign) = sign {
                cells[width - 1] = (sign, Look::Plain);
            } else if width > 1 {
                cells[width - 1] = (gap, Look::Bar);
            }
        }
        cells
    }

    /// What a bar is drawn with, and its last column, so that there is a gap to the next. One
    /// without room for that may have another shade than its neighbours.
    fn strokes(&self, is_slot: bool, is_other: bool) -> (char, char) {
        match (self.pen.ink, is_slot, is_other) {
            (Ink::Blocks, true, false) => ('━', '╸'),
            (Ink::Blocks, true, true) => ('╸', '╸'),
            (Ink::Blocks, false, false) => ('█', '▉'),
            (Ink::Blocks, false, true) => ('▓', '▓'),
            (Ink::Ascii, true, false) => ('-', '|'),
            (Ink::Ascii, false, false) => ('#', '|'),
            (Ink::Ascii, _, true) => ('=', '='),
        }
    }

    /// The label as it can be drawn, one column a character; empty if it cannot.
    fn label(&self, label: &str) -> Vec<char> {
        let narrow = |c: char| match self.pen.ink {
            Ink::Ascii => c.is_ascii(),
            // From here on there are characters that are two columns wide.
            Ink::Blocks => c < '\u{1100}',
        };
        if label.chars().all(narrow) {
            label.chars().collect()
        } else {
            Vec::new()
        }
    }

    fn sign(&self, outcome: Outcome) -> Option<char> {
        let (blocks, ascii) = match outcome {
            Outcome::Done => return None,
            Outcome::Failed => ('✗', 'x'),
            Outcome::Cancelled => ('⊘', '/'),
            Outcome::CutOff => ('»', '>'),
        };
        Some(match self.pen.ink {
            Ink::Blocks => blocks,
            Ink::Ascii => ascii,
        })
    }

    /// How busy a thread was, in each column of which it was at all.
    fn thread(&self, thread: &Thread) -> Vec<(char, Look)> {
        let mut cells = self.blank();
        let column = self.axis.seconds / self.axis.length;
        let mut shares = vec![0.0; cells.len()];
        for (begin, end) in &thread.busy {
            let first = (self.axis.at(*begin) as usize).min(cells.len() - 1);
            let last = (self.axis.at(*end) as usize).min(cells.len() - 1);
            for (i, share) in shares.iter_mut().enumerate().take(last + 1).skip(first) {
                let (from, to) = (i as f64 * column, (i + 1) as f64 * column);
                let busy = end.min(to) - begin.max(from);
                // Something is to be seen of the shortest.
                *share += (busy / column).max(f64::MIN_POSITIVE);
            }
        }
        let signs = self.shares();
        for (cell, share) in cells.iter_mut().zip(shares) {
            if share > 0.0 {
                let sign = (share * signs.len() as f64) as usize;
                *cell = (signs[sign.min(signs.len() - 1)], Look::Bar);
            }
        }
        cells
    }

    /// From hardly busy to always.
    fn shares(&self) -> &'static [char] {
        match self.pen.ink {
            Ink::Blocks => &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
            Ink::Ascii => &['.', ':', '#'],
        }
    }

    /// A line with the ticks, and below it their values, as far as there is room.
    fn axis(&self) -> String {
        let (line, tick) = match self.pen.ink {
            Ink::Blocks => ('─', '┴'),
            Ink::Ascii => ('-', '+'),
        };
        let mut ticks = vec![line; self.axis.length as usize];
        let mut values = String::new();
        for (seconds, value) in self.axis.ticks(ticks.len() / 12) {
            let column = (self.axis.at(seconds).round() as usize).min(ticks.len() - 1);
            ticks[column] = tick;
            // The last one ends where the line does.
            let column = column.min(ticks.len() - value.chars().count());
            values += &" ".repeat(column.saturating_sub(values.chars().count()));
            values += &value;
        }
        let ticks: String = ticks.iter().collect();
        let before = " ".repeat(self.names + 3);
        format!("{before}{ticks}\n{before}{values}\n")
    }

    /// What the signs mean that are there, in as many lines as that takes.
    fn legend(&self, panel: &Panel) -> String {
        let mut meanings = Vec::new();
        for outcome in panel.ends() {
            let sign = self.sign(outcome);
            meanings.extend(sign.map(|sign| format!("{sign} {}", outcome.name())));
        }
        if panel.lanes().any(|lane| lane.is_slot) {
            let (full, gap) = self.strokes(true, false);
            meanings.push(format!("{full}{full}{gap} a task, which waits in a slot"));
        }
        if panel.timelines.iter().any(|it| !it.threads.is_empty()) {
            let signs = self.shares();
            let (first, last) = (signs[0], signs[signs.len() - 1]);
            meanings.push(format!("{first} to {last} how busy a thread was"));
        }
        let mut lines: Vec<String> = Vec::new();
        for meaning in meanings {
            match lines.last_mut() {
                Some(line) if width(line) + 3 + width(&meaning) <= self.pen.width => {
                    *line += &format!("   {meaning}");
                }
                _ => lines.push(format!("  {meaning}")),
            }
        }
        let faint = |line| self.paint(&format!("{line}\n"), Look::Faint, "");
        lines.iter().map(faint).collect()
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn colour(timeline: &Timeline) -> &'static str {
    match Model::of(timeline.origin.page().unwrap_or_default()) {
        Model::Sequential => "90",
        Model::Threads => "94",
        Model::Processes => "33",
        Model::Async => "32",
        Model::Machines => "35",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::samples;

    fn pen(ink: Ink) -> Pen {
        Pen {
            ink,
            has_colours: false,
            width: 51,
        }
    }

    /// The panel of that number among the samples, drawn 40 characters wide.
    fn drawn(panel: usize, ink: Ink) -> String {
        draw(&samples::timelines().panels[panel], &pen(ink))
    }

    #[test]
    fn threads_are_lanes_with_a_bar_for_each_item() {
        let expected = "\
fetch-url: 3 URLs <now>
threads 600 ms: 3 URLs, up to 2 at once, 1 failed
  thread 1  █python████████████▉█flask████████████▉
  thread 2  █django████████████✗
           ┴────────────┴─────────────┴───────────┴
           0            200 ms        400 ms 600 ms
  ✗ failed
";
        assert_eq!(drawn(0, Ink::Blocks), expected);
        let expected = "\
fetch-url: 3 URLs <now>
threads 600 ms: 3 URLs, up to 2 at once, 1 failed
  thread 1  #python############|#flask############|
  thread 2  #django############x
           +------------+-------------+-----------+
           0            200 ms        400 ms 600 ms
  x failed
";
        assert_eq!(drawn(0, Ink::Ascii), expected);
    }

    #[test]
    fn a_worker_that_was_killed_is_seen_to_be() {
        let expected = "\
heavy-calculation: the numbers
processes 20.0 ms: 3 numbers, up to 2 at once, 1 cut off
  worker 1         █150000████████████████████████»
  worker 2           █100000▉█200000██████████████▉
           ┴───────────────────┴──────────────────┴
           0                   10 ms          20 ms
  » cut off
";
        assert_eq!(drawn(1, Ink::Blocks), expected);
    }

    #[test]
    fn tasks_are_thin_and_the_shortest_poll_is_seen() {
        let expected = "\
say-after: 2 sayings
async-task-group 501 ms: 2 sayings, all at once, 1 failed, 1 cancelled
  slot 1    ━hello━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━⊘
  slot 2    ━SayError━━━━━━━━━━━━━━━━━━━━━━━━━━━━━✗
  its threads were busy for 199 µs in all:
  main      ▁
  runtime 1 ▁                                     ▁
";
        let blocks = drawn(2, Ink::Blocks);
        assert!(blocks.starts_with(expected), "{blocks}");
        let ascii = drawn(2, Ink::Ascii);
        assert!(ascii.is_ascii(), "{ascii}");
        assert!(ascii.contains("  main      .\n"), "{ascii}");
        assert!(ascii.contains("busy for 199 us in all"), "{ascii}");
    }

    #[test]
    fn colours_add_nothing_but_themselves() {
        for panel in samples::timelines().panels {
            for ink in [Ink::Blocks, Ink::Ascii] {
                let plain = draw(&panel, &pen(ink));
                assert!(!plain.contains('\x1b'), "{plain}");
                let coloured = draw(
                    &panel,
                    &Pen {
                        has_colours: true,
                        ..pen(ink)
                    },
                );
                let pieces =
                    coloured
                        .split('\x1b')
                        .enumerate()
                        .map(|(i, piece)| match i {
                            0 => piece,
                            _ => piece.split_once('m').unwrap().1,
                        });
                assert_eq!(pieces.collect::<String>(), plain);
                // No line hands its colour on to the next.
                for line in coloured.lines().filter(|line| line.contains('\x1b')) {
                    let last = line.rsplit('\x1b').next().unwrap();
                    assert!(last.starts_with("[0m"), "{line:?}");
                }
            }
        }
    }

    #[test]
    fn all_lines_keep_to_the_width() {
        for width in [40, 80, 200] {
            for panel in samples::timelines().panels {
                let drawn = draw(
                    &panel,
                    &Pen {
                        width,
                        ..pen(Ink::Blocks)
                    },
                );
                // All but what is said of each program.
                let is_said = |line: &str| !line.starts_with("  ") || line.ends_with(':');
                for line in drawn.lines().filter(|line| !is_said(line)) {
                    assert!(super::width(line) <= width, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn what_takes_no_time_is_seen_all_the_same() {
        let mut panel = samples::timelines().panels.remove(2);
        let timeline = &mut panel.timelines[0];
        let bar = &mut timeline.lanes[0].bars[0];
        (bar.begin, bar.end, bar.outcome) = (0.25, 0.25, Outcome::Done);
        timeline.threads[0].busy = vec![(0.25, 0.25)];
        let drawn = draw(&panel, &pen(Ink::Ascii));
        let line = |name: &str| {
            let mut lines = drawn.lines();
            lines
                .find(|line| line.starts_with(name))
                .unwrap()
                .trim_end()
        };
        assert!(line("  slot 1 ").ends_with(" -"), "{drawn}");
        assert!(line("  main ").ends_with(" ."), "{drawn}");
    }

    /// A lane of 100 items that share what time there is.
    fn crowded() -> Panel {
        let mut panel = samples::timelines().panels.remove(0);
        let timeline = &mut panel.timelines[0];
        let bar = timeline.lanes[0].bars[0].clone();
        timeline.lanes[0].bars = (0..100)
            .map(|i| Bar {
                begin: f64::from(i) * 0.006,
                end: f64::from(i + 1) * 0.006,
                ..bar.clone()
            })
            .collect();
        timeline.more_lanes = 80;
        panel
    }

    #[test]
    fn what_is_too_much_is_told() {
        let panel = crowded();
        let drawn = draw(&panel, &pen(Ink::Blocks));
        assert!(drawn.contains("\n  and 80 lanes more\n"), "{drawn}");
        // Bars that share a column lose their labels, not their places.
        let lane = drawn
            .lines()
            .find(|line| line.contains("thread 1"))
            .unwrap();
        let cells: Vec<_> = lane.chars().skip(11).collect();
        assert_eq!(cells.len(), 40, "{lane}");
        assert!(cells.iter().all(|cell| "█▉▓".contains(*cell)), "{lane}");
        // Neighbours can be told apart.
        assert!(
            cells
                .windows(4)
                .all(|near| near.iter().any(|c| *c != near[0])),
            "{lane}"
        );
    }

    #[test]
    fn a_label_that_is_wider_than_its_letters_is_left_out() {
        let mut panel = samples::timelines().panels.remove(0);
        panel.timelines[0].lanes[0].bars[0].label = "蟒蛇".to_string();
        let drawn = draw(&panel, &pen(Ink::Blocks));
        assert!(drawn.contains("thread 1  █████"), "{drawn}");
        panel.timelines[0].lanes[0].bars[0].label = "é".to_string();
        assert!(draw(&panel, &pen(Ink::Blocks)).contains("thread 1  █é█"));
        assert!(draw(&panel, &pen(Ink::Ascii)).contains("thread 1  ###"));
    }
}
