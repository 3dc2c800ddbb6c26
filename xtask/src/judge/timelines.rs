//! What `cargo xtask timeline` found out, in words: how many items were under way at one
//! time, for how long, and what became of them.

use serde::{Deserialize, Serialize};

use crate::format;
use crate::measure::machine::Machine;
use crate::measure::trace::{Bar, Timeline};
use crate::racers::workload::Workload;

/// The file that holds it, in the output folder.
pub const FILE: &str = "timeline.json";

#[derive(Serialize, Deserialize)]
pub struct Timelines {
    pub machine: Machine,
    pub panels: Vec<Panel>,
}

/// All models at one piece of work, to be drawn on one axis of time.
#[derive(Serialize, Deserialize)]
pub struct Panel {
    pub workload: Workload,
    /// What was done, in words.
    pub title: String,
    pub timelines: Vec<Timeline>,
}

impl Panel {
    /// How long the longest took.
    pub fn seconds(&self) -> f64 {
        let seconds = self.timelines.iter().map(|timeline| timeline.seconds);
        seconds.fold(0.0, f64::max)
    }

    /// For instance `312 ms: 3 URLs, all at once`.
    pub fn words(&self, timeline: &Timeline) -> String {
        let items = format::counted(timeline.items, self.workload.item());
        let how = match timeline.most {
            _ if timeline.items == 1 => String::new(),
            1 => ", one after the other".to_string(),
            most if most == timeline.items => ", all at once".to_string(),
            most => format!(", up to {} at once", format::count(most)),
        };
        let ends = [
            (timeline.failed, "failed"),
            (timeline.cancelled, "cancelled"),
            (timeline.cut_off, "cut off"),
        ];
        let ends = ends.into_iter().filter(|(count, _)| *count > 0);
        let ends: String = ends
            .map(|(count, end)| format!(", {} {end}", format::count(count)))
            .collect();
        format!("{}: {items}{how}{ends}", format::seconds(timeline.seconds))
    }

    /// The same of all of them, for those who cannot see the picture.
    pub fn description(&self) -> String {
        let all = self.timelines.iter().map(|timeline| {
            let words = self.words(timeline);
            let busy = busy(timeline).map(|busy| format!(" ({busy})"));
            format!("{} {words}{}", timeline.name, busy.unwrap_or_default())
        });
        all.collect::<Vec<_>>().join("; ") + "."
    }
}

/// For how long the threads of its runtime were busy, if it has one.
pub fn busy(timeline: &Timeline) -> Option<String> {
    let all = timeline.threads.iter().flat_map(|thread| &thread.busy);
    let seconds: f64 = all.map(|(begin, end)| end - begin).sum();
    let threads = !timeline.threads.is_empty();
    threads.then(|| {
        format!(
            "its threads were busy for {} in all",
            format::seconds(seconds)
        )
    })
}

/// What there is to know of an item.
pub fn about(bar: &Bar) -> String {
    format!(
        "{}: begins at {}, takes {}, {}",
        bar.label,
        format::seconds(bar.begin),
        format::seconds(bar.end - bar.begin),
        bar.outcome.name()
    )
}
