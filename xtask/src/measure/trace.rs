//! Reads what a program wrote with `--trace`: who did what when.
//!
//! A trace is a JSON array of events in Chrome's format, one a line. It is written while the
//! program runs, so that a file whose end is missing tells of what happened until then.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::mem;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::racers::racer::{Origin, Racer};

/// One run of a program. Times are seconds since it had read its command line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    pub name: String,
    pub origin: Origin,
    /// Those that carried out items: at most [`MOST_LANES`].
    pub lanes: Vec<Lane>,
    /// How many lanes there were beyond these.
    pub more_lanes: usize,
    /// When the threads of an async runtime were busy with a task.
    pub threads: Vec<Thread>,
    pub items: u64,
    /// How many of the items did not come to a result.
    pub failed: u64,
    pub cancelled: u64,
    pub cut_off: u64,
    /// The most items that were under way at one time.
    pub most: u64,
    /// How long all of it took.
    pub seconds: f64,
}

/// More are not told apart in a picture.
pub const MOST_LANES: usize = 12;

/// What carries out one item at a time: a thread, a worker process, or a slot, which is not
/// what does the work but a place for one task after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    /// For instance `thread 2`.
    pub name: String,
    /// Whether the items in it are tasks, which keep no thread busy while they wait.
    pub is_slot: bool,
    /// One after the other.
    pub bars: Vec<Bar>,
}

/// An item: from when to when, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Which one it is, in a word.
    pub label: String,
    pub begin: f64,
    pub end: f64,
    pub outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Done,
    Failed,
    /// Dropped before its end.
    Cancelled,
    /// No end was recorded: its process was killed, or the program ended meanwhile.
    CutOff,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
            Outcome::CutOff => "cut off",
        }
    }
}

/// A thread of a runtime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    pub name: String,
    /// From when to when it was busy.
    pub busy: Vec<(f64, f64)>,
}

impl Timeline {
    /// Reads the trace of a racer.
    pub fn read(racer: &Racer, path: &Path) -> Result<Self> {
        let name = path.display();
        let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
        let timeline = Timeline::of(&racer.name, &racer.origin, BufReader::new(file));
        timeline.with_context(|| format!("cannot make sense of {name}"))
    }

    /// The same of a trace that is no file.
    pub fn of(name: &str, origin: &Origin, trace: impl BufRead) -> Result<Self> {
        let events = Events::read(trace)?;
        Ok(events.timeline(name, origin.clone()))
    }
}

/// An event, as far as anybody here looks at it.
#[derive(Deserialize)]
struct Event {
    name: String,
    #[serde(default)]
    cat: String,
    ph: String,
    /// In microseconds.
    #[serde(default)]
    ts: f64,
    #[serde(default)]
    dur: f64,
    #[serde(default)]
    pid: u64,
    #[serde(default)]
    tid: u64,
    #[serde(default)]
    args: HashMap<String, Value>,
}

impl Event {
    fn text(&self, argument: &str) -> Option<String> {
        let value = self.args.get(argument)?;
        let text = value.as_str().map(String::from);
        Some(text.unwrap_or_else(|| value.to_string()))
    }
}

/// What the events tell, each process and each lane by its numbers.
#[derive(Default)]
struct Events {
    processes: HashMap<u64, String>,
    threads: HashMap<(u64, u64), String>,
    /// In the order in which they first did something.
    tracks: Vec<Track>,
    /// Where each of them is in that order.
    places: HashMap<(u64, u64), usize>,
    /// When an item began or ended, and how many more were under way from then on.
    steps: Vec<(f64, i64)>,
    end: f64,
}

struct Track {
    id: (u64, u64),
    bars: Vec<Bar>,
    is_open: bool,
    busy: Vec<(f64, f64)>,
}

impl Events {
    fn read(mut file: impl BufRead) -> Result<Self> {
        let mut events = Events::default();
        let mut line = String::new();
        for number in 1.. {
            line.clear();
            if file.read_line(&mut line)? == 0 {
                break;
            }
            let text = line.trim().trim_start_matches(',');
            if ["", "[", "]", "[]"].contains(&text) {
                continue;
            }
            match serde_json::from_str(text) {
                // Who is killed while it writes leaves half a line.
                Err(error) if error.is_eof() && !line.ends_with('\n') => break,
                event => event
                    .map_err(anyhow::Error::from)
                    .and_then(|event| events.add(&event))
                    .with_context(|| format!("line {number}"))?,
            }
        }
        let has_items = events.tracks.iter().any(|track| !track.bars.is_empty());
        ensure!(has_items, "it tells of no item");
        Ok(events)
    }

    fn add(&mut self, event: &Event) -> Result<()> {
        let id = (event.pid, event.tid);
        let (begin, end) = (event.ts / 1e6, (event.ts + event.dur) / 1e6);
        match (&event.ph[..], &event.cat[..], &event.name[..]) {
            ("M", _, "process_name") => {
                self.processes
                    .insert(event.pid, event.text("name").unwrap_or_default());
                return Ok(());
            }
            ("M", _, "thread_name") => {
                self.threads
                    .insert(id, event.text("name").unwrap_or_default());
                return Ok(());
            }
            ("B", "item", _) => {
                let track = self.track(id);
                ensure!(!track.is_open, "an item begins in a lane that has one");
                track.is_open = true;
                track.bars.push(Bar {
                    label: label(event),
                    begin,
                    end: begin,
                    outcome: Outcome::CutOff,
                });
                self.steps.push((begin, 1));
            }
            ("E", "item", _) => {
                let track = self.track(id);
                let Some(bar) = track.bars.last_mut().filter(|_| track.is_open) else {
                    bail!("an item ends that has not begun");
                };
                ensure!(begin >= bar.begin, "an item ends before it begins");
                track.is_open = false;
                bar.end = begin;
                bar.outcome = if event.args.contains_key("error") {
                    Outcome::Failed
                } else if event.args.contains_key("return") {
                    Outcome::Done
                } else {
                    Outcome::Cancelled
                };
                self.steps.push((begin, -1));
            }
            ("X", "poll", _) => self.track(id).busy.push((begin, end)),
            _ => return Ok(()),
        }
        self.end = self.end.max(end);
        Ok(())
    }

    fn track(&mut self, id: (u64, u64)) -> &mut Track {
        let place = *self.places.entry(id).or_insert_with(|| {
            self.tracks.push(Track {
                id,
                bars: Vec::new(),
                is_open: false,
                busy: Vec::new(),
            });
            self.tracks.len() - 1
        });
        &mut self.tracks[place]
    }

    fn timeline(mut self, name: &str, origin: Origin) -> Timeline {
        let (most, seconds) = (self.most(), self.end);
        let tracks = mem::take(&mut self.tracks).into_iter();
        let mut tracks: Vec<_> =
            tracks.map(|track| (self.who(track.id), track)).collect();
        tracks.sort_by(|(a, of_a), (b, of_b)| {
            let begin = |track: &Track| track.bars.first().map_or(0.0, |bar| bar.begin);
            a.cmp(b).then(begin(of_a).total_cmp(&begin(of_b)))
        });

        let mut names = Names::default();
        let (mut lanes, mut threads) = (Vec::new(), Vec::new());
        for (who, mut track) in tracks {
            if !track.busy.is_empty() {
                threads.push(Thread {
                    name: names.name(who, "runtime"),
                    busy: track.busy,
                });
            }
            if let Some(last) = track.bars.last_mut() {
                if track.is_open {
                    last.end = seconds;
                }
                lanes.push(Lane {
                    name: names.name(who, "thread"),
                    is_slot: matches!(who, Who::Slot(_)),
                    bars: track.bars,
                });
            }
        }
        let bars = || lanes.iter().flat_map(|lane| &lane.bars);
        let count = |outcome| bars().filter(|bar| bar.outcome == outcome).count() as u64;
        let [failed, cancelled, cut_off] =
            [Outcome::Failed, Outcome::Cancelled, Outcome::CutOff].map(count);
        let items = bars().count() as u64;
        let more_lanes = lanes.len().saturating_sub(MOST_LANES);
        lanes.truncate(MOST_LANES);
        Timeline {
            name: name.to_string(),
            origin,
            lanes,
            more_lanes,
            threads,
            items,
            failed,
            cancelled,
            cut_off,
            most,
            seconds,
        }
    }

    fn who(&self, id: (u64, u64)) -> Who {
        let process = self.processes.get(&id.0).map(String::as_str);
        let thread = self.threads.get(&id).map_or("", String::as_str);
        let slot = thread
            .strip_prefix("slot ")
            .and_then(|slot| slot.parse().ok());
        match (process, slot) {
            (_, Some(slot)) => Who::Slot(slot),
            (Some("worker"), _) => Who::Worker,
            _ if ["main", "MainThread"].contains(&thread) => Who::Main,
            _ => Who::Thread,
        }
    }

    /// The most items under way at one time, in all processes together.
    fn most(&mut self) -> u64 {
        // Who ends when another begins makes room for it.
        self.steps
            .sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut now = 0;
        let counts = self.steps.iter().map(|(_, step)| {
            now += step;
            now
        });
        counts.max().unwrap_or(0) as u64
    }
}

/// Whose lane it is, in the order in which those of a kind stand. Those that are alike stand in
/// the order of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Main,
    Worker,
    Thread,
    Slot(u64),
}

/// Numbers for those whose own names are long, or alike.
#[derive(Default)]
struct Names {
    numbers: HashMap<&'static str, u64>,
}

impl Names {
    /// `thread` is what a thread is called that is not the main one.
    fn name(&mut self, who: Who, thread: &'static str) -> String {
        let kind = match who {
            Who::Main => return "main".to_string(),
            Who::Slot(slot) => return format!("slot {slot}"),
            Who::Worker => "worker",
            Who::Thread => thread,
        };
        let number = self.numbers.entry(kind).or_insert(0);
        *number += 1;
        format!("{kind} {number}")
    }
}

/// Which item this is: the end of its URL, its number, what it says.
fn label(event: &Event) -> String {
    const LONGEST: usize = 40;
    let url = event.text("url").map(|url| {
        let url = bare(&url);
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        let segment = path.trim_end_matches('/').rsplit('/').next();
        let end = if query.is_empty() {
            segment
        } else {
            Some(query)
        };
        end.unwrap_or_default().to_string()
    });
    let other = || Some(bare(&event.text("num").or_else(|| event.text("what"))?));
    let label = url.or_else(other).unwrap_or_else(|| event.name.clone());
    // It is shown in a terminal, which must not take it for an order.
    let visible = label.chars().filter(|c| !c.is_control());
    visible.take(LONGEST).collect()
}

/// The value itself, of how Rust prints it: `hello` of `Ok("hello")`.
fn bare(printed: &str) -> String {
    let unwrap = |wrap| printed.strip_prefix(wrap)?.strip_suffix(')');
    let inner = unwrap("Ok(").or_else(|| unwrap("Err("));
    let inner = inner.unwrap_or(printed);
    let quoted = || inner.strip_prefix('"')?.strip_suffix('"');
    match quoted() {
        // Most of what Rust escapes it escapes as JSON does.
        Some(text) => serde_json::from_str(inner).unwrap_or_else(|_| text.to_string()),
        None => inner.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREADS: &str = include_str!("../../samples/trace-threads.json");
    const ASYNC: &str = include_str!("../../samples/trace-async.json");
    const KILLED: &str = include_str!("../../samples/trace-killed.json");

    fn read(trace: &str) -> Result<Timeline> {
        Timeline::of("it", &Origin::Page("it".to_string()), trace.as_bytes())
    }

    fn error(trace: &str) -> String {
        format!("{:#}", read(trace).unwrap_err())
    }

    /// For instance `thread 1: python 10-310 done`, times in milliseconds.
    fn told(timeline: &Timeline) -> Vec<String> {
        let lanes = timeline.lanes.iter().map(|lane| {
            let bars = lane.bars.iter().map(|bar| {
                let [begin, end] = [bar.begin, bar.end].map(|time| (time * 1e3).round());
                format!(" {} {begin}-{end} {}", bar.label, bar.outcome.name())
            });
            format!("{}:{}", lane.name, bars.collect::<Vec<_>>().join(","))
        });
        lanes.collect()
    }

    #[test]
    fn a_trace_that_is_whole_is_read() {
        let timeline = read(THREADS).unwrap();
        let expected = [
            "thread 1: python 10-310 done, flask 310-600 done",
            "thread 2: django 11-320 failed",
        ];
        assert_eq!(told(&timeline), expected);
        // Who begins when another ends is not under way at the same time.
        assert_eq!((timeline.items, timeline.most), (3, 2));
        let ends = (timeline.failed, timeline.cancelled, timeline.cut_off);
        assert_eq!((ends, timeline.seconds), ((1, 0, 0), 0.6));
        assert!(timeline.threads.is_empty());
        assert!(timeline.lanes.iter().all(|lane| !lane.is_slot));
    }

    #[test]
    fn tasks_have_slots_and_threads_are_busy_beside_them() {
        let timeline = read(ASYNC).unwrap();
        let expected = [
            "slot 1: hello 1-501 cancelled",
            "slot 2: SayError 1-501 failed",
        ];
        assert_eq!(told(&timeline), expected);
        assert!(timeline.lanes.iter().all(|lane| lane.is_slot));
        let threads = timeline.threads.iter();
        let threads: Vec<_> = threads
            .map(|thread| (&thread.name[..], thread.busy.len()))
            .collect();
        // The main thread first.
        assert_eq!(threads, [("main", 1), ("runtime 1", 2)]);
        let (begin, end) = timeline.threads[1].busy[0];
        assert!((begin - 0.001_001).abs() < 1e-9 && (end - begin - 50e-6).abs() < 1e-9);
        assert_eq!((timeline.failed, timeline.cancelled), (1, 1));
    }

    #[test]
    fn of_a_worker_that_was_killed_there_is_what_it_did_until_then() {
        let timeline = read(KILLED).unwrap();
        // Which worker is the first is told by the clock, not by the lines.
        let expected = [
            "worker 1: 150000 4-20 cut off",
            "worker 2: 100000 5-9 done, 200000 9-20 done",
        ];
        assert_eq!(told(&timeline), expected);
        assert_eq!((timeline.cut_off, timeline.most), (1, 2));
    }

    #[test]
    fn a_trace_may_stop_at_any_place() {
        for trace in [THREADS, ASYNC] {
            let whole = read(trace).unwrap();
            let first_item = trace.find("\"ph\":\"B\"").unwrap();
            let first_item = first_item + trace[first_item..].find('\n').unwrap();
            for end in first_item..trace.len() {
                let part = read(&trace[..end]).unwrap();
                assert!(part.items <= whole.items && part.seconds <= whole.seconds);
                let bars = part.lanes.iter().flat_map(|lane| &lane.bars);
                for bar in bars {
                    assert!(bar.begin <= bar.end && bar.end <= part.seconds, "{bar:?}");
                }
            }
            // Without the bracket nothing is missing.
            let without_bracket = trace.trim_end().strip_suffix(']').unwrap();
            assert_eq!(read(without_bracket).unwrap(), whole);
        }
    }

    #[test]
    fn a_broken_trace_is_an_error_that_names_the_line() {
        let replaced = |from: &str, to: &str| {
            assert!(THREADS.contains(from));
            error(&THREADS.replacen(from, to, 1))
        };
        let broken = replaced("\"ts\":310000.0", "\"ts\":");
        assert!(broken.starts_with("line 7: "), "{broken}");
        // Half a line is only the end of a trace at its end.
        let cut = THREADS.replacen("\"tid\":2,\"args\":{\"name\":\"thread 2\"}}", "", 1);
        assert!(error(&cut).starts_with("line 5: "), "{}", error(&cut));
        assert_eq!(
            replaced(
                "\"ph\":\"E\",\"ts\":310000.0",
                "\"ph\":\"B\",\"ts\":310000.0"
            ),
            "line 7: an item begins in a lane that has one"
        );
        assert_eq!(
            replaced("\"ph\":\"B\",\"ts\":10000.0", "\"ph\":\"E\",\"ts\":10000.0"),
            "line 4: an item ends that has not begun"
        );
        assert_eq!(
            replaced("\"ts\":600000.0", "\"ts\":6.0"),
            "line 11: an item ends before it begins"
        );
        for nothing in ["", "[\n]\n", "[\n", "[]"] {
            assert_eq!(error(nothing), "it tells of no item");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let racer = Racer {
            name: "threads".to_string(),
            origin: Origin::Page("threads".to_string()),
            program: "threads".into(),
            arguments: Vec::new(),
            folder: "/".into(),
            in_flight: 1,
        };
        let error = Timeline::read(&racer, Path::new("/no/trace.json")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read /no/trace.json");
    }

    #[test]
    fn lanes_are_in_order_and_not_too_many() {
        let line = |slot: u64| {
            format!(
                ",{{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":{slot},\"args\":{{\"name\":\"slot {slot}\"}}}}\n\
                 ,{{\"name\":\"say_after\",\"cat\":\"item\",\"ph\":\"B\",\"ts\":{},\"pid\":1,\"tid\":{slot}}}\n",
                1000 - slot
            )
        };
        let trace: String = (1..=100).map(line).collect();
        let timeline = read(&trace).unwrap();
        let names: Vec<_> = timeline.lanes.iter().map(|lane| &lane.name[..]).collect();
        let expected = (1..=MOST_LANES).map(|slot| format!("slot {slot}"));
        assert_eq!(names, expected.collect::<Vec<_>>());
        // All are counted.
        assert_eq!(timeline.more_lanes, 100 - MOST_LANES);
        assert_eq!(
            (timeline.items, timeline.cut_off, timeline.most),
            (100, 100, 100)
        );
    }

    #[test]
    fn labels_say_which_item_it_is() {
        let label = |args: &str| {
            let event =
                format!("{{\"name\":\"fetch_url\",\"ph\":\"B\",\"args\":{{{args}}}}}");
            super::label(&serde_json::from_str(&event).unwrap())
        };
        for (args, expected) in [
            (r#""url":"\"http://127.0.0.1:1/python\"""#, "python"),
            (r#""url":"http://127.0.0.1:1/delay/0.02?page=7""#, "page=7"),
            (r#""url":"https://www.python.org/""#, "www.python.org"),
            (r#""num":"100000""#, "100000"),
            (r#""num":100000"#, "100000"),
            (r#""delay":"1s","what":"Ok(\"hello\")""#, "hello"),
            (r#""what":"Ok(\"it's \\\"so\\\"\")""#, "it's \"so\""),
            (r#""what":"Err(SayError)""#, "SayError"),
            (r#""other":1"#, "fetch_url"),
            // Nothing in it can be an order for a terminal.
            (r#""what":"a\u001b[31mb""#, "a[31mb"),
        ] {
            assert_eq!(label(args), expected, "{args}");
        }
        let long = "x".repeat(1000);
        assert!(label(&format!("\"num\":\"{long}\"")).len() < 100);
    }
}
