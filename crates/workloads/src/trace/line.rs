//! A line of a Chrome trace.

use std::fmt::Debug;

use serde::{Serialize, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};

use crate::print::without_passwords;

/// The fields of a span or an event, as JSON.
#[derive(Default)]
pub(super) struct Args(Vec<(&'static str, Value)>);

impl Args {
    pub(super) fn one(name: &'static str, value: impl Into<Value>) -> Self {
        Args(vec![(name, value.into())])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Visit for Args {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), without_passwords(value).into()));
    }
}

impl Serialize for Args {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// An event in the terms of the format: `ph` is its phase, and times are in microseconds.
#[derive(Serialize)]
pub(super) struct Line {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'static str>,
    ph: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    pid: u32,
    tid: u64,
    #[serde(skip_serializing_if = "Args::is_empty")]
    args: Args,
}

impl Line {
    pub(super) fn item(
        name: &'static str,
        ph: &'static str,
        time: u64,
        tid: u64,
        args: Args,
    ) -> Self {
        Line {
            name,
            cat: Some("item"),
            ph,
            ts: Some(microseconds(time)),
            dur: None,
            pid: 0,
            tid,
            args,
        }
    }

    /// Marks the event as a part of an item.
    pub(super) fn of_part(self) -> Self {
        Line {
            cat: Some("part"),
            ..self
        }
    }

    pub(super) fn poll(
        name: &'static str,
        begin: u64,
        end: u64,
        tid: u64,
        task: u64,
    ) -> Self {
        Line {
            cat: Some("poll"),
            dur: Some(microseconds(end - begin)),
            ..Line::item(name, "X", begin, tid, Args::one("lane", task))
        }
    }

    pub(super) fn in_flight(time: u64, tasks: usize) -> Self {
        Line {
            cat: None,
            ..Line::item("in flight", "C", time, 0, Args::one("items", tasks))
        }
    }

    pub(super) fn naming(what: &'static str, tid: u64, name: &str) -> Self {
        Line {
            cat: None,
            ts: None,
            ..Line::item(what, "M", 0, tid, Args::one("name", name))
        }
    }

    pub(super) fn append_to(mut self, buffer: &mut Vec<u8>, process: u32) {
        self.pid = process;
        // Cannot fail: it writes to memory, and these values can always be serialized.
        let _ = serde_json::to_writer(&mut *buffer, &self);
        buffer.push(b'\n');
    }
}

fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_microseconds() {
        let mut buffer = Vec::new();
        Line::poll("say_after", 1_500, 4_000, 2, 3).append_to(&mut buffer, 1);
        assert_eq!(
            String::from_utf8_lossy(&buffer),
            "{\"name\":\"say_after\",\"cat\":\"poll\",\"ph\":\"X\",\"ts\":1.5,\"dur\":2.5,\
             \"pid\":1,\"tid\":2,\"args\":{\"lane\":3}}\n"
        );
    }
}
