//! Reading a trace back.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Where an event stands: process and thread.
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

/// A time that a thread spent with a task.
#[derive(Debug)]
pub struct Poll {
    /// When it began and ended.
    pub begin: f64,
    /// See `begin`.
    pub end: f64,
    /// The lane of the task.
    pub task: Lane,
}

/// A trace, checked for what holds for all of them.
#[derive(Debug, Default)]
pub struct Trace {
    /// Whether its closing bracket is there.
    pub is_whole: bool,
    /// The items of every lane that has any, one after the other.
    pub lanes: BTreeMap<Lane, Vec<Item>>,
    /// The polls of every thread, one after the other.
    pub polls: BTreeMap<Lane, Vec<Poll>>,
    /// The items in flight, whenever their number changed.
    pub in_flight: Vec<u64>,
    /// The names of processes (their thread is 0) and lanes.
    pub names: BTreeMap<Lane, String>,
}

impl Trace {
    /// Reads a trace; panics if anything in a lane overlaps or ends before it begins, or if
    /// a lane lacks a name.
    pub fn read(file: &Path) -> Trace {
        let text = fs::read_to_string(file).unwrap();
        let is_whole = text.ends_with("\n]\n");
        let closed = if is_whole { text } else { text + "]" };
        let events: Vec<Value> = serde_json::from_str(&closed)
            .unwrap_or_else(|error| panic!("{}: {error}:\n{closed}", file.display()));
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
            ("B", Some("item")) => {
                let items = self.lanes.entry(lane).or_default();
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
            ("E", Some("item")) => {
                let item = self.lanes.get_mut(&lane).unwrap().last_mut().unwrap();
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

    fn check(&self) {
        for (lane, items) in &self.lanes {
            assert!(self.names.contains_key(lane), "{lane:?} has no name");
            assert!(self.names.contains_key(&(lane.0, 0)), "a nameless process");
            let times = items
                .iter()
                .flat_map(|item| [item.begin, item.end.unwrap_or(f64::INFINITY)]);
            assert!(times.is_sorted(), "{lane:?}: {items:#?}");
        }
        for (lane, polls) in &self.polls {
            assert!(self.names.contains_key(lane), "{lane:?} has no name");
            // Their ends are sums, which may be off by a bit.
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
}
