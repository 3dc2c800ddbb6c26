//! The command lines, the same for every model, and the result lines that answer them.

use std::fmt::{self, Display};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, Command, FromArgMatches};
use page_list::positive_seconds;
use serde::{Deserialize, Serialize};

use crate::addresses::{is_loopback, server_url, url, urls_from};
use crate::exit::Exit;
use crate::http::FetchError;
use crate::print::{
    end_if_stdout_failed, give_up, print_error, print_note, shown, stdout_failed,
    without_passwords,
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
const MOST_WORKERS: usize = 10_000;
const MOST_SAYINGS: u64 = 10_000_000;

/// The command line of the `*-fetch-url` pages.
#[derive(Args, Debug)]
pub struct FetchUrlOptions {
    /// Addresses to fetch [default: three pages of a demo site inside this program]
    #[arg(value_name = "URL")]
    urls: Vec<String>,

    /// Take the addresses from a file, one a line (`-` is stdin); at most 1000000 in 100 MiB
    #[arg(long, value_name = "FILE", conflicts_with = "urls")]
    from: Option<PathBuf>,

    /// Fetch the three addresses of the article, from the internet
    #[arg(long, conflicts_with_all = ["urls", "from"])]
    live: bool,

    /// Fetch N at a time, 1 to 10000; the sequential page always fetches one
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = workers,
          allow_hyphen_values = true)]
    max_workers: usize,

    /// Give up on an address after this time, its body included; at most a day
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = positive_seconds,
          allow_hyphen_values = true)]
    timeout: Duration,

    /// Give up on a body that is longer than this
    #[arg(long, value_name = "BYTES", default_value_t = 100 << 20,
          value_parser = clap::value_parser!(u64).range(1..), allow_hyphen_values = true)]
    max_bytes: u64,

    #[command(flatten)]
    common: Common,

    /// How many fetches the system's limit of open files allows at a time.
    #[arg(skip)]
    most_fetches: usize,

    /// Runs the demo site until this is dropped.
    #[arg(skip)]
    _site: Option<site::Site>,
}

const FETCH_URL_NOTES: &str = "\
Certificates: Mozilla's are built in; SSL_CERT_FILE names a file with more.
Proxies: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY hold.
Cookies that come with a redirect are not kept, and a body that is compressed without being
asked for is not unpacked.";

impl FetchUrlOptions {
    /// Reads the command line of a page whose Python counterpart is `python`, ends the
    /// program if it asks for something impossible, and starts the demo site if it names no
    /// address.
    pub fn parse(python: &str) -> Self {
        parse::<Self>(Self::command(python)).completed()
    }

    /// The same for a page that can leave its work to other machines.
    pub fn parse_with_machines(python: &str) -> (Self, Machines) {
        let (options, machines) = parse_with_machines::<Self>(Self::command(python));
        (options.completed(), machines)
    }

    fn command(python: &str) -> Command {
        command(
            "Fetches web pages.",
            python,
            "--max-workers 2 https://www.python.org/",
        )
        .after_long_help(FETCH_URL_NOTES)
    }

    fn completed(mut self) -> Self {
        self.urls = self.addresses().unwrap_or_else(|problem| refuse(problem));
        http::check_environment().unwrap_or_else(|problem| refuse(problem));
        let settings = self.common.settings();
        self.most_fetches = descriptors::most_fetches().unwrap_or_else(|e| give_up(&e));
        if self.urls.is_empty() {
            let site = site::Site::start(site::DEMO_DELAY).unwrap_or_else(|error| {
                give_up(&format_args!("cannot start the demo site: {error}"))
            });
            print_note(
                "no address given, so these are pages of a demo site in this program \
                 (--live fetches the article's)",
            );
            self.urls = site.pages();
            self._site = Some(site);
        }
        Settings::adopt(Settings {
            timeout: self.timeout,
            max_bytes: self.max_bytes,
            // Each address may be on another host, and keep a connection of its own open.
            keep_alive: self.urls.len() <= self.most_fetches,
            no_proxy: http::is_proxy_off()
                || self.urls.iter().all(|url| is_loopback(url)),
            ..settings
        });
        self
    }

    /// The addresses that the command line asks for; none if it leaves that to the program.
    fn addresses(&self) -> Result<Vec<String>, String> {
        if let Some(file) = &self.from {
            let urls = urls_from(file);
            return urls
                .map_err(|problem| format!("--from {}: {problem}", file.display()));
        }
        if self.live {
            return Ok(LIVE_URLS.map(String::from).into());
        }
        let check = |text: &String| {
            url(text).map_err(|problem| format!("URL {}: {problem}", shown(text)))
        };
        self.urls.iter().map(check).collect()
    }

    /// How many to fetch at a time: `--max-workers`, but not more than the limit of open files
    /// allows. If that is less, a note says so.
    pub fn max_workers(&self) -> usize {
        let wanted = self.max_workers.min(self.urls.len());
        if self.most_fetches < wanted {
            print_note(&format!(
                "{} fetches at a time instead of {wanted}: no more than {} open files are \
                 allowed here (ulimit -n)",
                self.most_fetches,
                descriptors::limit(),
            ));
        }
        wanted.min(self.most_fetches)
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
                    None => error.to_string(),
                }
            })
        });
        report(self.urls(), results, |url, length| {
            Some(format!("URL: {}, Length: {length}", without_passwords(url)))
        })
    }
}

/// The command line of the `*-heavy-calculation` pages.
#[derive(Args, Debug)]
pub struct HeavyCalculationOptions {
    /// Numbers to calculate for, each from 1 to 10^12 [default: 100000 150000 200000]
    #[arg(value_name = "NUMBER", allow_negative_numbers = true, value_parser = number)]
    numbers: Vec<u64>,

    /// Calculate for N at a time, 1 to 10000 [default: one per usable core]; the sequential
    /// page always calculates for one
    #[arg(long, value_name = "N", default_value_t = usable_cores(),
          hide_default_value = true, value_parser = workers, allow_hyphen_values = true)]
    pub max_workers: usize,

    #[command(flatten)]
    common: Common,
}

impl HeavyCalculationOptions {
    /// Reads the command line of a page whose Python counterpart is `python`, and ends the
    /// program if it asks for something impossible.
    pub fn parse(python: &str) -> Self {
        parse::<Self>(Self::command(python)).completed()
    }

    /// The same for a page that can leave its work to other machines.
    pub fn parse_with_machines(python: &str) -> (Self, Machines) {
        let (options, machines) = parse_with_machines::<Self>(Self::command(python));
        (options.completed(), machines)
    }

    fn command(python: &str) -> Command {
        let example = "--max-workers 2 20_000_000 30_000_000";
        command("Sums up the squares below a number.", python, example)
    }

    fn completed(mut self) -> Self {
        Settings::adopt(self.common.settings());
        if self.numbers.is_empty() {
            self.numbers = ARTICLE_NUMBERS.into();
        }
        self
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
        report(self.numbers(), results, |num, sum| {
            Some(format!("Calculation for {num} returned {sum}"))
        })
    }
}

/// The command line of the `*-say-after` pages, of `async-gather*` and `async-task-group`.
#[derive(Args, Debug)]
pub struct SayAfterOptions {
    /// What to say and how long to wait before it, at most a day [default: 1:hello 2:world]
    #[arg(value_name = "SECONDS:WHAT", value_parser = saying)]
    sayings: Vec<(Duration, Arc<str>)>,

    /// Say the whole list N times over; every saying is a task of its own
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..=MOST_SAYINGS),
          allow_hyphen_values = true)]
    repeat: u64,

    /// Say N at a time, 1 to 10000 [default: all, but no more than 10000 threads or 200
    /// processes]; the sequential page always says one, the async ones say all
    #[arg(long, value_name = "N", value_parser = workers, allow_hyphen_values = true)]
    max_workers: Option<usize>,

    /// Add a saying that fails after this time, at most a day
    #[arg(long, value_name = "SECONDS", value_parser = positive_seconds,
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
    /// What is said, or the failure that `--fail` puts in its place. The text is shared: a
    /// million sayings need no million copies of it.
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

/// Why nothing was said: `--fail` asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SayError;

impl Display for SayError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("this saying fails, as it was asked to")
    }
}

impl std::error::Error for SayError {}

impl SayAfterOptions {
    /// Reads the command line of a page whose Python counterpart is `python`, and ends the
    /// program if it asks for something impossible.
    pub fn parse(python: &str) -> Self {
        parse::<Self>(Self::command(python)).completed()
    }

    /// The same for a page that can leave its work to other machines.
    pub fn parse_with_machines(python: &str) -> (Self, Machines) {
        let (options, machines) = parse_with_machines::<Self>(Self::command(python));
        (options.completed(), machines)
    }

    fn command(python: &str) -> Command {
        command("Waits, and says something.", python, "0.5:hello 1.5:world")
    }

    fn completed(mut self) -> Self {
        Settings::adopt(self.common.settings());
        if self.sayings.is_empty() {
            self.sayings = ARTICLE_SAYINGS
                .map(|(delay, what)| (delay, what.into()))
                .into();
        }
        let count = (self.sayings.len() as u64).saturating_mul(self.repeat);
        if count > MOST_SAYINGS {
            refuse(format!(
                "--repeat {}: {count} sayings are more than {MOST_SAYINGS}",
                self.repeat
            ));
        }
        self
    }

    /// The sayings, `--fail`'s last.
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

    /// How many workers to start: `--max-workers`, else one for each saying but no more than
    /// `most`.
    pub fn max_workers(&self, most: usize) -> usize {
        self.max_workers.unwrap_or(self.count().min(most))
    }

    /// Says on stderr which sayings failed. The results come in the order of
    /// [`sayings`](Self::sayings).
    pub fn report<E: Display>(
        &self,
        results: impl IntoIterator<Item = Result<(), E>>,
    ) -> Exit {
        report(self.sayings(), results, |_, ()| None)
    }

    /// Says that all tasks are done, `--quiet` or not: it is the result of a task group.
    pub fn report_completed(&self) -> Exit {
        let line = match self.count() {
            2 => "Both tasks have now completed.".to_owned(),
            n => format!("All {n} tasks have now completed."),
        };
        writeln!(io::stdout(), "{line}").unwrap_or_else(|error| stdout_failed(&error));
        Exit::Success
    }
}

/// Where the work is done, for the pages that can leave it to other machines.
#[derive(Args, Debug)]
pub struct Machines {
    /// Leave the work to the workers at this NATS server, nats://HOST:4222 or tls://HOST:4222
    /// with user:password@ where it asks for them [default: a server and workers of its own]
    #[arg(long, value_name = "URL", conflicts_with = "max_workers", value_parser = server_url)]
    pub server: Option<String>,

    /// Be a worker at the server until SIGTERM; `--worker --help` lists what else that takes
    #[arg(long, requires = "server")]
    worker: bool,

    /// Give up if no worker takes a job for this time, at most a day
    #[arg(long, value_name = "SECONDS", value_parser = positive_seconds,
          allow_hyphen_values = true)]
    pub wait: Option<Duration>,
}

/// What every page takes.
#[derive(Args, Debug)]
struct Common {
    /// Print nothing but the results at the end
    #[arg(long)]
    quiet: bool,

    /// Record which item ran when and where, as a Chrome trace (for Perfetto or speedscope)
    #[arg(long, value_name = "FILE")]
    trace: Option<String>,
}

impl Common {
    /// The settings that these ask for. This begins the trace, or ends the program if that
    /// cannot be written.
    fn settings(&self) -> Settings {
        let begin = |file: &String| {
            Trace::begin(file.clone(), &program())
                .unwrap_or_else(|error| refuse(format!("--trace {file}: {error}")))
        };
        Settings {
            quiet: self.quiet,
            trace: self.trace.as_ref().map(begin),
            ..Settings::default()
        }
    }
}

/// A command line without options yet. `--help` shows what the page does, its Python
/// counterpart and an example.
fn command(what: &str, python: &str, example: &str) -> Command {
    let program = program();
    Command::new("page")
        .bin_name(&program)
        .about(format!("{what} In Python: {python}"))
        .after_help(format!("Example: {program} {example}"))
}

/// Reads the command line of this program.
fn parse<O: Args>(command: Command) -> O {
    let matches = O::augment_args(command).get_matches();
    O::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

fn parse_with_machines<O: Args>(command: Command) -> (O, Machines) {
    let command = Machines::augment_args(O::augment_args(command));
    let matches = command.get_matches();
    let options = O::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let machines =
        Machines::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    (options, machines)
}

/// Ends the program as clap does when it meets a wrong argument: with exit code 2.
fn refuse(problem: String) -> ! {
    Command::new("page")
        .bin_name(program())
        .error(ErrorKind::ValueValidation, problem)
        .exit()
}

/// The name that this program was started by.
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
    let mut stdout = BufWriter::new(io::stdout().lock());
    let mut exit = Exit::Success;
    let print = || {
        for (item, result) in items.zip(results) {
            match result.map(|value| line(&item, value)) {
                Ok(Some(line)) => writeln!(stdout, "{line}")?,
                Ok(None) => {}
                Err(error) => {
                    let error = error.to_string();
                    end_if_stdout_failed(&error);
                    print_error(&format_args!("{}: {error}", shown(&item.to_string())));
                    exit = Exit::Failure;
                }
            }
        }
        stdout.flush()
    };
    print().unwrap_or_else(|error| stdout_failed(&error));
    exit
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

fn saying(text: &str) -> Result<(Duration, Arc<str>), String> {
    page_list::saying(text).map(|(delay, what)| (delay, what.into()))
}

fn usable_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
