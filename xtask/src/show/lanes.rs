//! Timelines for a terminal: a line for each lane, and in it a bar for each item.

use console::Style;

use crate::format;
use crate::racers::pages::Model;
use crate::results::timelines::Panel;
use crate::results::trace::{Bar, Lane, Outcome, Thread, Timeline};
use crate::show::axis::Axis;
use crate::show::layout::{self, Row, Span};
use crate::show::stdout::Pen;

/// The timelines of a panel above one axis, and below it what the signs mean.
pub fn draw(panel: &Panel, pen: &Pen) -> String {
    let names = panel.timelines.iter().flat_map(|timeline| {
        let lanes = timeline.lanes.iter().map(|lane| &lane.name);
        lanes.chain(timeline.threads.iter().map(|thread| &thread.name))
    });
    let names = names.map(|name| width(name)).max().unwrap_or(0);
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
    let mut text = panel.heading() + "\n";
    for timeline in &panel.timelines {
        text += &drawing.timeline(panel, timeline);
    }
    text + &drawing.axis() + &drawing.legend(panel)
}

struct Drawing<'a> {
    pen: &'a Pen,
    /// The width of the longest name of a lane or a thread.
    names: usize,
    /// In columns.
    axis: Axis,
}

impl Drawing<'_> {
    fn timeline(&self, panel: &Panel, timeline: &Timeline) -> String {
        let colour = colour(timeline);
        let name = format::visible(&timeline.name);
        let name = self.paint(&name, &Style::new().bold());
        let mut text = format!("{name} {}\n", panel.words(timeline));
        for row in layout::rows(timeline) {
            text += &match row {
                Row::Lane(lane) => self.line(&lane.name, &self.lane(lane, &colour)),
                Row::Note(note) => self.faint(&format!("  {note}")),
                Row::Title(title) => self.faint(&format!("  {title}:")),
                Row::Thread(thread) => {
                    self.line(&thread.name, &self.thread(thread, &colour))
                }
            };
            text.push('\n');
        }
        text
    }

    fn line(&self, name: &str, drawn: &str) -> String {
        format!("  {name:width$} {drawn}", width = self.names)
    }

    fn faint(&self, text: &str) -> String {
        self.paint(text, &Style::new().dim())
    }

    fn paint(&self, text: &str, style: &Style) -> String {
        let style = style.clone().force_styling(self.pen.has_colours);
        style.apply_to(text).to_string()
    }

    /// The columns from a moment to a later one: at least one.
    fn place(&self, begin: f64, end: f64) -> (f64, f64) {
        let last = self.axis.length;
        let begin = self.axis.at(begin).round().min(last - 1.0);
        let end = self.axis.at(end).round().clamp(begin + 1.0, last);
        (begin, end)
    }

    fn lane(&self, lane: &Lane, colour: &Style) -> String {
        let look = if lane.is_slot {
            Look::thin(colour)
        } else if lane.tells_computing {
            Look::shaded(colour)
        } else {
            Look::thick(colour)
        };
        let spans = layout::spans(&lane.bars, |bar| self.place(bar.begin, bar.end));
        let mut text = String::new();
        let mut column = 0;
        for (number, span) in spans.iter().enumerate() {
            text += &" ".repeat(span.begin as usize - column);
            text += &self.bar(number, span, lane, &look);
            column = span.end as usize;
        }
        text
    }

    /// A bar with its label if there is room for it, and at its end a sign or a gap.
    fn bar(&self, number: usize, span: &Span<Bar>, lane: &Lane, look: &Look) -> String {
        let cells = self.cells(span, lane, look);
        let columns = cells.len();
        let mut text = String::new();
        let mut drawn = 0;
        if let Some(label) = label(span) {
            text += &self.paint(cells[0], &look.colour);
            text += &self.paint(label, &look.label);
            drawn = 1 + width(label);
        }
        // The last column is for the sign or the gap.
        let rest = cells[drawn..columns - 1].concat();
        match sign(span.outcome()) {
            Some(sign) => text + &self.paint(&rest, &look.colour) + sign,
            None => {
                let last = match columns {
                    1 => look.single[number % 2],
                    _ => look.last,
                };
                text + &self.paint(&(rest + last), &look.colour)
            }
        }
    }

    /// What fills the columns of a span: a shade where it waits, if its lane tells that.
    fn cells(&self, span: &Span<Bar>, lane: &Lane, look: &Look) -> Vec<&'static str> {
        let columns = span.width() as usize;
        if !lane.tells_computing {
            return vec![look.full; columns];
        }
        let mut cells = vec![WAITING; columns];
        for (begin, end) in span.computing() {
            let (begin, end) = self.place(begin, end);
            let first = (begin - span.begin).max(0.0) as usize;
            let last = ((end - span.begin).max(0.0) as usize).min(columns);
            cells[first.min(last)..last].fill(look.full);
        }
        cells
    }

    /// How busy a thread was, column by column.
    fn thread(&self, thread: &Thread, colour: &Style) -> String {
        let mut shares = vec![0.0; self.axis.length as usize];
        let last_column = shares.len() - 1;
        let seconds = self.axis.seconds / self.axis.length;
        for (begin, end) in &thread.busy {
            let first = (self.axis.at(*begin) as usize).min(last_column);
            let last = (self.axis.at(*end) as usize).min(last_column);
            let touched = shares.iter_mut().enumerate().take(last + 1).skip(first);
            for (column, share) in touched {
                let from = column as f64 * seconds;
                let to = (column + 1) as f64 * seconds;
                let busy = end.min(to) - begin.max(from);
                // Even the shortest poll must be visible.
                *share += (busy / seconds).max(f64::MIN_POSITIVE);
            }
        }
        let shades: String = shares.into_iter().map(shade).collect();
        self.paint(shades.trim_end(), colour)
    }

    /// A line with the ticks, and below it their values, as far as there is room.
    fn axis(&self) -> String {
        let mut ticks = vec!["─"; self.axis.length as usize];
        let mut values = String::new();
        for (seconds, value) in self.axis.ticks(ticks.len() / 12) {
            let column = (self.axis.at(seconds).round() as usize).min(ticks.len() - 1);
            ticks[column] = "┴";
            // The last value ends where the line does.
            let column = column.min(ticks.len() - width(&value));
            values += &" ".repeat(column.saturating_sub(width(&values)));
            values += &value;
        }
        let ticks = ticks.concat();
        let margin = " ".repeat(self.names + 3);
        format!("{margin}{ticks}\n{margin}{values}\n")
    }

    /// What the signs in this panel mean, in as many lines as that takes.
    fn legend(&self, panel: &Panel) -> String {
        let mut meanings = Vec::new();
        if panel.tells_computing() {
            meanings.push(format!("{WAITING} waiting"));
            meanings.push("█ computing".to_string());
        }
        for outcome in panel.ends() {
            if let Some(sign) = sign(outcome) {
                meanings.push(format!("{sign} {}", outcome.name()));
            }
        }
        if panel.lanes().any(|lane| lane.is_slot) {
            meanings.push("━━╸ a task, which waits in a slot".to_string());
        }
        if panel.timelines.iter().any(|it| !it.threads.is_empty()) {
            meanings.push("▁ to █ how busy a thread was".to_string());
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
        let lines = lines.iter().map(|line| self.faint(line) + "\n");
        lines.collect()
    }
}

/// A column in which an item waits, in lanes that tell waiting from computing.
const WAITING: &str = "░";

/// How the bars of a lane look.
struct Look {
    colour: Style,
    label: Style,
    full: &'static str,
    /// The last column of a bar, which leaves a gap to the next bar.
    last: &'static str,
    /// Bars of one column have no room for a gap: they alternate between these.
    single: [&'static str; 2],
}

impl Look {
    /// The label is in the bar, in reverse.
    fn thick(colour: &Style) -> Self {
        Look {
            colour: colour.clone(),
            label: colour.clone().reverse(),
            full: "█",
            last: "▉",
            single: ["█", "▓"],
        }
    }

    /// For items that wait and compute. The label is usually where they wait.
    fn shaded(colour: &Style) -> Self {
        Look {
            label: Style::new(),
            ..Look::thick(colour)
        }
    }

    /// For tasks, which keep no thread busy while they wait. The label is beside the line.
    fn thin(colour: &Style) -> Self {
        Look {
            colour: colour.clone(),
            label: Style::new(),
            full: "━",
            last: "╸",
            single: ["━", "╸"],
        }
    }
}

/// The label of a span, if it is one that fits between the first column and the last.
fn label<'a>(span: &Span<'a, Bar>) -> Option<&'a str> {
    let label = span.label()?;
    // Characters from here on may be two columns wide.
    let is_narrow = label.chars().all(|c| c < '\u{1100}');
    let has_room = width(label) + 2 <= span.width() as usize;
    (is_narrow && has_room && !label.is_empty()).then_some(label)
}

fn sign(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Done => None,
        Outcome::Failed => Some("✗"),
        Outcome::Cancelled => Some("⊘"),
        Outcome::CutOff => Some("»"),
    }
}

/// The character for a share of a column.
fn shade(share: f64) -> char {
    const SHADES: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    if share == 0.0 {
        return ' ';
    }
    let shade = (share * SHADES.len() as f64) as usize;
    SHADES[shade.min(SHADES.len() - 1)]
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn colour(timeline: &Timeline) -> Style {
    let style = Style::new();
    match timeline.origin.model() {
        Model::Sequential => style.black().bright(),
        Model::Threads => style.blue().bright(),
        Model::Processes => style.yellow(),
        Model::Async => style.green(),
        Model::Machines => style.magenta(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::samples;

    /// Names of 8 characters leave room for 40 columns.
    const PEN: Pen = Pen {
        has_colours: false,
        width: 51,
    };

    /// The panel of that number among the samples.
    fn drawn(panel: usize) -> String {
        draw(&samples::timelines().panels[panel], &PEN)
    }

    #[test]
    fn threads_are_lanes_with_a_bar_for_each_item() {
        let expected = "\
fetch-url: 3 URLs <now>
threads 600 ms: 3 URLs, up to 2 at a time, 1 failed
  thread 1  █python████████████▉█flask████████████▉
  thread 2  █django████████████✗
           ┴────────────┴─────────────┴───────────┴
           0            200 ms        400 ms 600 ms
  ✗ failed
";
        assert_eq!(drawn(0), expected);
    }

    #[test]
    fn the_bar_of_a_killed_worker_ends_in_a_sign() {
        let expected = "\
heavy-calculation: the numbers
processes 20.0 ms: 3 numbers, up to 2 at a time, 1 cut off
  worker 1         █150000████████████████████████»
  worker 2           █100000▉█200000██████████████▉
           ┴───────────────────┴──────────────────┴
           0                   10 ms          20 ms
  » cut off
";
        assert_eq!(drawn(1), expected);
    }

    #[test]
    fn tasks_are_thin_lines_and_the_shortest_poll_is_seen() {
        let expected = "\
say-after: 2 sayings
async-task-group 501 ms: 2 sayings, all at the same time, 1 failed, 1 cancelled
  slot 1    ━hello━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━⊘
  slot 2    ━SayError━━━━━━━━━━━━━━━━━━━━━━━━━━━━━✗
  its threads were busy for 199 µs in all:
  main      ▁
  runtime 1 ▁                                     ▁
";
        assert!(drawn(2).starts_with(expected), "{}", drawn(2));
    }

    #[test]
    fn waiting_and_computing_are_told_apart() {
        let expected = "\
thumbnails: 2 photos
threads 30.0 ms: 2 photos, all at the same time, 1 failed, computing for 10.0 ms in all
  thread 1  ░1.jpg░░░░░░░░░░░░░░░░░░░░████████████▉
  thread 2   ░none.jpg░░░░░░░░░░░░░░░░░░░░✗
async 30.0 ms: 1 photo
  slot 1    ━1.jpg━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╸
  its threads were busy for 10.0 ms in all:
  main      █▃
  compute 1                           ███████████▆
            ┴────────────┴────────────┴───────────┴
            0            10 ms        20 ms   30 ms
  ░ waiting   █ computing   ✗ failed
  ━━╸ a task, which waits in a slot
  ▁ to █ how busy a thread was
";
        assert_eq!(draw(&samples::photos(), &PEN), expected);
    }

    #[test]
    fn colours_change_nothing_but_the_colours() {
        let coloured = Pen {
            has_colours: true,
            ..PEN
        };
        for panel in samples::timelines()
            .panels
            .into_iter()
            .chain([samples::photos()])
        {
            let plain = draw(&panel, &PEN);
            assert!(!plain.contains('\x1b'), "{plain}");
            let drawn = draw(&panel, &coloured);
            let mut text = String::new();
            for line in drawn.lines() {
                let mut pieces = line.split('\x1b');
                text += pieces.next().unwrap_or_default();
                let mut code = "[0m";
                for piece in pieces {
                    let end = piece.find('m').unwrap() + 1;
                    code = &piece[..end];
                    text += &piece[end..];
                }
                assert_eq!(code, "[0m", "a colour goes on in the next line: {line:?}");
                text.push('\n');
            }
            assert_eq!(text, plain);
        }
    }

    #[test]
    fn no_control_character_reaches_the_terminal() {
        let pen = Pen { width: 80, ..PEN };
        let drawn = draw(&samples::untrusted(), &pen);
        let is_raw = |c: char| c.is_control() && c != '\n';
        assert!(!drawn.contains(is_raw), "{drawn:?}");
        let expected = r"\u{1b}\u{0}\u{ffff}<&";
        assert_eq!(drawn.matches(expected).count(), 3, "{drawn}");
    }

    #[test]
    fn no_lane_is_wider_than_the_terminal() {
        for width in [40, 80, 200] {
            for panel in samples::timelines().panels {
                let drawn = draw(&panel, &Pen { width, ..PEN });
                // All but the sentences.
                let is_said = |line: &str| !line.starts_with("  ") || line.ends_with(':');
                for line in drawn.lines().filter(|line| !is_said(line)) {
                    assert!(super::width(line) <= width, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn items_and_polls_without_a_duration_are_seen() {
        let mut panel = samples::timelines().panels.remove(2);
        let timeline = &mut panel.timelines[0];
        let bar = &mut timeline.lanes[0].bars[0];
        (bar.begin, bar.end, bar.outcome) = (0.25, 0.25, Outcome::Done);
        timeline.threads[0].busy = vec![(0.25, 0.25)];
        let drawn = draw(&panel, &PEN);
        let line = |name: &str| {
            let mut lines = drawn.lines();
            lines
                .find(|line| line.starts_with(name))
                .unwrap()
                .trim_end()
        };
        assert!(line("  slot 1 ").ends_with(" ━"), "{drawn}");
        assert!(line("  main ").ends_with(" ▁"), "{drawn}");
    }

    /// A lane of 100 items, more than it has columns.
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
    fn crowded_bars_lose_their_labels_and_lanes_left_out_are_counted() {
        let panel = crowded();
        let drawn = draw(&panel, &PEN);
        assert!(drawn.contains("\n  and 80 lanes more\n"), "{drawn}");
        // Every column has a bar.
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
    fn a_label_with_wide_characters_is_left_out() {
        let mut panel = samples::timelines().panels.remove(0);
        panel.timelines[0].lanes[0].bars[0].label = "蟒蛇".to_string();
        let drawn = draw(&panel, &PEN);
        assert!(drawn.contains("thread 1  █████"), "{drawn}");
        panel.timelines[0].lanes[0].bars[0].label = "é".to_string();
        assert!(draw(&panel, &PEN).contains("thread 1  █é█"));
    }
}
