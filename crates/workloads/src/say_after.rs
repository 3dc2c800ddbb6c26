//! The command line, the items and the report of the `*-say-after` pages.

use std::fmt::{self, Display};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use page_list::parse_positive_seconds;
use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::options::{
    Common, Page, parse, parse_with_server, parse_workers, refuse, report,
};
use crate::print::stdout_failed;
use crate::settings::Settings;

const ARTICLE_SAYINGS: [(Duration, &str); 2] = [
    (Duration::from_secs(1), "hello"),
    (Duration::from_secs(2), "world"),
];
const MAX_SAYINGS: u64 = 10_000_000;
const MAX_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The command line of the `*-say-after` pages, of `async-gather*` and `async-task-group`.
#[derive(Args, Debug)]
pub struct SayAfterOptions {
    /// What to say and how long to wait before it, at most a day [default: 1:hello 2:world]
    #[arg(value_name = "SECONDS:WHAT", value_parser = parse_saying)]
    sayings: Vec<(Duration, Arc<str>)>,

    /// Say the whole list N times over; every saying is a task of its own
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..=MAX_SAYINGS),
          allow_hyphen_values = true)]
    repeat: u64,

    /// Wait for N at a time, 1 to 10000 [default: all, but no more than 10000 threads or 200
    /// processes]; the sequential page always waits for one, the async ones wait for all
    #[arg(long, value_name = "N", value_parser = parse_workers, allow_hyphen_values = true)]
    max_workers: Option<usize>,

    /// Add a saying that fails after this time, to see what happens to the others
    #[arg(long, value_name = "SECONDS", value_parser = parse_positive_seconds,
          allow_hyphen_values = true)]
    fail: Option<Duration>,

    #[command(flatten)]
    common: Common,
}

/// One task of the `say_after` pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saying {
    /// How long to wait before it is said.
    pub delay: Duration,
    /// What is said, or the failure of `--fail`. The text is in an `Arc`, so a million sayings
    /// do not need a million copies of it.
    pub what: Result<Arc<str>, SayError>,
}

impl Display for Saying {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let seconds = self.delay.as_secs_f64();
        match &self.what {
            Ok(what) => write!(f, "{seconds}:{what}"),
            Err(SayError) => write!(f, "--fail {seconds}"),
        }
    }
}

/// The failure of a saying, made by `--fail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SayError;

impl Display for SayError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("this saying failed, as --fail asked")
    }
}

impl std::error::Error for SayError {}

impl SayAfterOptions {
    /// Reads the command line. Ends the program if it is wrong. `--help` shows `python`, the
    /// Python counterpart of the page.
    pub fn parse(python: &str) -> Self {
        parse(python)
    }

    /// As [`parse`](Self::parse), for a page that can send its work to other machines. `S`
    /// holds the options for that, such as `--server`.
    pub fn parse_with_server<S: Args>(python: &str) -> (Self, S) {
        parse_with_server(python)
    }

    /// Checks a saying that comes from another program.
    ///
    /// # Errors
    ///
    /// The command line does not accept it either.
    pub fn check(saying: &Saying) -> Result<(), String> {
        match saying.delay <= MAX_DELAY {
            true => Ok(()),
            false => Err(format!("{:?} is more than a day", saying.delay)),
        }
    }

    /// The sayings. The one that fails is the last.
    pub fn sayings(&self) -> impl Iterator<Item = Saying> + Send + use<> {
        let list = self.sayings.clone();
        let failing = self.fail.map(|delay| Saying {
            delay,
            what: Err(SayError),
        });
        (0..self.repeat)
            .flat_map(move |_| list.clone())
            .map(|(delay, what)| Saying {
                delay,
                what: Ok(what),
            })
            .chain(failing)
    }

    /// How many sayings there are.
    fn count(&self) -> usize {
        self.sayings.len() * self.repeat as usize + usize::from(self.fail.is_some())
    }

    /// How many to say at a time: `--max-workers` or, without it, all, but at most `limit`.
    pub fn max_workers(&self, limit: usize) -> usize {
        self.max_workers.unwrap_or(limit).min(self.count())
    }

    /// Prints on stderr which sayings failed. The results must be in the order of
    /// [`sayings`](Self::sayings).
    pub fn report<E: Display>(
        &self,
        results: impl IntoIterator<Item = Result<(), E>>,
    ) -> Exit {
        report(self.sayings(), results, |_, ()| None)
    }

    /// Prints that all tasks are done, also with `--quiet`, because this is the result of a
    /// task group.
    pub fn report_completed(&self) -> Exit {
        let line = match self.count() {
            1 => "The task has now completed.".to_owned(),
            2 => "Both tasks have now completed.".to_owned(),
            n => format!("All {n} tasks have now completed."),
        };
        writeln!(io::stdout(), "{line}").unwrap_or_else(|error| stdout_failed(&error));
        Exit::Success
    }
}

impl Page for SayAfterOptions {
    const WHAT: &str = "Waits, then prints, once for each SECONDS:WHAT";
    const EXAMPLE: &str = "0.5:hello 1.5:world";

    fn completed(mut self) -> Self {
        Settings::adopt(self.common.settings::<Self>());
        if self.sayings.is_empty() {
            self.sayings = ARTICLE_SAYINGS
                .map(|(delay, what)| (delay, what.into()))
                .into();
        }
        let count = (self.sayings.len() as u64).saturating_mul(self.repeat);
        if count > MAX_SAYINGS {
            refuse::<Self>(format!(
                "--repeat {}: {count} sayings are more than {MAX_SAYINGS}",
                self.repeat
            ));
        }
        self
    }
}

fn parse_saying(text: &str) -> Result<(Duration, Arc<str>), String> {
    page_list::parse_saying(text).map(|(delay, what)| (delay, what.into()))
}
