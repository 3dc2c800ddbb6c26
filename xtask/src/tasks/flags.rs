//! The command line, declared once: what is written here is also the help text.

use std::fmt::Display;
use std::path::PathBuf;
use std::process;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{
    Arg, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
};
use page_list::{parse_positive_seconds, parse_seconds};

use crate::measure::machine;
use crate::racers::racer::Also;
use crate::racers::workload::{Saying, Work, Workload};

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
    /// Draw who did what when: a lane for each worker, a bar for each item
    ///
    /// Builds the pages in release, runs each of them once with --trace, at the article's
    /// sizes where no option says otherwise, and draws what they did on one axis of time. For
    /// an async page the lanes are slots, and below them is when its threads were busy. Writes
    /// to target/compare: the pictures as SVG, what they are drawn from as timeline.json, and
    /// each trace, to be opened in Perfetto (ui.perfetto.dev) or speedscope.
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
    let xtask = Xtask::from_arg_matches(&command().get_matches());
    let xtask = xtask.unwrap_or_else(|error| error.exit());
    let task = xtask.task.unwrap_or_else(|| {
        // Nothing is left to do about a help text that cannot be printed.
        let _ = command().print_help();
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

/// The declaration, in which the sizes of timelines are not said to be those of races.
fn command() -> Command {
    let sizes = Sizes::augment_args(Command::default());
    let is_size = |arg: &Arg| {
        sizes
            .get_arguments()
            .any(|size| size.get_id() == arg.get_id())
    };
    let without_default = |arg: Arg| {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        match help.split_once(" [default: ") {
            Some((what, _)) if is_size(&arg) => arg.help(what.to_string()),
            _ => arg,
        }
    };
    Xtask::command().mut_subcommand("timeline", |timeline| {
        let timeline = timeline.mut_args(without_default);
        timeline.mut_arg("article", |arg| arg.hide(true))
    })
}

/// Ends the program as clap does when it meets a wrong argument: with 2.
pub fn refuse(problem: impl Display) -> ! {
    command().error(ErrorKind::ValueValidation, problem).exit()
}

#[derive(Args)]
pub struct List {
    /// A name in Python or Rust, such as wait_for or JoinSet
    pub word: Option<String>,
}

#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask diff threads processes fetch-url
  cargo xtask diff async-gather async-task-group
  cargo xtask diff wait-for                      a page and its twin in Python")]
pub struct Diff {
    /// Two models and a workload, two pages, or one page
    #[arg(required = true, num_args = 1..=3, value_name = "NAME")]
    pub what: Vec<String>,
}

#[derive(Args)]
pub struct Compare {
    /// What to race [default: all of them]
    #[arg(value_enum)]
    pub workloads: Vec<Workload>,

    /// How often every racer runs, after a check of its results [default: 10, or 6 with --python]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: Option<u32>,

    /// How long the runs of one racer may take in all
    ///
    /// A slow one runs fewer rounds. One that could not end in this time even if nothing but
    /// the waiting or the calculating took time is left out; one that does not end all the
    /// same is killed and has failed.
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = parse_positive_seconds)]
    pub share: Duration,

    /// Race only these, for instance threads,async
    #[arg(long, value_name = "RACER,...", value_delimiter = ',')]
    pub only: Vec<String>,

    /// Let a program of your own take part, in one workload
    ///
    /// COMMAND is split into words as a shell would, but no shell runs it. It is given what
    /// the threads page is given, and has to print the same results. May be repeated.
    #[arg(long, value_name = "NAME=COMMAND")]
    pub also: Vec<Also>,

    /// Race the same programs in CPython as well (made ready under the target directory)
    #[arg(long)]
    pub python: bool,

    /// The Python to race, 3.11 or later, free-threaded ones included; may be repeated
    #[arg(long, value_name = "PATH", requires = "python")]
    pub python_interpreter: Vec<PathBuf>,

    /// Draw the order within the rounds from this number, to repeat that of an earlier race
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

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

    /// What is asked for, each at its size.
    pub fn works(&self) -> Vec<Work> {
        let wanted = |workload: &&Workload| {
            self.workloads.is_empty() || self.workloads.contains(workload)
        };
        let workloads = Workload::value_variants().iter().filter(wanted);
        workloads
            .map(|workload| self.sizes.work(*workload, self.python))
            .collect()
    }

    /// What is wrong with this, if something is that the parts by themselves do not show.
    fn problem(&self) -> Option<String> {
        let raced = |workload: &Workload| {
            self.workloads.is_empty() || self.workloads.contains(workload)
        };
        if let Some((option, workload)) = self.sizes.idle(raced) {
            return Some(format!("{option} is for {workload}, which is not raced"));
        }
        if !self.also.is_empty() && self.workloads.len() != 1 {
            return Some(
                "--also needs exactly one workload, for instance fetch-url".into(),
            );
        }
        None
    }
}

/// How much work is raced.
#[derive(Args, Clone)]
pub struct Sizes {
    /// Race the article's own sizes: three pages, three numbers, hello and world
    #[arg(long, conflicts_with_all = ["urls", "delay", "workers", "numbers", "sayings", "repeat"])]
    pub article: bool,

    /// fetch-url: how many URLs [default: 400]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub urls: Option<u32>,

    /// fetch-url: how long the site waits before it answers [default: 0.02]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub delay: Option<Duration>,

    /// How many at a time [default: 100 URLs, a number for each core; of sayings all in
    /// threads, 200 in processes and on machines]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub workers: Option<u32>,

    /// heavy-calculation: the numbers [default: forty times 10000000; 500000 with --python]
    #[arg(long, value_name = "N,N,...", value_delimiter = ',')]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub numbers: Vec<u64>,

    /// say-after: the sayings [default: 0.1:hello,0.2:world]
    #[arg(long, value_name = "SECONDS:WHAT,...", value_delimiter = ',')]
    pub sayings: Vec<Saying>,

    /// say-after: how many times over all sayings are said [default: 1000]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub repeat: Option<u32>,
}

impl Sizes {
    /// A workload at the size that is asked for.
    fn work(&self, workload: Workload, python: bool) -> Work {
        let cores = u32::try_from(machine::cores()).unwrap_or(u32::MAX);
        match workload {
            Workload::FetchUrl if self.article => {
                let delay = self.delay.unwrap_or(Duration::from_millis(300));
                let workers = self.workers.unwrap_or(5);
                match self.urls {
                    None => Work::demo_pages(delay, workers),
                    Some(urls) => Work::fetch(urls, delay, workers),
                }
            }
            Workload::FetchUrl => Work::fetch(
                self.urls.unwrap_or(400),
                self.delay.unwrap_or(Duration::from_millis(20)),
                self.workers.unwrap_or(100),
            ),
            Workload::HeavyCalculation => Work::HeavyCalculation {
                numbers: match &self.numbers[..] {
                    [] if self.article => vec![100_000, 150_000, 200_000],
                    // Some tenths of a second, also in Python.
                    [] => vec![if python { 500_000 } else { 10_000_000 }; 40],
                    numbers => numbers.to_vec(),
                },
                workers: self.workers.unwrap_or(cores),
            },
            Workload::SayAfter => Work::SayAfter {
                sayings: match &self.sayings[..] {
                    [] if self.article => sayings("1:hello", "2:world"),
                    [] => sayings("0.1:hello", "0.2:world"),
                    sayings => sayings.to_vec(),
                },
                repeat: match self.repeat {
                    None if self.article => 1,
                    repeat => repeat.unwrap_or(1000),
                },
                workers: self.workers,
            },
        }
    }

    /// The options that were given, and the workloads that heed them.
    fn given(&self) -> Vec<(&'static str, &'static [Workload])> {
        use Workload::{FetchUrl, HeavyCalculation, SayAfter};
        let options: [(_, _, &[Workload]); 5] = [
            ("--urls", self.urls.is_some(), &[FetchUrl]),
            ("--delay", self.delay.is_some(), &[FetchUrl]),
            ("--numbers", !self.numbers.is_empty(), &[HeavyCalculation]),
            ("--sayings", !self.sayings.is_empty(), &[SayAfter]),
            ("--repeat", self.repeat.is_some(), &[SayAfter]),
        ];
        let given = options.into_iter().filter(|(_, given, _)| *given);
        given.map(|(option, _, heeds)| (option, heeds)).collect()
    }

    /// An option that was given though none of the workloads heeds it, and one that would.
    fn idle(
        &self,
        is_wanted: impl Fn(&Workload) -> bool,
    ) -> Option<(&'static str, &'static str)> {
        let mut given = self.given().into_iter();
        let idle = given.find(|(_, workloads)| !workloads.iter().any(&is_wanted));
        idle.map(|(option, workloads)| (option, workloads[0].name()))
    }
}

fn sayings(first: &str, second: &str) -> Vec<Saying> {
    [first, second]
        .into_iter()
        .filter_map(|saying| saying.parse().ok())
        .collect()
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
  cargo xtask timeline fetch-url --urls 20   more than fits the workers at once
  cargo xtask timeline --fail 0.5            what goes on, and what is cancelled")]
pub struct Timeline {
    /// Workloads or single pages [default: all of them]
    #[arg(value_name = "WORKLOAD|PAGE", hide_possible_values = true)]
    #[arg(value_parser = PossibleValuesParser::new(subjects()))]
    subjects: Vec<String>,

    /// Let a saying fail after this time, in async-gather and async-task-group, or in those named
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
    let names = workloads.clone().map(|workload| workload.name());
    names
        .chain(workloads.flat_map(|workload| workload.pages()).copied())
        .collect()
}

impl Timeline {
    /// What is asked for: work, and the pages that are to do it.
    pub fn works(&self) -> Vec<(Work, Vec<&'static str>)> {
        let sizes = Sizes {
            article: true,
            ..self.sizes.clone()
        };
        let works = Workload::value_variants().iter().map(|workload| {
            let pages = workload.pages().iter().copied();
            let pages = pages.filter(|page| self.wants(*workload, page)).collect();
            (sizes.work(*workload, self.python), pages)
        });
        works
            .filter(|(_, pages): &(_, Vec<_>)| !pages.is_empty())
            .collect()
    }

    fn wants(&self, workload: Workload, page: &str) -> bool {
        if self.subjects.is_empty() {
            // The two that show what a failure means for the others.
            return self.fail.is_none()
                || ["async-gather", "async-task-group"].contains(&page);
        }
        let mut subjects = self.subjects.iter();
        subjects.any(|subject| subject == page || subject == workload.name())
    }

    /// What is wrong with this, if something is that the parts by themselves do not show.
    fn problem(&self) -> Option<String> {
        let works = self.works();
        let drawn = |workload: &Workload| {
            works.iter().any(|(work, _)| work.workload() == *workload)
        };
        if let Some((option, workload)) = self.sizes.idle(drawn) {
            return Some(format!("{option} is for {workload}, which is not drawn"));
        }
        self.fail?;
        let mut workloads = works.iter().map(|(work, _)| work.workload());
        let other = workloads.find(|workload| *workload != Workload::SayAfter)?;
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

    /// How long the three demo pages take to answer
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
             --workers 2 --numbers 1000,2000 --sayings 0.1:a,0.2:b:c --repeat 3",
        )
        .unwrap();
        let Some(Task::Compare(compare)) = xtask.task else {
            panic!("not a compare")
        };
        assert_eq!(compare.rounds(), 1);
        assert_eq!(compare.sizes.numbers, [1000, 2000]);
        assert_eq!(compare.sizes.delay, Some(Duration::from_millis(10)));
        let whats: Vec<_> = compare.sizes.sayings.iter().map(|s| &s.what[..]).collect();
        assert_eq!(whats, ["a", "b:c"]);
        assert_eq!(compare.workloads, [Workload::SayAfter, Workload::FetchUrl]);
    }

    /// What is wrong with a `compare`, beyond what its options show by themselves.
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
                "--delay is for fetch-url, which is not raced",
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
    fn another_program_takes_part_in_one_workload() {
        assert_eq!(problem("fetch-url --also mine=./prog"), None);
        for arguments in ["--also a=b", "fetch-url say-after --also a=b"] {
            assert!(
                problem(arguments)
                    .unwrap()
                    .starts_with("--also needs exactly one")
            );
        }
        for wrong in ["prog", "=prog", "a b=prog", "a=", "a='open"] {
            assert!(wrong.parse::<Also>().is_err(), "{wrong}");
        }
        let also: Also = "my-1=python3 -c 'a b' x=y".parse().unwrap();
        assert_eq!(also.name, "my-1");
        assert_eq!(also.program, PathBuf::from("python3"));
        assert_eq!(also.arguments, ["-c", "a b", "x=y"]);
        let also: Also = "it=./a/prog".parse().unwrap();
        assert!(also.program.is_absolute(), "{also:?}");
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
        ];
        assert_eq!(titles(" --article"), expected);
        let expected = [
            "400 URLs, each answered after 20 ms, 100 at a time",
            "the number 10000000, 40 times",
            "2,000 sayings: 0.1:hello 0.2:world, 1,000 times",
        ];
        assert_eq!(titles(""), expected);
        assert_eq!(
            titles(" heavy-calculation --python"),
            ["the number 500000, 40 times"]
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
            "the numbers 100000 150000 200000",
            "2 sayings: 1:hello 2:world",
        ];
        assert_eq!(titles(""), expected);
        let sizes = "--delay 0.02 --workers 2 --numbers 7 --sayings 0.1:a --repeat 3";
        let expected = [
            "3 URLs, each answered after 20 ms, 2 at a time",
            "the number 7",
            "3 sayings: 0.1:a, 3 times",
        ];
        assert_eq!(titles(sizes), expected);
        let expected = ["20 URLs, each answered after 300 ms, 5 at a time"];
        assert_eq!(titles("fetch-url --urls 20"), expected);
    }

    #[test]
    fn timelines_are_of_workloads_or_pages() {
        let pages = |arguments: &str| {
            let works = timeline(arguments).works().into_iter();
            works.flat_map(|(_, pages)| pages).collect::<Vec<_>>()
        };
        assert_eq!(pages("").len(), 17);
        assert_eq!(pages("heavy-calculation async-gather").len(), 6);
        assert_eq!(
            pages("async-gather threads-fetch-url"),
            ["threads-fetch-url", "async-gather"]
        );
        // What a failure means for the others is the difference between these two.
        assert_eq!(pages("--fail 0.5"), ["async-gather", "async-task-group"]);
        assert_eq!(pages("async-gather-tasks --fail 1"), ["async-gather-tasks"]);
    }

    #[test]
    fn timelines_that_nobody_could_draw_are_refused() {
        for (arguments, expected) in [
            (
                "say-after --urls 3",
                "--urls is for fetch-url, which is not drawn",
            ),
            (
                "async-gather --delay 3",
                "--delay is for fetch-url, which is not drawn",
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
    fn the_help_does_not_promise_the_defaults_of_another_task() {
        let help = |task: &str| {
            let mut command = command();
            let task = command.find_subcommand_mut(task).unwrap();
            task.render_long_help().to_string()
        };
        assert!(help("compare").contains("how many URLs [default: 400]"));
        assert!(help("compare").contains("--article"));
        let timeline = help("timeline");
        assert!(timeline.contains("how many URLs\n"), "{timeline}");
        assert!(!timeline.contains("[default: 400]") && !timeline.contains("--article"));
        assert!(timeline.contains("[default: all of them]"), "{timeline}");
        assert!(timeline.contains("[default: compare in"), "{timeline}");
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
            "xtask compare --share 0",
            "xtask compare --workers 0",
            "xtask compare --sayings 0:hello",
            "xtask compare --numbers 0",
            "xtask compare --numbers 1000000000001",
            "xtask compare --sayings hello",
            "xtask compare --article --urls 3",
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
