//! Reads what a program wrote with `--trace`: who did what when.
//!
//! A trace is a JSON array of events in Chrome's format, one a line. It is written while the
//! program runs, so that a file whose end is missing tells of what happened until then.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
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
        let (most, end) = (self.most(), self.end);
        let names = |id: (u64, u64)| {
            let process = self.processes.get(&id.0).map_or("", String::as_str);
            let thread = self.threads.get(&id).map_or("", String::as_str);
            (process, thread)
        };
        let slot = |track: &Track| -> Option<u64> {
            names(track.id).1.strip_prefix("slot ")?.parse().ok()
        };
        let mut numbers = HashMap::new();
        let mut numbered = |kind: &'static str| {
            let number = numbers.entry(kind).or_insert(0);
            *number += 1;
            format!("{kind} {number}")
        };
        let is_main = |thread| ["main", "MainThread"].contains(&thread);

        self.tracks.sort_by(|a, b| {
            let first = |track: &Track| track.bars.first().map_or(0.0, |bar| bar.begin);
            let by_slot = slot(a).cmp(&slot(b));
            by_slot.then(first(a).total_cmp(&first(b)))
        });
        let mut threads: Vec<&Track> = self.tracks.iter().collect();
        threads.retain(|track| !track.busy.is_empty());
        threads.sort_by_key(|track| !is_main(names(track.id).1));
        let threads = threads.into_iter().map(|track| Thread {
            name: match names(track.id) {
                (_, thread) if is_main(thread) => "main".to_string(),
                _ => numbered("runtime"),
            },
            busy: track.busy.clone(),
        });
        let threads = threads.collect();

        let with_items = self.tracks.iter().filter(|track| !track.bars.is_empty());
        let mut lanes: Vec<_> = with_items
            .map(|track| Lane {
                name: match names(track.id) {
                    ("worker", _) => numbered("worker"),
                    (_, thread) if is_main(thread) => "main".to_string(),
                    (_, thread) if slot(track).is_some() => thread.to_string(),
                    _ => numbered("thread"),
                },
                is_slot: slot(track).is_some(),
                bars: track.bars.clone(),
            })
            .collect();
        for bar in lanes.iter_mut().flat_map(|lane| &mut lane.bars) {
            if bar.outcome == Outcome::CutOff {
                bar.end = end;
            }
        }
        let bars = || lanes.iter().flat_map(|lane| &lane.bars);
        let count = |outcome| bars().filter(|bar| bar.outcome == outcome).count() as u64;
        let (items, failed) = (bars().count() as u64, count(Outcome::Failed));
        let (cancelled, cut_off) = (count(Outcome::Cancelled), count(Outcome::CutOff));
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
            seconds: end,
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
