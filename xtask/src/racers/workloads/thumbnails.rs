//! `thumbnails`: waiting for photos, then shrinking them.

use std::time::Duration;

use clap::Args;
use page_list::THUMBNAILS;
use serde::{Deserialize, Serialize};

use crate::format;
use crate::racers::answers::Expected;
use crate::racers::load::{
    Facts, Fetched, Growth, Kind, Load, Occasion, Question, SharedSizes,
};
use crate::racers::pages::{Model, Page};

pub static FACTS: Facts = Facts {
    name: "thumbnails",
    item: "photo",
    pages: &PAGES,
    fetches: true,
    questions: &[Question {
        work: "I/O, then CPU",
        candidates: &["sequential", "threads", "async", "processes", "machines"],
    }],
    growth: Growth {
        about: "photos at the same time, each answered after 500 ms",
        unit: "photo",
        // Shrinking ten thousand photos takes longer than a run may take.
        powers: 0..=3,
        waits: true,
    },
};

static PAGES: [Page; 5] = Page::one_for_each_model(THUMBNAILS);

/// What the site's photos are shrunk to if the command line names no size. Photo N is that of
/// N mod 3.
const SHRUNK: [&str; 3] = ["128x96", "96x128", "128x72"];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thumbnails {
    pub photos: u32,
    /// How long the site waits before it answers.
    pub delay: Duration,
    pub workers: u32,
}

#[derive(Args, Clone)]
pub struct ThumbnailsSizes {
    /// thumbnails: how many photos [default: 100, 10 at a time; in a timeline 8, 4 at a time]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    photos: Option<u32>,
}

impl ThumbnailsSizes {
    pub fn given(&self) -> Vec<&'static str> {
        self.photos.iter().map(|_| "--photos").collect()
    }

    pub fn load(&self, shared: &SharedSizes, occasion: Occasion) -> Thumbnails {
        let default = match occasion.kind {
            Kind::Race => Thumbnails {
                photos: 100,
                delay: Duration::from_millis(20),
                workers: 10,
            },
            // The article has no photos. These are as many as it has URLs.
            Kind::Article => Thumbnails {
                photos: 3,
                delay: Duration::from_millis(300),
                workers: 5,
            },
            Kind::Timeline => Thumbnails::small(),
        };
        Thumbnails {
            photos: self.photos.unwrap_or(default.photos),
            delay: shared.delay.unwrap_or(default.delay),
            workers: shared.workers.unwrap_or(default.workers),
        }
    }
}

impl Thumbnails {
    /// For a timeline: waiting for a photo takes not much longer than shrinking it, so that
    /// both can be seen.
    pub fn small() -> Self {
        Thumbnails {
            photos: 8,
            delay: Duration::from_millis(20),
            workers: 4,
        }
    }

    /// For `cargo xtask scale`.
    pub fn scaled(photos: u32) -> Self {
        Thumbnails {
            photos,
            delay: Duration::from_millis(500),
            workers: photos,
        }
    }
}

fn path(number: u32) -> String {
    format!("/photo/{number}.jpg")
}

impl Load for Thumbnails {
    fn title(&self) -> String {
        let photos = format::counted(self.items(), FACTS.item);
        let delay = format::duration(self.delay);
        format!(
            "{photos}, each answered after {delay}, {} at a time",
            self.workers
        )
    }

    fn items(&self) -> u64 {
        u64::from(self.photos)
    }

    fn workers(&self, _: Model) -> Option<u64> {
        Some(u64::from(self.workers))
    }

    fn arguments(&self, urls: &str) -> Vec<String> {
        vec![format!("--from={urls}")]
    }

    fn fetched(&self) -> Option<Fetched> {
        Some(Fetched {
            paths: (1..=self.photos).map(path).collect(),
            delay: self.delay,
        })
    }

    fn expected(&self, site: &str) -> Expected {
        let site = site.to_string();
        let lines = (1..=self.photos).map(move |number| {
            let shrunk = SHRUNK[number as usize % SHRUNK.len()];
            format!("URL: {site}{}, Thumbnail: {shrunk}", path(number))
        });
        Expected::in_order("URL: ", lines)
    }

    fn waiting(&self, at_a_time: u64) -> Option<Duration> {
        Some(Fetched::waiting(self.items(), self.delay, at_a_time))
    }

    /// For one photo at a time: the waiting and the CPU time together. For several: the longer
    /// of the waiting and the CPU time spread over the cores.
    fn bound(
        &self,
        at_a_time: u64,
        cores: usize,
        sequential_cpu: Option<f64>,
    ) -> Option<f64> {
        let waiting = self.waiting(at_a_time)?.as_secs_f64();
        let cpu = sequential_cpu?;
        Some(match at_a_time {
            1 => waiting + cpu,
            _ => waiting.max(cpu / at_a_time.min(cores as u64) as f64),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::racers::answers::verdict;

    fn ten(workers: u32) -> Thumbnails {
        Thumbnails {
            photos: 10,
            delay: Duration::from_millis(500),
            workers,
        }
    }

    #[test]
    fn one_photo_at_a_time_takes_the_sum_and_several_the_longer_of_both() {
        let bound = |at_a_time, cpu| ten(4).bound(at_a_time, 2, Some(cpu));
        assert_eq!(bound(1, 3.0), Some(8.0));
        // The waiting is the longer.
        assert_eq!(bound(2, 3.0), Some(2.5));
        assert_eq!(bound(5, 1.0), Some(1.0));
        // On two cores the calculating is the longer.
        assert_eq!(bound(5, 3.0), Some(1.5));
        assert_eq!(bound(10, 3.0), Some(1.5));
        // Without the sequential program it is not known.
        assert_eq!(ten(4).bound(5, 2, None), None);
    }

    #[test]
    fn each_photo_has_a_known_size() {
        let site = "http://127.0.0.1:80";
        let line = |number: u32, size: &str| {
            format!("URL: {site}/photo/{number}.jpg, Thumbnail: {size}\n")
        };
        let check = |sizes: [&str; 3]| {
            let work = Thumbnails {
                photos: 3,
                ..ten(4)
            };
            let lines: String =
                (1..=3).zip(sizes).map(|(n, size)| line(n, size)).collect();
            verdict(work.expected(site), 3, &lines)
        };
        assert_eq!(check(["96x128", "128x72", "128x96"]), Ok(()));
        assert!(check(["96x128", "128x96", "128x72"]).is_err());
    }

    #[test]
    fn the_title_counts_the_photos() {
        assert_eq!(
            ten(4).title(),
            "10 photos, each answered after 500 ms, 4 at a time"
        );
    }
}
