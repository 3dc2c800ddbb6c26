//! The command line, declared once: what is written here is also the help text.

use std::fmt::Display;
use std::path::PathBuf;
use std::process;
use std::time::Duration;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use page_list::{parse_positive_seconds, parse_seconds};
use race::Limit;

use crate::format;
use crate::racers::load::{Kind, Occasion};
use crate::racers::pages::Page;
use crate::racers::racer::Also;
use crate::racers::work::{self, Sizes, Work, Workload};
use crate::results::provenance;

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
    /// Builds the pages in release, checks that all models give the right results, races them
    /// in rounds until it is known which are slower or the time is up, and prints a table for
    /// each workload and what to use when. This takes about two minutes on two cores.
    ///
    /// Writes to target/compare: all of it as compare.json, compare.md and, for the browser,
    /// report.html; the times as hyperfine's JSON; and each race as a script for hyperfine.
    Compare(Compare),
    /// Run the models at growing sizes, each until it reaches its limit
    ///
    /// Prints time, CPU time and memory at each size, the limits, and from which size on one
    /// model overtakes another. This takes about five minutes on two cores. Writes them to target/compare/scale.json.
    Scale(Scale),
    /// Draw what ran when: a lane for each worker, a bar for each item
    ///
    /// Builds the pages in release, runs each of them once with --trace, and draws what they
    /// did on one axis of time. For an async page the lanes are slots, and below them is when
    /// its threads were busy.
    ///
    /// Writes to target/compare: the pictures as SVG, what they are drawn from as timeline.json,
    /// and each trace, to be opened in Perfetto (ui.perfetto.dev) or speedscope.
    Timeline(Timeline),
    /// Run the demo site in the foreground
    Serve(Serve),
    /// Write the README's figures and pictures, from the results in results/
    Readme(Readme),
    /// Show every page with its one-line summary, or those about one thing
    List(List),
    /// Show two pages next to each other, or a page and its twin in Python
    Diff(Diff),
    /// Make a book of all this, searchable and readable without a network
    ///
    /// Writes to target/book: the pages of every model and of the phrasebook beside their
    /// twins in Python, and what was measured. Needs mdBook, and says how to install it.
    Book(Book),
}

/// Reads the command line. Without a task it prints the help and ends the program with 0;
/// with an unknown one clap prints the usage and ends it with 2.
pub fn parse() -> Task {
    let task = Xtask::parse().task.unwrap_or_else(|| {
        // Nothing can be done about a help text that cannot be printed.
        let _ = Xtask::command().print_help();
        process::exit(0)
    });
    let problem = match &task {
        Task::Compare(compare) => compare.problem(),
        Task::Timeline(timeline) => timeline.problem(),
        _ => None,
    };
    if let Some(problem) = problem {
        refuse(problem)
    }
    task
}

/// Ends the program as clap does when it meets a wrong argument: with 2.
pub fn refuse(problem: impl Display) -> ! {
    Xtask::command()
        .error(ErrorKind::ValueValidation, problem)
        .exit()
}

#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask list wait_for
  cargo xtask list \"asyncio.Queue(maxsize=10)\"   a call as in Python
  cargo xtask list queue timeout                 both words have to match")]
pub struct List {
    /// Names in Python or Rust, such as wait_for or JoinSet, or other words; all have to match
    #[arg(value_name = "WORD", value_parser = NonEmptyStringValueParser::new())]
    pub words: Vec<String>,
}

#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask diff threads processes fetch-url
  cargo xtask diff async-gather async-task-group
  cargo xtask diff wait_for                      a page and its twin in Python

A page and its twin stand side by side if the terminal is wide enough for both. COLUMNS
overrides the width.")]
pub struct Diff {
    /// Two models and a workload, two pages, or one page, in any spelling that `list` finds
    #[arg(required = true, num_args = 1..=3, value_name = "NAME")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub what: Vec<String>,
}

#[derive(Args)]
pub struct Compare {
    /// What to race [default: all of them]
    #[arg(value_enum)]
    pub workloads: Vec<Workload>,

    /// How long the rounds of one workload may take [default: 20, or 60 with --python]
    ///
    /// They end earlier if each racer is known to be slower than the fastest or equal to it, but
    /// not before the third round. Checks before and memory runs after them are not counted.
    #[arg(long, value_name = "SECONDS", value_parser = parse_positive_seconds)]
    time: Option<Duration>,

    /// Race exactly N rounds with all racers, instead of until it is known which are slower
    #[arg(long, value_name = "N", conflicts_with = "time")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rounds: Option<u32>,

    /// How long a single run may take
    ///
    /// A racer that takes longer is killed and has failed. One that must wait longer is not
    /// started.
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = parse_positive_seconds)]
    pub timeout: Duration,

    /// Race only these, for instance threads,async
    #[arg(long, value_name = "RACER,...", value_delimiter = ',')]
    pub only: Vec<String>,

    /// Let a program of your own take part, in one workload
    ///
    /// COMMAND is split into words as a shell would, but no shell runs it. It is given what
    /// the threads page is given, and has to print the same results. May be repeated.
    #[arg(long, value_name = "NAME=COMMAND")]
    pub also: Vec<Also>,

    /// Race the same programs in CPython as well
    ///
    /// The first time, pip downloads what they need, into the target directory.
    #[arg(long)]
    pub python: bool,

    /// The Python to race, 3.11 or later, free-threaded ones included; may be repeated
    #[arg(long, value_name = "PATH", requires = "python")]
    pub python_interpreter: Vec<PathBuf>,

    /// Write the scripts for hyperfine and run them, instead of a race
    #[arg(long)]
    pub hyperfine: bool,

    /// Where to write the results [default: compare in cargo's target directory]
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// Open the report in the browser afterwards
    #[arg(long)]
    pub open: bool,

    /// Race the article's own sizes: three URLs, three numbers, hello and world; and three photos
    #[arg(long)]
    article: bool,

    #[command(flatten)]
    sizes: Sizes,
}

impl Compare {
    /// When the rounds of a race end.
    pub fn limit(&self, racers: usize) -> Limit {
        let default = if self.python { 60 } else { 20 };
        match self.rounds {
            Some(rounds) => Limit::Rounds(rounds),
            // One racer can be compared with nothing.
            None if racers == 1 => Limit::Rounds(10),
            None => Limit::Time(self.time.unwrap_or(Duration::from_secs(default))),
        }
    }

    /// What is asked for, each at its size.
    pub fn works(&self) -> Vec<Work> {
        let workloads = Workload::value_variants().iter();
        let works = workloads.filter(|workload| self.races(**workload));
        let kind = match self.article {
            true => Kind::Article,
            false => Kind::Race,
        };
        let occasion = occasion(kind, self.python);
        works
            .map(|workload| self.sizes.work(*workload, occasion))
            .collect()
    }

    fn races(&self, workload: Workload) -> bool {
        self.workloads.is_empty() || self.workloads.contains(&workload)
    }

    /// What is wrong with the combination of options, if anything. clap checks each option by
    /// itself.
    fn problem(&self) -> Option<String> {
        if let Some(idle) = idle(&self.sizes, |workload| self.races(workload)) {
            return Some(idle + " not raced");
        }
        if self.article
            && let Some((size, _)) = self.sizes.given().first()
        {
            return Some(format!("--article cannot be used with {size}"));
        }
        if !self.also.is_empty() && self.workloads.len() != 1 {
            return Some(
                "--also needs exactly one workload, for instance fetch-url".into(),
            );
        }
        None
    }
}

/// What sizes are for where no option says them.
fn occasion(kind: Kind, with_python: bool) -> Occasion {
    Occasion {
        kind,
        with_python,
        cores: u32::try_from(provenance::cores()).unwrap_or(u32::MAX),
    }
}

/// The beginning of an error, if an option was given that is for none of the wanted workloads:
/// it says which workloads the option is for. The caller ends the sentence.
fn idle(sizes: &Sizes, is_wanted: impl Fn(Workload) -> bool) -> Option<String> {
    let mut given = sizes.given().into_iter();
    let is_idle = |workloads: &[Workload]| !workloads.iter().copied().any(&is_wanted);
    let (option, workloads) = given.find(|(_, workloads)| is_idle(workloads))?;
    let names: Vec<_> = workloads.iter().map(|workload| workload.name()).collect();
    let are = match names[..] {
        [_] => "is",
        _ => "are",
    };
    Some(format!(
        "{option} is for {}, which {are}",
        format::list(&names)
    ))
}

#[derive(Args)]
pub struct Scale {
    /// What to scale [default: all of them]
    #[arg(value_enum)]
    pub workloads: Vec<Workload>,

    /// The largest size: URLs, terms of sums, sayings, or photos
    #[arg(long, value_name = "N", default_value_t = 1_000_000_000)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub up_to: u64,

    /// How long a run may take before the model has reached its limit
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = parse_positive_seconds)]
    pub deadline: Duration,

    /// Where to write the results [default: compare in cargo's target directory]
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// Open the report in the browser afterwards
    #[arg(long)]
    pub open: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask timeline                       every model at every workload
  cargo xtask timeline fetch-url --urls 20   more URLs than workers
  cargo xtask timeline --fail 0.5            what continues, and what is cancelled")]
pub struct Timeline {
    /// Workloads or single pages [default: all of them]
    #[arg(value_name = "WORKLOAD|PAGE", hide_possible_values = true)]
    #[arg(value_parser = PossibleValuesParser::new(subjects()))]
    subjects: Vec<String>,

    /// Add a saying that fails after this time
    ///
    /// Without a name, async-gather and async-task-group are drawn.
    #[arg(long, value_name = "SECONDS", value_parser = parse_positive_seconds)]
    pub fail: Option<Duration>,

    /// Draw the same programs in CPython as well
    #[arg(long)]
    pub python: bool,

    /// The Python to run, 3.11 or later, free-threaded ones included; may be repeated
    #[arg(long, value_name = "PATH", requires = "python")]
    pub python_interpreter: Vec<PathBuf>,

    /// Where to write the results [default: compare in cargo's target directory]
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// Open the report, which begins with the pictures, in the browser afterwards
    #[arg(long)]
    pub open: bool,

    #[command(flatten)]
    sizes: Sizes,
}

/// What can be drawn: the workloads and their pages.
fn subjects() -> Vec<&'static str> {
    let workloads = Workload::value_variants().iter();
    let names = workloads.map(|workload| workload.name());
    names.chain(work::pages().map(|page| page.name)).collect()
}

impl Timeline {
    /// What is asked for: work, and the pages that are to do it.
    pub fn works(&self) -> Vec<(Work, Vec<&'static Page>)> {
        let occasion = occasion(Kind::Timeline, self.python);
        let mut works = Vec::new();
        for workload in Workload::value_variants() {
            let pages = workload.pages().iter();
            let pages: Vec<_> =
                pages.filter(|page| self.wants(*workload, page)).collect();
            if !pages.is_empty() {
                works.push((self.sizes.work(*workload, occasion), pages));
            }
        }
        works
    }

    fn wants(&self, workload: Workload, page: &Page) -> bool {
        if self.subjects.is_empty() {
            // The two pages that show what a failure means for the other sayings.
            return self.fail.is_none()
                || ["async-gather", "async-task-group"].contains(&page.name);
        }
        let mut subjects = self.subjects.iter();
        subjects.any(|subject| subject == page.name || subject == workload.name())
    }

    /// What is wrong with the combination of options, if anything. clap checks each option by
    /// itself.
    fn problem(&self) -> Option<String> {
        let works = self.works();
        let workloads: Vec<_> = works.iter().map(|(work, _)| work.workload()).collect();
        if let Some(idle) = idle(&self.sizes, |it| workloads.contains(&it)) {
            return Some(idle + " not drawn");
        }
        self.fail?;
        let other = workloads
            .iter()
            .find(|other| **other != Workload::SayAfter)?;
        Some(format!("--fail is for say-after, not for {}", other.name()))
    }
}

#[derive(Args)]
pub struct Readme {
    /// Write nothing; fail if anything is out of step with the results
    #[arg(long)]
    pub check: bool,
}

#[derive(Args)]
pub struct Book {
    /// Open the book in the browser afterwards
    #[arg(long)]
    pub open: bool,
}

#[derive(Args)]
pub struct Serve {
    /// Where to listen, on 127.0.0.1; 0 takes a free port
    #[arg(long, default_value_t = 8000)]
    pub port: u16,

    /// How long the three demo pages and the photos take to answer
    #[arg(long, value_name = "SECONDS", default_value = "0.3", value_parser = parse_seconds)]
    pub delay: Duration,
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
             --workers 2 --sayings 0.1:a,0.2:b:c --repeat 3",
        )
        .unwrap();
        let Some(Task::Compare(compare)) = xtask.task else {
            panic!("not a compare")
        };
        assert_eq!(compare.limit(5), Limit::Rounds(1));
        let titles: Vec<_> = compare.works().iter().map(Work::title).collect();
        let expected = [
            "4 URLs, each answered after 10 ms, 2 at a time",
            "6 sayings, 3 of each: 0.1:a 0.2:b:c",
        ];
        assert_eq!(titles, expected);
        assert_eq!(compare.workloads, [Workload::SayAfter, Workload::FetchUrl]);
    }

    /// What is wrong with the combination of options of a `compare`.
    fn problem(arguments: &str) -> Option<String> {
        match parse(&format!("xtask compare {arguments}")).unwrap().task {
            Some(Task::Compare(compare)) => compare.problem(),
            _ => panic!("not a compare"),
        }
    }

    #[test]
    fn an_option_that_no_raced_workload_heeds_is_refused() {
        for (arguments, expected) in [
            (
                "say-after --urls 3",
                "--urls is for fetch-url, which is not raced",
            ),
            (
                "say-after --delay 3",
                "--delay is for fetch-url and thumbnails, which are not raced",
            ),
            (
                "fetch-url say-after --numbers 3",
                "--numbers is for heavy-calculation, which is not raced",
            ),
            (
                "fetch-url --sayings 1:a",
                "--sayings is for say-after, which is not raced",
            ),
            (
                "fetch-url --repeat 2",
                "--repeat is for say-after, which is not raced",
            ),
            (
                "fetch-url --photos 2",
                "--photos is for thumbnails, which is not raced",
            ),
        ] {
            assert_eq!(problem(arguments).as_deref(), Some(expected));
        }
        for arguments in [
            "--urls 3 --repeat 2",
            "fetch-url --urls 3",
            "say-after --workers 2",
        ] {
            assert_eq!(problem(arguments), None, "{arguments}");
        }
    }

    #[test]
    fn the_article_s_sizes_are_fixed() {
        assert_eq!(problem("--article"), None);
        let expected = "--article cannot be used with --workers";
        assert_eq!(problem("--article --workers 3").as_deref(), Some(expected));
    }

    #[test]
    fn another_program_takes_part_in_one_workload() {
        assert_eq!(problem("fetch-url --also mine=./prog"), None);
        for arguments in ["--also a=b", "fetch-url say-after --also a=b"] {
            assert!(
                problem(arguments)
                    .unwrap()
                    .starts_with("--also needs exactly one")
            );
        }
    }

    #[test]
    fn the_sizes_are_the_article_s_where_that_is_asked_for() {
        let titles = |arguments: &str| match parse(&format!("xtask compare{arguments}"))
            .unwrap()
            .task
        {
            Some(Task::Compare(compare)) => {
                compare.works().iter().map(Work::title).collect::<Vec<_>>()
            }
            _ => panic!("not a compare"),
        };
        let expected = [
            "3 URLs, each answered after 300 ms, 5 at a time",
            "the numbers 100000 150000 200000",
            "2 sayings: 1:hello 2:world",
            "3 photos, each answered after 300 ms, 5 at a time",
        ];
        assert_eq!(titles(" --article"), expected);
        let expected = [
            "400 URLs, each answered after 20 ms, 100 at a time",
            "40 numbers, each 10,000,000",
            "2,000 sayings, 1,000 of each: 0.1:hello 0.2:world",
            "100 photos, each answered after 20 ms, 10 at a time",
        ];
        assert_eq!(titles(""), expected);
        assert_eq!(
            titles(" heavy-calculation --python"),
            ["40 numbers, each 500,000"]
        );
        assert_eq!(titles(" say-after fetch-url").len(), 2);
    }

    /// The `timeline` with these arguments.
    fn timeline(arguments: &str) -> Timeline {
        let arguments = format!("xtask timeline {arguments}");
        match parse(arguments.trim()).unwrap().task {
            Some(Task::Timeline(timeline)) => timeline,
            _ => panic!("not a timeline"),
        }
    }

    #[test]
    fn timelines_are_of_the_article_s_sizes_where_nothing_else_is_said() {
        let titles = |arguments: &str| {
            let works = timeline(arguments).works().into_iter();
            works.map(|(work, _)| work.title()).collect::<Vec<_>>()
        };
        let expected = [
            "3 URLs, each answered after 300 ms, 5 at a time",
            "the numbers 20000000 30000000 40000000",
            "2 sayings: 1:hello 2:world",
            "8 photos, each answered after 20 ms, 4 at a time",
        ];
        assert_eq!(titles(""), expected);
        assert_eq!(
            titles("heavy-calculation --python"),
            ["the numbers 100000 150000 200000"]
        );
        let sizes = "--delay 0.02 --workers 2 --numbers 7 --sayings 0.1:a --repeat 3 \
                     --photos 9";
        let expected = [
            "3 URLs, each answered after 20 ms, 2 at a time",
            "the number 7",
            "3 sayings, 3 of each: 0.1:a",
            "9 photos, each answered after 20 ms, 2 at a time",
        ];
        assert_eq!(titles(sizes), expected);
        let expected = ["20 URLs, each answered after 300 ms, 5 at a time"];
        assert_eq!(titles("fetch-url --urls 20"), expected);
    }

    #[test]
    fn timelines_are_of_workloads_or_pages() {
        let pages = |arguments: &str| {
            let works = timeline(arguments).works().into_iter();
            works
                .flat_map(|(_, pages)| pages)
                .map(|page| page.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(pages("").len(), 22);
        assert_eq!(pages("heavy-calculation async-gather").len(), 6);
        assert_eq!(
            pages("async-gather threads-fetch-url"),
            ["threads-fetch-url", "async-gather"]
        );
        // These two pages differ in what a failure means for the other sayings.
        assert_eq!(pages("--fail 0.5"), ["async-gather", "async-task-group"]);
        assert_eq!(pages("async-gather-tasks --fail 1"), ["async-gather-tasks"]);
    }

    #[test]
    fn timelines_that_cannot_be_drawn_are_refused() {
        for (arguments, expected) in [
            (
                "say-after --urls 3",
                "--urls is for fetch-url, which is not drawn",
            ),
            (
                "async-gather --delay 3",
                "--delay is for fetch-url and thumbnails, which are not drawn",
            ),
            (
                "--fail 1 --numbers 3",
                "--numbers is for heavy-calculation, which is not drawn",
            ),
            (
                "say-after fetch-url --fail 1",
                "--fail is for say-after, not for fetch-url",
            ),
        ] {
            assert_eq!(timeline(arguments).problem().as_deref(), Some(expected));
        }
        for arguments in [
            "",
            "--urls 3",
            "threads-fetch-url --urls 3",
            "--fail 1 --repeat 2",
            "say-after --fail 1",
            "threads-say-after --fail 1",
        ] {
            assert_eq!(timeline(arguments).problem(), None, "{arguments}");
        }
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
            "xtask compare --time 0",
            "xtask compare --time 5 --rounds 5",
            "xtask compare --timeout 0",
            "xtask compare --workers 0",
            "xtask compare --sayings 0:hello",
            "xtask compare --numbers 0",
            "xtask compare --numbers 1000000000001",
            "xtask compare --sayings hello",
            "xtask serve --port 65536",
            "xtask timeline fetch",
            "xtask timeline --fail 0",
            "xtask timeline --python-interpreter python3",
        ] {
            let error = parse(arguments)
                .err()
                .unwrap_or_else(|| panic!("accepted: {arguments}"));
            assert_eq!(error.exit_code(), 2, "{arguments}");
        }
    }
}
