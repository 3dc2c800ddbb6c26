//! Reading a trace back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use serde_json::Value;

/// A place for a trace, which is removed when this is dropped.
pub struct TraceFile(pub PathBuf);

impl TraceFile {
    /// A file that no other test has.
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let (process, count) = (process::id(), COUNT.fetch_add(1, Relaxed));
        TraceFile(env::temp_dir().join(format!("{name}-{process}-{count}.json")))
    }

    /// Reads the trace. Panics if it is not valid.
    pub fn read(&self) -> Trace {
        let text = fs::read_to_string(&self.0).unwrap();
        Trace::parse(&text)
    }

    /// Reads the trace again and again while it is written, until `is_so_far` holds.
    pub fn wait_for(&self, is_so_far: impl Fn(&Trace) -> bool) -> Trace {
        let start = Instant::now();
        loop {
            let text = fs::read_to_string(&self.0).unwrap_or_default();
            if text.ends_with('\n') {
                let trace = Trace::parse(&text);
                if is_so_far(&trace) {
                    return trace;
                }
            }
            let is_late = start.elapsed() > Duration::from_secs(60);
            assert!(!is_late, "{text}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for TraceFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Where an event belongs: its process and its thread.
pub type Lane = (u64, u64);

/// An item of work. Times are in microseconds.
#[derive(Debug)]
pub struct Item {
    /// The function that did it.
    pub name: String,
    /// What it was given.
    pub args: Value,
    /// When it began and ended, if it did.
    pub begin: f64,
    /// See `begin`.
    pub end: Option<f64>,
    /// What it gave: `return` or `error`; nothing if it was cancelled.
    pub outcome: Value,
}

/// A time in which a thread polled a task.
#[derive(Debug)]
pub struct Poll {
    /// When it began and ended.
    pub begin: f64,
    /// See `begin`.
    pub end: f64,
    /// The lane of the task.
    pub task: Lane,
}

/// A trace. What must hold for every trace has been checked.
#[derive(Debug, Default)]
pub struct Trace {
    /// Whether its closing bracket is there.
    pub is_whole: bool,
    /// The items of every lane that has any, one after the other.
    pub lanes: BTreeMap<Lane, Vec<Item>>,
    /// The parts of items that threads are busy with, one after the other.
    pub parts: BTreeMap<Lane, Vec<Item>>,
    /// The polls of every thread, one after the other.
    pub polls: BTreeMap<Lane, Vec<Poll>>,
    /// The items in flight, whenever their number changed.
    pub in_flight: Vec<u64>,
    /// The names of processes (their thread is 0) and lanes.
    pub names: BTreeMap<Lane, String>,
}

impl Trace {
    /// Panics if anything in a lane overlaps or ends before it begins, or if a lane lacks a
    /// name.
    fn parse(text: &str) -> Trace {
        let is_whole = text.ends_with("\n]\n");
        let end = if is_whole { "" } else { "]" };
        let events: Vec<Value> = serde_json::from_str(&format!("{text}{end}"))
            .unwrap_or_else(|error| panic!("{error}:\n{text}"));
        let mut trace = Trace {
            is_whole,
            ..Trace::default()
        };
        for event in &events {
            trace.take(event);
        }
        trace.check();
        trace
    }

    fn take(&mut self, event: &Value) {
        let number = |key: &str| event[key].as_f64().unwrap();
        let lane = (
            event["pid"].as_u64().unwrap(),
            event["tid"].as_u64().unwrap(),
        );
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let kind = (event["ph"].as_str().unwrap(), event["cat"].as_str());
        match kind {
            ("M", None) => {
                let name = text(&event["args"]["name"]);
                let is_new = self.names.insert(lane, name).is_none();
                assert!(is_new, "{event} names {lane:?} again");
            }
            ("B", Some(category @ ("item" | "part"))) => {
                let items = self.items_of(category).entry(lane).or_default();
                assert!(
                    items.last().is_none_or(|item| item.end.is_some()),
                    "{event}"
                );
                items.push(Item {
                    name: text(&event["name"]),
                    args: event["args"].clone(),
                    begin: number("ts"),
                    end: None,
                    outcome: Value::Null,
                });
            }
            ("E", Some(category @ ("item" | "part"))) => {
                let items = self.items_of(category).get_mut(&lane).unwrap();
                let item = items.last_mut().unwrap();
                assert!(item.end.is_none() && event["name"] == item.name, "{event}");
                item.end = Some(number("ts"));
                item.outcome = event["args"].clone();
            }
            ("X", Some("poll")) => self.polls.entry(lane).or_default().push(Poll {
                begin: number("ts"),
                end: number("ts") + number("dur"),
                task: (lane.0, event["args"]["lane"].as_u64().unwrap()),
            }),
            ("C", None) => self
                .in_flight
                .push(event["args"]["items"].as_u64().unwrap()),
            _ => panic!("what is {event}?"),
        }
    }

    fn items_of(&mut self, category: &str) -> &mut BTreeMap<Lane, Vec<Item>> {
        match category {
            "part" => &mut self.parts,
            _ => &mut self.lanes,
        }
    }

    fn check(&self) {
        for (lane, items) in self.lanes.iter().chain(&self.parts) {
            assert!(self.names.contains_key(lane), "{lane:?} has no name");
            assert!(self.names.contains_key(&(lane.0, 0)), "a nameless process");
            let times = items
                .iter()
                .flat_map(|item| [item.begin, item.end.unwrap_or(f64::INFINITY)]);
            assert!(times.is_sorted(), "{lane:?}: {items:#?}");
        }
        for (lane, polls) in &self.polls {
            assert!(self.names.contains_key(lane), "{lane:?} has no name");
            // Their ends are sums, which have rounding errors.
            let times = polls.iter().flat_map(|poll| [poll.begin, poll.end - 0.001]);
            assert!(times.is_sorted(), "{lane:?}: {polls:#?}");
            for poll in polls {
                let holds = |item: &Item| {
                    let end = item.end.unwrap_or(f64::INFINITY);
                    item.begin <= poll.begin && poll.end - 0.001 <= end
                };
                assert!(
                    self.lanes[&poll.task].iter().any(holds),
                    "{poll:?} is in no task"
                );
            }
        }
    }

    /// All items, in the order of their lanes.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.lanes.values().flatten()
    }

    /// The names of the lanes that have items: process and thread.
    pub fn lane_names(&self) -> Vec<(&str, &str)> {
        let names = self.lanes.keys().map(|lane| {
            let [process, thread] = [&self.names[&(lane.0, 0)], &self.names[lane]];
            (&process[..], &thread[..])
        });
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names
    }

    /// How many items are under way at one time, at most.
    pub fn most_at_once(&self) -> usize {
        let count_at = |now: f64| {
            let is_under_way =
                |item: &&Item| item.begin <= now && item.end.is_none_or(|end| end > now);
            self.items().filter(is_under_way).count()
        };
        let counts = self.items().map(|item| count_at(item.begin));
        counts.max().unwrap_or(0)
    }
}
