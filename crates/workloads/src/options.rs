//! The command lines, the same for every model, and the result lines that answer them.

use std::collections::HashSet;
use std::fmt::{self, Display};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser};
use serde::{Deserialize, Serialize};

use crate::addresses::{server_url, url, urls_from};
use crate::exit::Exit;
use crate::http::FetchError;
use crate::print::{
    end_if_workers_cannot_print, give_up, print_error, print_note, shown, stdout_failed,
};
use crate::settings::Settings;
use crate::trace::Trace;
use crate::{descriptors, http, site};

/// The addresses that the article fetches.
const LIVE_URLS: [&str; 3] = [
    "https://www.python.org/",
    "https://www.djangoproject.com/",
    "https://flask.palletsprojects.com/",
];
const ARTICLE_NUMBERS: [u64; 3] = [100_000, 150_000, 200_000];
const ARTICLE_SAYINGS: [(Duration, &str); 2] = [
    (Duration::from_secs(1), "hello"),
    (Duration::from_secs(2), "world"),
];

const LARGEST_NUMBER: u64 = 1_000_000_000_000;
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
const MOST_WORKERS: usize = 10_000;
const MOST_SAYINGS: u64 = 10_000_000;

/// The command line of the `*-fetch-url` pages.
#[derive(Debug, Parser)]
pub struct FetchUrlOptions<M: More = Nothing> {
    /// Addresses to fetch [default: three pages of a demo site inside this program]
    #[arg(value_name = "URL", value_parser = url)]
    urls: Vec<String>,

    /// Take the addresses from a file, one a line (`-` is stdin); at most 1000000 in 100 MiB
    #[arg(long, value_name = "FILE", conflicts_with = "urls")]
    from: Option<PathBuf>,

    /// Fetch the three addresses of the article, from the internet
    #[arg(long, conflicts_with_all = ["urls", "from"])]
    live: bool,

    /// Fetch this many at a time, 1 to 10000; the sequential page always fetches one
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = workers,
          allow_hyphen_values = true)]
    max_workers: usize,

    /// Give up on an address after this time, its body included; at most a day
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds,
          allow_hyphen_values = true)]
    timeout: Duration,

    /// Give up on a body that is longer than this
    #[arg(long, value_name = "BYTES", default_value_t = 100 << 20,
          value_parser = clap::value_parser!(u64).range(1..), allow_hyphen_values = true)]
    max_bytes: u64,

    #[command(flatten)]
    more: M,

    #[command(flatten)]
    common: Common,

    /// How many the system's limit of open files carries at a time.
    #[arg(skip)]
    carried: usize,

    /// Keeps the demo site going for as long as the program needs it.
    #[arg(skip)]
    _site: Option<site::Site>,
}

impl<M: More> FetchUrlOptions<M> {
    /// Reads the command line of a page whose Python counterpart is `python`, ends the
    /// program where it asks for something impossible, and starts the demo site where it
    /// names no address.
    pub fn parse(python: &str) -> Self {
        let mut options: Self = parse(python, "--max-workers 2 https://www.python.org/");
        options
            .complete()
            .unwrap_or_else(|problem| refuse::<Self>(problem));
        let settings = options.common.settings::<Self>();
        options
            .prepare()
            .unwrap_or_else(|problem| give_up(&problem));
        Settings::adopt(Settings {
            timeout: options.timeout,
            max_bytes: options.max_bytes,
            keep_alive: options.can_keep_alive(),
            ..settings
        });
        options
    }

    /// Finds out what to fetch, and whether that can be asked for.
    fn complete(&mut self) -> Result<(), String> {
        if let Some(file) = &self.from {
            let named = |problem| format!("--from {}: {problem}", file.display());
            self.urls = urls_from(file).map_err(named)?;
        } else if self.live {
            self.urls = LIVE_URLS.map(String::from).into();
        }
        http::check_environment(&self.urls)
    }

    /// Finds out what this system carries, and starts the demo site where there is no
    /// address.
    fn prepare(&mut self) -> Result<(), String> {
        // Every fetch in flight holds a connection, and for a moment one descriptor more: when
        // it looks up a host, or when the process is started that waits for it. A connection
        // to the demo site has its other end in this program, too.
        let each = if self.urls.is_empty() { 3 } else { 2 };
        self.carried = descriptors::fetches(each)?;
        if self.urls.is_empty() {
            let site = site::Site::start(site::DEMO_DELAY)
                .map_err(|error| format!("cannot start the demo site: {error}"))?;
            print_note(
                "no address given, so these are pages of a demo site in this program \
                 (--live fetches the article's)",
            );
            self.urls = site.pages();
            self._site = Some(site);
        }
        Ok(())
    }

    /// Whether there are descriptors enough to keep a connection to every host open beside
    /// those in use.
    fn can_keep_alive(&self) -> bool {
        let spare = self
            .carried
            .saturating_sub(self.max_workers.min(self.urls.len()));
        let host =
            |url| reqwest::Url::parse(url).map(|url| url.origin().ascii_serialization());
        // Most of the time there are, and nobody needs to look at a million addresses.
        spare >= self.urls.len()
            || spare
                >= self
                    .urls
                    .iter()
                    .flat_map(|url| host(url))
                    .collect::<HashSet<_>>()
                    .len()
    }

    /// How many to fetch at a time: as `--max-workers` says, but no more than the system
    /// carries, which is said then.
    pub fn max_workers(&self) -> usize {
        let wanted = self.max_workers.min(self.urls.len());
        if self.carried < wanted {
            print_note(&format!(
                "no more than {} open files are allowed here (ulimit -n), so it is {} fetches \
                 at a time instead of {wanted}",
                descriptors::limit(),
                self.carried
            ));
        }
        wanted.min(self.carried)
    }

    /// The addresses to fetch.
    pub fn urls(&self) -> std::vec::IntoIter<String> {
        self.urls.clone().into_iter()
    }

    /// Prints each address with its length on stdout, or on stderr why there is none.
    /// The results come in the order of [`urls`](Self::urls).
    pub fn report<E: Into<anyhow::Error>>(
        &self,
        results: impl IntoIterator<Item = Result<usize, E>>,
    ) -> Exit {
        let results = self.urls().zip(results).map(|(url, result)| {
            result.map_err(|error| {
                let error = error.into();
                match error.downcast_ref::<FetchError>() {
                    Some(error) => error.report(&url),
                    None => format!("{error:#}"),
                }
            })
        });
        let line = |url: &String, length| Some(format!("URL: {url}, Length: {length}"));
        report(self.urls(), results, line)
    }
}

/// The command line of the `*-heavy-calculation` pages.
#[derive(Debug, Parser)]
pub struct HeavyCalculationOptions<M: More = Nothing> {
    /// Numbers to calculate for, each from 1 to 10^12 [default: 100000 150000 200000]
    #[arg(value_name = "NUMBER", allow_negative_numbers = true, value_parser = number)]
    numbers: Vec<u64>,

    /// Calculate for this many at a time, 1 to 10000 [default: one per usable core]; the
    /// sequential page always calculates for one
    #[arg(long, value_name = "N", default_value_t = usable_cores(),
          hide_default_value = true, value_parser = workers, allow_hyphen_values = true)]
    pub max_workers: usize,

    #[command(flatten)]
    more: M,

    #[command(flatten)]
    common: Common,
}

impl<M: More> HeavyCalculationOptions<M> {
    /// Reads the command line of a page whose Python counterpart is `python`, and ends the
    /// program where it asks for something impossible.
    pub fn parse(python: &str) -> Self {
        let mut options: Self = parse(python, "--max-workers 2 20_000_000 30_000_000");
        Settings::adopt(options.common.settings::<Self>());
        if options.numbers.is_empty() {
            options.numbers = ARTICLE_NUMBERS.into();
        }
        options
    }

    /// The numbers to calculate for.
    pub fn numbers(&self) -> std::vec::IntoIter<u64> {
        self.numbers.clone().into_iter()
    }

    /// Prints each number with its result on stdout, or on stderr why there is none.
    /// The results come in the order of [`numbers`](Self::numbers).
    pub fn report<E: Display>(
        &self,
        results: impl IntoIterator<Item = Result<u128, E>>,
    ) -> Exit {
        let line = |num: &u64, sum| Some(format!("Calculation for {num} returned {sum}"));
        report(self.numbers(), results, line)
    }
}

/// The command line of the `*-say-after` pages, of `async-gather*` and `async-task-group`.
#[derive(Debug, Parser)]
pub struct SayAfterOptions<M: More = Nothing> {
    /// What to say and how long to wait before it, at most a day [default: 1:hello 2:world]
    #[arg(value_name = "SECONDS:WHAT", value_parser = saying)]
    sayings: Vec<(Duration, Arc<str>)>,

    /// Say the whole list this many times over; every saying is a task of its own
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..=MOST_SAYINGS), allow_hyphen_values = true)]
    repeat: u64,

    #[command(flatten)]
    more: M,

    #[command(flatten)]
    common: Common,
}

/// What only some of the pages take.
pub trait More: Args {
    /// When the saying that fails does so, if there is one.
    fn fail(&self) -> Option<Duration> {
        None
    }
}

/// Nothing more than every page takes.
#[derive(Args, Debug)]
pub struct Nothing {}

impl More for Nothing {}

/// `--max-workers`, for the `say_after` pages that have a pool.
#[derive(Args, Debug)]
pub struct MaxWorkers<M: More = Nothing> {
    /// Say this many at a time, 1 to 10000 [default: all, but no more than 10000 threads or
    /// 200 processes]
    #[arg(long, value_name = "N", value_parser = workers, allow_hyphen_values = true)]
    max_workers: Option<usize>,

    #[command(flatten)]
    more: M,
}

impl<M: More> More for MaxWorkers<M> {}

/// `--fail`, for the async pages.
#[derive(Args, Debug)]
pub struct Fail {
    /// Add a saying that fails after this time, at most a day
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_hyphen_values = true)]
    fail: Option<Duration>,
}

/// `--server` and its like, for the pages whose work may be done on other machines.
#[derive(Args, Debug)]
pub struct Machines {
    /// Leave the work to the workers at this NATS server, nats://HOST:4222 or tls://HOST:4222
    /// with user:password@ where it asks for them [default: a server and workers of its own]
    #[arg(long, value_name = "URL", conflicts_with = "max_workers", value_parser = server_url)]
    pub server: Option<String>,

    /// Be a worker at the server until SIGTERM; `--worker --help` lists what else that takes
    #[arg(long, requires = "server")]
    worker: bool,

    /// Give up where no worker takes a job for this time, at most a day
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_hyphen_values = true)]
    pub wait: Option<Duration>,
}

impl More for Machines {}

impl More for Fail {
    fn fail(&self) -> Option<Duration> {
        self.fail
    }
}

/// One task of the `say_after` pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saying {
    /// How long to wait before it is said.
    pub delay: Duration,
    /// What is said, or the failure that `--fail` puts in its place. The text is shared: a
    /// million sayings need no million copies of it.
    pub what: Result<Arc<str>, SayError>,
}

impl Display for Saying {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.what {
            Ok(what) => write!(f, "{}:{what}", self.delay.as_secs_f64()),
            Err(error) => error.fmt(f),
        }
    }
}

/// Why nothing was said: `--fail` asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SayError;

impl Display for SayError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a saying failed, as --fail asked")
    }
}

impl std::error::Error for SayError {}

impl<M: More> SayAfterOptions<M> {
    /// Reads the command line of a page whose Python counterpart is `python`, and ends the
    /// program where it asks for something impossible.
    pub fn parse(python: &str) -> Self {
        let mut options: Self = parse(python, "0.5:hello 1.5:world");
        Settings::adopt(options.common.settings::<Self>());
        if options.sayings.is_empty() {
            options.sayings = ARTICLE_SAYINGS
                .map(|(delay, what)| (delay, what.into()))
                .into();
        }
        let list = options.sayings.len() as u64;
        if list.saturating_mul(options.repeat) > MOST_SAYINGS {
            refuse::<Self>(format!(
                "--repeat {}: {list} sayings, repeated that often, are more than {MOST_SAYINGS}",
                options.repeat
            ));
        }
        options
    }

    /// The sayings, `--fail`'s last.
    pub fn sayings(&self) -> impl Iterator<Item = Saying> + Send + use<M> {
        let list = self.sayings.clone();
        let failing = self.more.fail();
        (0..self.repeat)
            .flat_map(move |_| list.clone())
            .map(|(delay, what)| Saying {
                delay,
                what: Ok(what),
            })
            .chain(failing.map(|delay| Saying {
                delay,
                what: Err(SayError),
            }))
    }

    /// Says on stderr which sayings failed. The results come in the order of
    /// [`sayings`](Self::sayings).
    pub fn report<E: Display>(
        &self,
        results: impl IntoIterator<Item = Result<(), E>>,
    ) -> Exit {
        report(self.sayings(), results, |_, ()| None)
    }
}

impl SayAfterOptions<Fail> {
    /// Says that all tasks are done, `--quiet` or not: it is the result of a task group.
    pub fn report_completed(&self) -> Exit {
        let line = match self.sayings().count() {
            2 => "Both tasks have now completed.".to_owned(),
            n => format!("All {n} tasks have now completed."),
        };
        writeln!(io::stdout(), "{line}").unwrap_or_else(|error| stdout_failed(&error));
        Exit::Success
    }
}

impl<M: More> SayAfterOptions<MaxWorkers<M>> {
    /// As many workers as `--max-workers` says, else one for each saying but no more than
    /// `most`.
    pub fn max_workers(&self, most: usize) -> usize {
        let sayings = self.sayings.len().saturating_mul(self.repeat as usize);
        self.more.max_workers.unwrap_or(sayings.min(most))
    }
}

impl FetchUrlOptions<Machines> {
    /// Where the work is done.
    pub fn machines(&self) -> &Machines {
        &self.more
    }
}

impl HeavyCalculationOptions<Machines> {
    /// Where the work is done.
    pub fn machines(&self) -> &Machines {
        &self.more
    }
}

impl SayAfterOptions<MaxWorkers<Machines>> {
    /// Where the work is done.
    pub fn machines(&self) -> &Machines {
        &self.more.more
    }
}

/// What every page takes.
#[derive(Args, Debug)]
struct Common {
    /// Print nothing but the results at the end
    #[arg(long)]
    quiet: bool,

    /// Record who did what when, as a Chrome trace (for Perfetto or speedscope)
    #[arg(long, value_name = "FILE")]
    trace: Option<String>,
}

impl Common {
    /// The settings that these ask for. This begins the trace, or ends the program where
    /// that cannot be written.
    fn settings<T: CommandFactory>(&self) -> Settings {
        let begin = |file: &String| {
            let trace = Trace::begin(file.clone(), &program());
            trace.unwrap_or_else(|error| refuse::<T>(format!("--trace {file}: {error}")))
        };
        Settings {
            quiet: self.quiet,
            trace: self.trace.as_ref().map(begin),
            ..Settings::default()
        }
    }
}

/// Reads the command line; `--help` shows the Python counterpart and an example. Ends the
/// program where the system lets it open next to nothing.
fn parse<T: CommandFactory + FromArgMatches>(python: &str, example: &str) -> T {
    let program = program();
    let command = T::command()
        .about(format!("In Python: {python}"))
        .after_help(format!("Example: {program} {example}"));
    let options = T::from_arg_matches(&command.get_matches());
    let options = options.unwrap_or_else(|error| error.exit());
    descriptors::check_program().unwrap_or_else(|problem| give_up(&problem));
    options
}

/// Ends the program as clap does when it meets a wrong argument: with exit code 2.
fn refuse<T: CommandFactory>(problem: String) -> ! {
    T::command()
        .bin_name(program())
        .error(ErrorKind::ValueValidation, problem)
        .exit()
}

/// The name this program was started by.
fn program() -> String {
    let program = std::env::args_os().next().unwrap_or_default();
    Path::new(&program)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Prints the results in order, successes on stdout and failures on stderr.
fn report<I: Display, T, E: Display>(
    items: impl Iterator<Item = I>,
    results: impl IntoIterator<Item = Result<T, E>>,
    line: impl Fn(&I, T) -> Option<String>,
) -> Exit {
    end_if_workers_cannot_print();
    let mut stdout = BufWriter::new(io::stdout().lock());
    let mut exit = Exit::Success;
    let print = || {
        for (item, result) in items.zip(results) {
            match result.map(|value| line(&item, value)) {
                Ok(Some(line)) => writeln!(stdout, "{line}")?,
                Ok(None) => {}
                Err(error) => {
                    print_error(&format_args!("{}: {error:#}", shown(&item.to_string())));
                    exit = Exit::Failure;
                }
            }
        }
        stdout.flush()
    };
    print().unwrap_or_else(|error| stdout_failed(&error));
    exit
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().map_err(|error| error.to_string())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if !time.is_zero() && time <= LONGEST => Ok(time),
        _ => Err(format!(
            "not a time above 0 and up to {} seconds",
            LONGEST.as_secs()
        )),
    }
}

fn saying(text: &str) -> Result<(Duration, Arc<str>), String> {
    let (delay, what) = text.split_once(':').ok_or("not of the form SECONDS:WHAT")?;
    Ok((seconds(delay)?, what.into()))
}

/// A whole number; underscores may group its digits, as in Python.
fn number(text: &str) -> Result<u64, String> {
    match text.replace('_', "").parse() {
        Ok(number) if (1..=LARGEST_NUMBER).contains(&number) => Ok(number),
        _ => Err(format!("not a whole number from 1 to {LARGEST_NUMBER}")),
    }
}

fn workers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(workers) if (1..=MOST_WORKERS).contains(&workers) => Ok(workers),
        _ => Err(format!("not a whole number from 1 to {MOST_WORKERS}")),
    }
}

fn usable_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
