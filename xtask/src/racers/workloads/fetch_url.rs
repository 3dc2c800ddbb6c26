//! `fetch-url`: waiting for a site.

use std::time::Duration;

use clap::Args;
use page_list::{DEMO_PAGES, FETCH_URL};
use serde::{Deserialize, Serialize};

use crate::format;
use crate::racers::answers::Expected;
use crate::racers::load::{
    Facts, Fetched, Growth, Kind, Load, Occasion, Question, SharedSizes,
};
use crate::racers::pages::{Model, Page};

pub static FACTS: Facts = Facts {
    name: "fetch-url",
    item: "URL",
    pages: &PAGES,
    fetches: true,
    questions: &[
        Question {
            work: "I/O-bound, blocking library",
            candidates: &["sequential", "threads", "processes", "machines"],
        },
        Question {
            work: "I/O-bound, async library",
            candidates: &["async"],
        },
    ],
    growth: Growth {
        about: "URLs at the same time, each answered after 500 ms",
        unit: "URL",
        powers: 0..=4,
        waits: true,
    },
};

static PAGES: [Page; 5] = Page::one_for_each_model(FETCH_URL);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FetchUrl {
    pub urls: Urls,
    /// How long the site waits before it answers.
    pub delay: Duration,
    pub workers: u32,
}

/// What is fetched from the demo site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urls {
    /// Its three documents, which stand for the article's addresses.
    Demo,
    /// This many distinct addresses.
    Distinct(u32),
}

#[derive(Args, Clone)]
pub struct FetchUrlSizes {
    /// fetch-url: how many URLs [default: 400, 100 at a time; in a timeline the site's 3 pages]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    urls: Option<u32>,
}

impl FetchUrlSizes {
    pub fn given(&self) -> Vec<&'static str> {
        self.urls.iter().map(|_| "--urls").collect()
    }

    pub fn load(&self, shared: &SharedSizes, occasion: Occasion) -> FetchUrl {
        let default = match occasion.kind {
            Kind::Race => FetchUrl {
                urls: Urls::Distinct(400),
                delay: Duration::from_millis(20),
                workers: 100,
            },
            Kind::Article | Kind::Timeline => FetchUrl::article(),
        };
        FetchUrl {
            urls: self.urls.map_or(default.urls, Urls::Distinct),
            delay: shared.delay.unwrap_or(default.delay),
            workers: shared.workers.unwrap_or(default.workers),
        }
    }
}

impl FetchUrl {
    pub fn article() -> Self {
        FetchUrl {
            urls: Urls::Demo,
            delay: Duration::from_millis(300),
            workers: 5,
        }
    }

    /// For `cargo xtask scale`.
    pub fn scaled(urls: u32) -> Self {
        FetchUrl {
            urls: Urls::Distinct(urls),
            delay: Duration::from_millis(500),
            workers: urls,
        }
    }

    /// The path of each URL, and how many bytes the site answers with.
    fn pages(&self) -> Vec<(String, usize)> {
        let seconds = self.delay.as_secs_f64();
        match self.urls {
            Urls::Demo => DEMO_PAGES
                .map(|(path, length)| (path.to_string(), length))
                .into(),
            Urls::Distinct(count) => {
                let length = format!("waited {seconds} s\n").len();
                let path = |page| format!("/delay/{seconds}?page={page}");
                (1..=count).map(|page| (path(page), length)).collect()
            }
        }
    }
}

impl Load for FetchUrl {
    fn title(&self) -> String {
        let urls = format::counted(self.items(), FACTS.item);
        let delay = format::duration(self.delay);
        format!(
            "{urls}, each answered after {delay}, {} at a time",
            self.workers
        )
    }

    fn items(&self) -> u64 {
        match self.urls {
            Urls::Demo => DEMO_PAGES.len() as u64,
            Urls::Distinct(count) => u64::from(count),
        }
    }

    fn workers(&self, _: Model) -> Option<u64> {
        Some(u64::from(self.workers))
    }

    fn arguments(&self, urls: &str) -> Vec<String> {
        vec![format!("--from={urls}")]
    }

    fn fetched(&self) -> Option<Fetched> {
        let paths = self.pages().into_iter().map(|(path, _)| path);
        Some(Fetched {
            paths: paths.collect(),
            delay: self.delay,
        })
    }

    fn expected(&self, site: &str) -> Expected {
        let site = site.to_string();
        let lines = self
            .pages()
            .into_iter()
            .map(move |(path, length)| format!("URL: {site}{path}, Length: {length}"));
        Expected::in_order("URL: ", lines)
    }

    fn waiting(&self, at_a_time: u64) -> Option<Duration> {
        Some(Fetched::waiting(self.items(), self.delay, at_a_time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::racers::answers::verdict;

    fn fetch(urls: Urls, millis: u64, workers: u32) -> FetchUrl {
        FetchUrl {
            urls,
            delay: Duration::from_millis(millis),
            workers,
        }
    }

    #[test]
    fn waiting_takes_a_turn_for_each_full_set_of_workers() {
        let work = fetch(Urls::Distinct(10), 500, 4);
        let bound = |at_a_time| work.bound(at_a_time, 2, None);
        assert_eq!([1, 3, 4, 10].map(bound), [5.0, 2.0, 1.5, 0.5].map(Some));
    }

    #[test]
    fn pages_have_known_lengths() {
        let site = "http://127.0.0.1:80";
        let work = fetch(Urls::Distinct(1), 20, 1);
        let line = format!("URL: {site}/delay/0.02?page=1, Length: ");
        let check =
            |length: &str| verdict(work.expected(site), 1, &format!("{line}{length}"));
        assert_eq!(check("14"), Ok(()));
        assert!(check("15").is_err());
        let work = fetch(Urls::Demo, 0, 1);
        let lines = [("python", 51_042), ("django", 20_313), ("flask", 17_806)]
            .map(|(page, length)| format!("URL: {site}/{page}, Length: {length}\n"));
        assert_eq!(verdict(work.expected(site), 3, &lines.concat()), Ok(()));
    }

    #[test]
    fn the_title_counts_in_singular_and_plural() {
        assert_eq!(
            fetch(Urls::Distinct(1), 20, 1).title(),
            "1 URL, each answered after 20 ms, 1 at a time"
        );
        assert_eq!(
            fetch(Urls::Distinct(1000), 20, 100).title(),
            "1,000 URLs, each answered after 20 ms, 100 at a time"
        );
    }
}
