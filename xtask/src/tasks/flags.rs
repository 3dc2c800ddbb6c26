//! The command line, declared once: what is written here is also the help text.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::process;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::racers::workload::Workload;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "The tasks of this workspace")]
struct Xtask {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
pub enum Task {
    /// Race the models against each other, on this machine
    ///
    /// Builds the pages in release, checks that all models give the same results, races them
    /// in rounds, and prints a table for each workload. Writes to target/compare: the times
    /// as hyperfine's JSON, the table as Markdown, the race as a script for hyperfine, and
    /// all of it as one page for the browser, report.html.
    Compare(Compare),
    /// Run the models at growing sizes, each until it reaches its limit
    ///
    /// Prints time, CPU time and memory at each size, the limits, and from which size on one
    /// model leaves another behind. Writes them to target/compare/scale.json.
    Scale(Scale),
    /// Run the demo site in the foreground
    Serve(Serve),
    /// Show every page with its one-line summary
    List,
}

/// Reads the command line. Without a task it prints the help and ends the program with 0;
/// with an unknown one clap prints the usage and ends it with 2.
pub fn parse() -> Task {
    Xtask::parse().task.unwrap_or_else(|| {
        // Nothing is left to do about a help text that cannot be printed.
        let _ = Xtask::command().print_help();
        process::exit(0)
    })
}

#[derive(Args)]
pub struct Compare {
    /// What to race [default: all of them]
    #[arg(value_enum)]
    pub workloads: Vec<Workload>,

    /// How often every racer runs, after a warm-up [default: 10, or 6 with --python]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: Option<u32>,

    /// Race only these, for instance threads,async
    #[arg(long, value_name = "RACER,...", value_delimiter = ',')]
    pub only: Vec<String>,

    /// Race the same programs in CPython as well (made ready under the target directory)
    #[arg(long)]
    pub python: bool,

    /// The Python to race, 3.11 or later, free-threaded ones included
    #[arg(long, value_name = "PATH", requires = "python")]
    pub python_interpreter: Option<PathBuf>,

    /// How long a racer may take before it is killed and reported
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = positive)]
    pub deadline: Duration,

    /// Let hyperfine do the timing (1.15 to 2.0); it runs each racer's rounds in one block
    #[arg(long)]
    pub hyperfine: bool,

    /// Where to write the results [default: compare in cargo's target directory]
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// Open the report in the browser afterwards
    #[arg(long)]
    pub open: bool,

    #[command(flatten)]
    pub sizes: Sizes,
}

impl Compare {
    /// Six rounds are the fewest that give an interval of 95 % confidence.
    pub fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.python { 6 } else { 10 })
    }

    /// Each of the forty numbers by default: some tenths of a second, also in Python.
    pub fn number(&self) -> u64 {
        if self.python { 500_000 } else { 10_000_000 }
    }
}

/// How much work is raced.
#[derive(Args, Clone)]
pub struct Sizes {
    /// Race the article's own sizes: three pages, three numbers, hello and world
    #[arg(long, conflicts_with_all = ["urls", "delay", "workers", "numbers", "sayings", "repeat"])]
    pub article: bool,

    /// fetch-url: how many URLs
    #[arg(long, value_name = "N", default_value_t = 100)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub urls: u32,

    /// fetch-url: how long the site waits before it answers
    #[arg(long, value_name = "SECONDS", default_value = "0.02", value_parser = seconds)]
    pub delay: Duration,

    /// How many at a time [default: 20 for fetch-url, the cores for heavy-calculation]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub workers: Option<u32>,

    /// heavy-calculation: the numbers [default: forty times 10000000; 500000 with --python]
    #[arg(long, value_name = "N,N,...", value_delimiter = ',')]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub numbers: Vec<u64>,

    /// say-after: the sayings
    #[arg(long, value_name = "SECONDS:WHAT,...", value_delimiter = ',')]
    #[arg(default_value = "0.005:hello,0.01:world")]
    pub sayings: Vec<Saying>,

    /// say-after: how many times over all sayings are said
    #[arg(long, value_name = "N", default_value_t = 50)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub repeat: u32,
}

#[derive(Args)]
pub struct Scale {
    /// What to scale [default: all of them]
    #[arg(value_enum)]
    pub workloads: Vec<Workload>,

    /// The largest size: URLs, terms of sums, or sayings
    #[arg(long, value_name = "N", default_value_t = 1_000_000_000)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub up_to: u64,

    /// How long a run may take before the model has reached its limit
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = positive)]
    pub deadline: Duration,

    /// Where to write the results [default: compare in cargo's target directory]
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// Open the report in the browser afterwards
    #[arg(long)]
    pub open: bool,
}

#[derive(Args)]
pub struct Serve {
    /// Where to listen, on 127.0.0.1; 0 takes a free port
    #[arg(long, default_value_t = 8000)]
    pub port: u16,

    /// How long the three demo pages take to answer
    #[arg(long, value_name = "SECONDS", default_value = "0.3", value_parser = seconds)]
    pub delay: Duration,
}

/// What is said, and after how long.
#[derive(Clone)]
pub struct Saying {
    pub after: Duration,
    pub what: String,
}

impl Saying {
    pub fn new(seconds: u64, what: &str) -> Self {
        Saying {
            after: Duration::from_secs(seconds),
            what: what.to_string(),
        }
    }
}

impl Display for Saying {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        write!(f, "{}:{}", self.after.as_secs_f64(), self.what)
    }
}

impl FromStr for Saying {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (after, what) = text.split_once(':').ok_or("expected SECONDS:WHAT")?;
        Ok(Saying {
            after: positive(after)?,
            what: what.to_string(),
        })
    }
}

/// A time that may be zero, up to the day that the pages accept.
fn seconds(text: &str) -> Result<Duration, String> {
    const DAY: Duration = Duration::from_secs(86_400);
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| *duration <= DAY)
        .ok_or_else(|| "expected seconds, from 0 to 86400".to_string())
}

fn positive(text: &str) -> Result<Duration, String> {
    match seconds(text)? {
        Duration::ZERO => Err("expected more than 0 seconds".to_string()),
        duration => Ok(duration),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &str) -> Result<Xtask, clap::Error> {
        Xtask::try_parse_from(arguments.split(' '))
    }

    #[test]
    fn the_declaration_is_sound() {
        Xtask::command().debug_assert();
    }

    #[test]
    fn sizes_are_read() {
        let xtask = parse(
            "xtask compare say-after fetch-url --rounds 1 --urls 4 --delay 0.01 \
             --workers 2 --numbers 1000,2000 --sayings 0.1:a,0.2:b:c --repeat 3",
        )
        .unwrap();
        let Some(Task::Compare(compare)) = xtask.task else {
            panic!("not a compare")
        };
        assert_eq!(compare.rounds(), 1);
        assert_eq!(compare.sizes.numbers, [1000, 2000]);
        assert_eq!(compare.sizes.delay, Duration::from_millis(10));
        let whats: Vec<_> = compare.sizes.sayings.iter().map(|s| &s.what[..]).collect();
        assert_eq!(whats, ["a", "b:c"]);
        assert_eq!(compare.workloads, [Workload::SayAfter, Workload::FetchUrl]);
    }

    #[test]
    fn absurd_values_are_usage_errors() {
        for arguments in [
            "xtask race",
            "xtask compare fetch",
            "xtask compare --rounds 0",
            "xtask compare --python-interpreter python3",
            "xtask compare --delay nan",
            "xtask compare --delay=-1",
            "xtask compare --delay inf",
            "xtask compare --deadline 0",
            "xtask compare --workers 0",
            "xtask compare --sayings 0:hello",
            "xtask compare --numbers 0",
            "xtask compare --numbers 1000000000001",
            "xtask compare --sayings hello",
            "xtask compare --article --urls 3",
            "xtask serve --port 65536",
        ] {
            let error = parse(arguments)
                .err()
                .unwrap_or_else(|| panic!("accepted: {arguments}"));
            assert_eq!(error.exit_code(), 2, "{arguments}");
        }
    }
}
