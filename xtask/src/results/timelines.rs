//! The results of `cargo xtask timeline` in words: how many items ran at the same time, for
//! how long, and how they ended.

use serde::{Deserialize, Serialize};

use crate::format;
use crate::racers::work::Workload;
use crate::results::provenance::Provenance;
use crate::results::trace::{Bar, Lane, Outcome, Timeline};

/// The file that holds it, in the output folder.
pub const FILE: &str = "timeline.json";

#[derive(Clone, Serialize, Deserialize)]
pub struct Timelines {
    pub provenance: Provenance,
    pub panels: Vec<Panel>,
}

/// The same work in several models, drawn above one axis of time.
#[derive(Clone, Serialize, Deserialize)]
pub struct Panel {
    pub workload: Workload,
    /// The work in words.
    pub title: String,
    pub timelines: Vec<Timeline>,
}

impl Panel {
    /// For instance `fetch-url: 3 URLs`, safe to print.
    pub fn heading(&self) -> String {
        let heading = format!("{}: {}", self.workload.name(), self.title);
        format::visible(&heading)
    }

    /// How long the longest took.
    pub fn seconds(&self) -> f64 {
        let seconds = self.timelines.iter().map(|timeline| timeline.seconds);
        seconds.fold(0.0, f64::max)
    }

    pub fn lanes(&self) -> impl Iterator<Item = &Lane> {
        self.timelines.iter().flat_map(|timeline| &timeline.lanes)
    }

    /// Whether bars in this panel tell computing from waiting.
    pub fn tells_computing(&self) -> bool {
        self.lanes().any(|lane| lane.tells_computing)
    }

    /// The ways in which items in this panel ended, except for done.
    pub fn ends(&self) -> Vec<Outcome> {
        let bars = || self.lanes().flat_map(|lane| &lane.bars);
        let ends = [Outcome::Failed, Outcome::Cancelled, Outcome::CutOff].into_iter();
        ends.filter(|end| bars().any(|bar| bar.outcome == *end))
            .collect()
    }

    /// For instance `312 ms: 3 URLs, all at the same time`.
    pub fn words(&self, timeline: &Timeline) -> String {
        let items = format::counted(timeline.items, self.workload.item());
        let how = match timeline.most {
            _ if timeline.items == 1 => String::new(),
            1 => ", one after the other".to_string(),
            most if most == timeline.items => ", all at the same time".to_string(),
            most => format!(", up to {} at a time", format::count(most)),
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
        let computing = match timeline.computing {
            0.0 => String::new(),
            seconds => format!(", computing for {} in all", format::seconds(seconds)),
        };
        let seconds = format::seconds(timeline.seconds);
        format!("{seconds}: {items}{how}{ends}{computing}")
    }

    /// All timelines in words, for readers who cannot see the picture.
    pub fn description(&self) -> String {
        let all = self.timelines.iter().map(|timeline| {
            let words = self.words(timeline);
            let busy = busy(timeline).map(|busy| format!(" ({busy})"));
            let name = format::visible(&timeline.name);
            format!("{name} {words}{}", busy.unwrap_or_default())
        });
        all.collect::<Vec<_>>().join("; ") + "."
    }
}

/// For how long the threads that ran tasks were busy. `None` without such threads.
pub fn busy(timeline: &Timeline) -> Option<String> {
    if timeline.threads.is_empty() {
        return None;
    }
    let all = timeline.threads.iter().flat_map(|thread| &thread.busy);
    let seconds: f64 = all.map(|(begin, end)| end - begin).sum();
    let busy = format::seconds(seconds);
    Some(format!("its threads were busy for {busy} in all"))
}

/// An item in words.
pub fn about(bar: &Bar) -> String {
    let computing = match bar.seconds_computing() {
        0.0 => String::new(),
        seconds => format!(", of that {} computing", format::seconds(seconds)),
    };
    format!(
        "{}: begins at {}, takes {}{computing}, {}",
        bar.label,
        format::seconds(bar.begin),
        format::seconds(bar.end - bar.begin),
        bar.outcome.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::racers::racer::Origin;
    use crate::results::trace::Thread;

    fn timeline(items: u64, most: u64) -> Timeline {
        Timeline {
            name: "threads".to_string(),
            origin: Origin::Also,
            lanes: Vec::new(),
            more_lanes: 0,
            threads: Vec::new(),
            items,
            failed: 0,
            cancelled: 0,
            cut_off: 0,
            most,
            computing: 0.0,
            seconds: 0.5,
        }
    }

    fn panel(timelines: &[Timeline]) -> Panel {
        Panel {
            workload: Workload::FetchUrl,
            title: String::new(),
            timelines: timelines.to_vec(),
        }
    }

    #[test]
    fn words_say_how_many_items_ran_at_the_same_time() {
        let words = |items, most| panel(&[]).words(&timeline(items, most));
        assert_eq!(words(1, 1), "500 ms: 1 URL");
        assert_eq!(words(3, 1), "500 ms: 3 URLs, one after the other");
        assert_eq!(words(3, 3), "500 ms: 3 URLs, all at the same time");
        assert_eq!(
            words(4000, 1000),
            "500 ms: 4,000 URLs, up to 1,000 at a time"
        );
    }

    #[test]
    fn words_say_how_items_ended() {
        let timeline = Timeline {
            failed: 1,
            cancelled: 2,
            cut_off: 1000,
            ..timeline(2000, 2000)
        };
        assert_eq!(
            panel(&[]).words(&timeline),
            "500 ms: 2,000 URLs, all at the same time, 1 failed, 2 cancelled, 1,000 cut off"
        );
        let bar = Bar {
            label: "python".to_string(),
            begin: 0.01,
            end: 0.25,
            outcome: Outcome::CutOff,
            computing: Vec::new(),
        };
        assert_eq!(
            about(&bar),
            "python: begins at 10.0 ms, takes 240 ms, cut off"
        );
    }

    #[test]
    fn the_description_is_of_all_timelines() {
        let thread = |busy: &[(f64, f64)]| Thread {
            name: "main".to_string(),
            busy: busy.to_vec(),
        };
        let is_async = Timeline {
            name: "async".to_string(),
            threads: vec![
                thread(&[(0.0, 0.001), (0.1, 0.102)]),
                thread(&[(0.0, 0.01)]),
            ],
            seconds: 2.0,
            ..timeline(3, 3)
        };
        let panel = panel(&[timeline(3, 1), is_async]);
        assert_eq!(panel.seconds(), 2.0);
        assert_eq!(
            panel.description(),
            "threads 500 ms: 3 URLs, one after the other; async 2.00 s: 3 URLs, all at the same time \
             (its threads were busy for 13.0 ms in all)."
        );
    }
}
