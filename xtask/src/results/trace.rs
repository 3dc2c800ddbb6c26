//! Reads what a program wrote with `--trace`: what ran when.
//!
//! A trace is a JSON array of events in Chrome's format, one event on each line. It is written
//! while the program runs: if the end is missing, the rest can still be read.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::mem;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::format;
use crate::racers::racer::Origin;

/// One run of a program. Times are seconds since it had read its command line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    pub name: String,
    pub origin: Origin,
    /// Where items ran: at most [`MOST_LANES`].
    pub lanes: Vec<Lane>,
    /// How many lanes were left out.
    pub more_lanes: usize,
    /// The threads that ran tasks or computed for them, and when each was busy.
    pub threads: Vec<Thread>,
    pub items: u64,
    /// How many items ended in each way, except for done.
    pub failed: u64,
    pub cancelled: u64,
    pub cut_off: u64,
    /// The most items that ran at the same time.
    pub most: u64,
    /// For how many seconds items computed in their lanes, added up. 0 if their work does not
    /// tell computing from waiting.
    #[serde(default)]
    pub computing: f64,
    /// How long the whole run took.
    pub seconds: f64,
}

/// A picture with more of them is too crowded to read.
pub const MOST_LANES: usize = 12;

/// Where one item runs at a time: a thread, a worker process or a slot. A slot holds one task
/// after the other; it is no thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    /// For instance `thread 2`.
    pub name: String,
    /// Whether its items are tasks, which keep no thread busy while they wait.
    pub is_slot: bool,
    /// Whether its bars tell computing from waiting.
    #[serde(default)]
    pub tells_computing: bool,
    /// One after the other.
    pub bars: Vec<Bar>,
}

/// An item: when it ran, and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Which item it is, for instance `python` or `100000`; safe to print.
    pub label: String,
    pub begin: f64,
    pub end: f64,
    pub outcome: Outcome,
    /// From when to when it computed. Empty if its work does not tell computing from waiting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub computing: Vec<(f64, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Done,
    Failed,
    /// Dropped before it ended.
    Cancelled,
    /// No end was recorded: its process was killed, or the program ended before it.
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

/// A thread of a runtime, or one that computes for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    pub name: String,
    /// From when to when it was busy.
    pub busy: Vec<(f64, f64)>,
}

impl Bar {
    pub fn seconds_computing(&self) -> f64 {
        let parts = self.computing.iter();
        parts.map(|(begin, end)| end - begin).sum()
    }
}

impl Timeline {
    /// Reads the trace of a racer of that name.
    pub fn read(name: &str, origin: Origin, path: &Path) -> Result<Self> {
        let file_name = path.display();
        // The caller prints the racer's name before the error: `threads left no trace at …`.
        let file =
            File::open(path).with_context(|| format!("left no trace at {file_name}"))?;
        let timeline = Timeline::of(name, origin, BufReader::new(file));
        timeline.with_context(|| format!("left a broken trace at {file_name}"))
    }

    /// Reads the trace of a program with that name.
    pub fn of(name: &str, origin: Origin, trace: impl BufRead) -> Result<Self> {
        let events = Events::read(trace)?;
        Ok(events.timeline(name, origin))
    }
}

/// The fields of an event that are read here.
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

/// What the events of a trace say together.
#[derive(Default)]
struct Events {
    /// The names of processes.
    processes: HashMap<u64, String>,
    /// The names of threads and slots.
    threads: HashMap<(u64, u64), String>,
    /// In the order of their first events.
    tracks: Vec<Track>,
    /// The index of each track.
    places: HashMap<(u64, u64), usize>,
    /// When an item began or ended, and by how much that changes the number of running items.
    steps: Vec<(f64, i64)>,
    end: f64,
}

/// What a thread did, or what happened in a slot.
struct Track {
    /// Its process and its thread.
    id: (u64, u64),
    bars: Vec<Bar>,
    /// Whether the last bar has no end yet.
    is_open: bool,
    busy: Vec<(f64, f64)>,
    /// While it computes: when that began.
    computes_since: Option<f64>,
    /// Whether it computes for items that are in other lanes.
    computes_for_others: bool,
}

impl Track {
    /// Ends the computing, if it computes. That was a part of its item. If it has no item, it
    /// was work for a task in another lane.
    fn end_part(&mut self, end: f64) -> Option<()> {
        let begin = self.computes_since.take()?;
        match self.bars.last_mut().filter(|_| self.is_open) {
            Some(bar) => bar.computing.push((begin, end)),
            None => {
                self.computes_for_others = true;
                self.busy.push((begin, end));
            }
        }
        Some(())
    }
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
            let added = match serde_json::from_str(text) {
                Ok(event) => events.add(&event),
                // A program that is killed while it writes leaves half a line.
                Err(error) if error.is_eof() && !line.ends_with('\n') => break,
                Err(error) => Err(error.into()),
            };
            added.with_context(|| format!("line {number}"))?;
        }
        let has_items = events.tracks.iter().any(|track| !track.bars.is_empty());
        ensure!(has_items, "it has no items");
        Ok(events)
    }

    fn add(&mut self, event: &Event) -> Result<()> {
        let id = (event.pid, event.tid);
        let begin = event.ts / 1e6;
        let end = (event.ts + event.dur) / 1e6;
        match (&event.ph[..], &event.cat[..], &event.name[..]) {
            ("M", _, "process_name") => {
                let name = event.text("name").unwrap_or_default();
                self.processes.insert(event.pid, name);
                return Ok(());
            }
            ("M", _, "thread_name") => {
                let name = event.text("name").unwrap_or_default();
                self.threads.insert(id, name);
                return Ok(());
            }
            ("B", "item", _) => {
                let track = self.track(id);
                ensure!(!track.is_open, "an item begins before the last one ended");
                track.is_open = true;
                track.bars.push(Bar {
                    label: label(event),
                    begin,
                    end: begin,
                    outcome: Outcome::CutOff,
                    computing: Vec::new(),
                });
                self.steps.push((begin, 1));
            }
            ("E", "item", _) => {
                let track = self.track(id);
                let Some(bar) = track.bars.last_mut().filter(|_| track.is_open) else {
                    bail!("an item ends that never began");
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
            ("B", "part", _) => {
                let track = self.track(id);
                ensure!(
                    track.computes_since.is_none(),
                    "a part begins before the last one ended"
                );
                track.computes_since = Some(begin);
            }
            ("E", "part", _) => {
                let track = self.track(id);
                let since = track.computes_since;
                ensure!(
                    since.is_none_or(|since| begin >= since),
                    "a part ends before it begins"
                );
                track
                    .end_part(begin)
                    .context("a part ends that never began")?;
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
                computes_since: None,
                computes_for_others: false,
            });
            self.tracks.len() - 1
        });
        &mut self.tracks[place]
    }

    fn timeline(mut self, name: &str, origin: Origin) -> Timeline {
        let most = self.most();
        let seconds = self.end;
        let mut tracks = Vec::new();
        for track in mem::take(&mut self.tracks) {
            tracks.push((self.kind(track.id), track));
        }
        tracks.sort_by(|(kind_a, a), (kind_b, b)| {
            let begin = |track: &Track| track.bars.first().map_or(0.0, |bar| bar.begin);
            kind_a.cmp(kind_b).then(begin(a).total_cmp(&begin(b)))
        });

        let mut names = Names::default();
        let mut lanes = Vec::new();
        let mut threads = Vec::new();
        for (kind, mut track) in tracks {
            track.end_part(seconds);
            if !track.busy.is_empty() {
                let noun = match track.computes_for_others {
                    true => "compute",
                    false => "runtime",
                };
                threads.push(Thread {
                    name: names.name(kind, noun),
                    busy: track.busy,
                });
            }
            if let Some(last) = track.bars.last_mut() {
                if track.is_open {
                    last.end = seconds;
                }
                lanes.push(Lane {
                    name: names.name(kind, "thread"),
                    is_slot: matches!(kind, Kind::Slot(_)),
                    tells_computing: false,
                    bars: track.bars,
                });
            }
        }
        let bars = || lanes.iter().flat_map(|lane| &lane.bars);
        let count = |outcome| bars().filter(|bar| bar.outcome == outcome).count() as u64;
        let [failed, cancelled, cut_off] =
            [Outcome::Failed, Outcome::Cancelled, Outcome::CutOff].map(count);
        let items = bars().count() as u64;
        let computing = bars().map(Bar::seconds_computing).sum();
        for lane in &mut lanes {
            // Also where an item failed before it had anything to compute.
            lane.tells_computing = computing > 0.0 && !lane.is_slot;
        }
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
            computing,
            seconds,
        }
    }

    fn kind(&self, id: (u64, u64)) -> Kind {
        let process = self.processes.get(&id.0).map(String::as_str);
        let thread = self.threads.get(&id).map_or("", String::as_str);
        let slot = thread
            .strip_prefix("slot ")
            .and_then(|slot| slot.parse().ok());
        match (process, slot) {
            (_, Some(slot)) => Kind::Slot(slot),
            (Some("worker"), _) => Kind::Worker,
            _ if ["main", "MainThread"].contains(&thread) => Kind::Main,
            _ => Kind::Thread,
        }
    }

    /// The most items that ran at the same time, in all processes together.
    fn most(&mut self) -> u64 {
        // An item that ends when another begins does not run beside it.
        self.steps
            .sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut running = 0;
        let mut most = 0;
        for (_, step) in &self.steps {
            running += step;
            most = most.max(running);
        }
        most as u64
    }
}

/// What a track stands for. Pictures show the kinds in this order, and tracks of the same kind
/// in the order in which they began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Main,
    Worker,
    Thread,
    Slot(u64),
}

/// Numbers the tracks of each kind, because their own names are long or not unique.
#[derive(Default)]
struct Names {
    numbers: HashMap<&'static str, u64>,
}

impl Names {
    /// `thread` is the noun for any thread but the main one.
    fn name(&mut self, kind: Kind, thread: &'static str) -> String {
        let noun = match kind {
            Kind::Main => return "main".to_string(),
            Kind::Slot(slot) => return format!("slot {slot}"),
            Kind::Worker => "worker",
            Kind::Thread => thread,
        };
        let number = self.numbers.entry(noun).or_insert(0);
        *number += 1;
        format!("{noun} {number}")
    }
}

/// Which item this is: the end of its URL, its number, what it says, or else the name of the
/// function.
fn label(event: &Event) -> String {
    const LONGEST: usize = 40;
    let argument = |name| event.text(name).map(|printed| bare(&printed));
    let label = argument("url")
        .map(|url| end_of(&url))
        .or_else(|| argument("num"))
        .or_else(|| argument("what"))
        .unwrap_or_else(|| event.name.clone());
    // The label is shortened before it is escaped, so that no escape is cut in half.
    let short: String = label.chars().take(LONGEST).collect();
    format::visible(&short)
}

/// The query of a URL, or else the last segment of its path.
fn end_of(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    if !query.is_empty() {
        return query.to_string();
    }
    let path = path.trim_end_matches('/');
    let last = path.rsplit_once('/').map_or(path, |(_, last)| last);
    last.to_string()
}

/// The value without what Rust prints around it: `hello` for `Ok("hello")`.
fn bare(printed: &str) -> String {
    let unwrap = |wrap| printed.strip_prefix(wrap)?.strip_suffix(')');
    let inner = unwrap("Ok(").or_else(|| unwrap("Err("));
    let inner = inner.unwrap_or(printed);
    let quoted = || inner.strip_prefix('"')?.strip_suffix('"');
    match quoted() {
        // Most of Rust's escapes are also those of JSON.
        Some(text) => serde_json::from_str(inner).unwrap_or_else(|_| text.to_string()),
        None => inner.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREADS: &str = include_str!("../../samples/trace-threads.json");
    const ASYNC: &str = include_str!("../../samples/trace-async.json");
    const PHOTOS: &str = include_str!("../../samples/trace-photos-threads.json");
    const PHOTOS_ASYNC: &str = include_str!("../../samples/trace-photos-async.json");
    const KILLED: &str = include_str!("../../samples/trace-killed.json");

    fn read(trace: &str) -> Result<Timeline> {
        Timeline::of("it", Origin::Also, trace.as_bytes())
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
    fn a_complete_trace_has_its_lanes_and_outcomes() {
        let timeline = read(THREADS).unwrap();
        let expected = [
            "thread 1: python 10-310 done, flask 310-600 done",
            "thread 2: django 11-320 failed",
        ];
        assert_eq!(told(&timeline), expected);
        // An item that begins when another ends does not run beside it.
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
    fn a_killed_worker_has_the_items_that_it_began() {
        let timeline = read(KILLED).unwrap();
        // The first worker is the one that began first, not the one that wrote first.
        let expected = [
            "worker 1: 150000 4-20 cut off",
            "worker 2: 100000 5-9 done, 200000 9-20 done",
        ];
        assert_eq!(told(&timeline), expected);
        assert_eq!((timeline.cut_off, timeline.most), (1, 2));
    }

    /// For instance `1.jpg 20-30`, times in milliseconds.
    fn computed(timeline: &Timeline) -> Vec<String> {
        let bars = timeline.lanes.iter().flat_map(|lane| &lane.bars);
        let parts = bars.flat_map(|bar| {
            bar.computing.iter().map(|(begin, end)| {
                let [begin, end] = [begin, end].map(|time| (time * 1e3).round());
                format!("{} {begin}-{end}", bar.label)
            })
        });
        parts.collect()
    }

    #[test]
    fn an_item_computes_where_its_thread_runs_a_part_of_it() {
        let timeline = read(PHOTOS).unwrap();
        assert_eq!(computed(&timeline), ["1.jpg 20-30"]);
        assert!((timeline.computing - 0.01).abs() < 1e-9);
        // Also the lane of the item that failed before it had something to compute.
        assert!(timeline.lanes.iter().all(|lane| lane.tells_computing));
        assert!(timeline.threads.is_empty());
        let without = read(THREADS).unwrap();
        assert!(without.lanes.iter().all(|lane| !lane.tells_computing));
    }

    #[test]
    fn a_thread_that_computes_for_tasks_is_busy_beside_the_runtime() {
        let timeline = read(PHOTOS_ASYNC).unwrap();
        assert_eq!(told(&timeline), ["slot 1: 1.jpg 0-30 done"]);
        assert!(computed(&timeline).is_empty() && timeline.computing == 0.0);
        let threads = timeline.threads.iter();
        let threads: Vec<_> = threads
            .map(|thread| (&thread.name[..], thread.busy.clone()))
            .collect();
        assert_eq!(
            threads,
            [
                ("main", vec![(0.0, 0.001)]),
                ("compute 1", vec![(0.020, 0.029)])
            ]
        );
    }

    #[test]
    fn a_part_that_was_killed_computed_until_the_end() {
        let end_of_part =
            PHOTOS.find("\n,{\"name\":\"shrink\",\"cat\":\"part\",\"ph\":\"E\"");
        let timeline = read(&PHOTOS[..end_of_part.unwrap()]).unwrap();
        assert_eq!(computed(&timeline), ["1.jpg 20-24"]);
        assert_eq!(timeline.cut_off, 1);
    }

    #[test]
    fn a_trace_can_be_cut_off_anywhere() {
        for trace in [THREADS, ASYNC, PHOTOS, PHOTOS_ASYNC] {
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
            // If only the closing bracket is missing, nothing is lost.
            let without_bracket = trace.trim_end().strip_suffix(']').unwrap();
            assert_eq!(read(without_bracket).unwrap(), whole);
        }
    }

    #[test]
    fn an_error_names_the_broken_line() {
        let replaced = |from: &str, to: &str| {
            assert!(THREADS.contains(from));
            error(&THREADS.replacen(from, to, 1))
        };
        let broken = replaced("\"ts\":310000.0", "\"ts\":");
        assert!(broken.starts_with("line 7: "), "{broken}");
        // Only the last line may be cut off.
        let cut = THREADS.replacen("\"tid\":2,\"args\":{\"name\":\"thread 2\"}}", "", 1);
        assert!(error(&cut).starts_with("line 5: "), "{}", error(&cut));
        assert_eq!(
            replaced(
                "\"ph\":\"E\",\"ts\":310000.0",
                "\"ph\":\"B\",\"ts\":310000.0"
            ),
            "line 7: an item begins before the last one ended"
        );
        assert_eq!(
            replaced("\"ph\":\"B\",\"ts\":10000.0", "\"ph\":\"E\",\"ts\":10000.0"),
            "line 4: an item ends that never began"
        );
        assert_eq!(
            replaced("\"ts\":600000.0", "\"ts\":6.0"),
            "line 11: an item ends before it begins"
        );
        let broken = |from: &str, to: &str| error(&PHOTOS.replacen(from, to, 1));
        let begin = "\"ph\":\"B\",\"ts\":20000.0";
        let end = "\"cat\":\"part\",\"ph\":\"E\",\"ts\":30000.0";
        assert_eq!(
            broken(begin, "\"ph\":\"E\",\"ts\":20000.0"),
            "line 7: a part ends that never began"
        );
        assert_eq!(
            broken(end, "\"cat\":\"part\",\"ph\":\"B\",\"ts\":30000.0"),
            "line 9: a part begins before the last one ended"
        );
        assert_eq!(
            broken(end, "\"cat\":\"part\",\"ph\":\"E\",\"ts\":3.0"),
            "line 9: a part ends before it begins"
        );
        for nothing in ["", "[\n]\n", "[\n", "[]"] {
            assert_eq!(error(nothing), "it has no items");
        }
    }

    #[test]
    fn an_error_names_the_missing_file() {
        let path = Path::new("/no/trace.json");
        let error = Timeline::read("threads", Origin::Also, path).unwrap_err();
        assert_eq!(error.to_string(), "left no trace at /no/trace.json");
    }

    #[test]
    fn lanes_are_in_order_and_the_rest_are_counted() {
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
            (
                r#""what":"a\u001b[31m\uffff\nb""#,
                r"a\u{1b}[31m\u{ffff}\nb",
            ),
        ] {
            assert_eq!(label(args), expected, "{args}");
        }
        let long = "x".repeat(1000);
        assert_eq!(label(&format!("\"num\":\"{long}\"")), "x".repeat(40));
        // An escape at the end is whole.
        let end = "x".repeat(39) + "\\u001b[31m";
        let expected = "x".repeat(39) + "\\u{1b}";
        assert_eq!(label(&format!("\"what\":\"{end}\"")), expected);
    }
}
