//! What the command lines and the reports of all pages share.

use std::fmt::Display;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::exit::Exit;
use crate::print::{end_if_stdout_failed, print_error, shown, stdout_failed};
use crate::settings::Settings;
use crate::trace::Trace;

const MAX_WORKERS: usize = 10_000;

/// What every page takes.
#[derive(Args, Debug)]
pub(crate) struct Common {
    /// Print nothing but the results at the end
    #[arg(long)]
    quiet: bool,

    /// Record which item ran when and where, as a Chrome trace (for Perfetto or speedscope)
    #[arg(long, value_name = "FILE")]
    trace: Option<String>,
}

impl Common {
    /// Begins the trace, and returns the settings of these options. Ends the program if the
    /// trace file cannot be written.
    pub(crate) fn settings<O: Args>(&self) -> Settings {
        let begin = |file: &String| {
            Trace::begin(file.clone(), &program())
                .unwrap_or_else(|error| refuse::<O>(format!("--trace {file}: {error}")))
        };
        Settings {
            quiet: self.quiet,
            trace: self.trace.as_ref().map(begin),
            ..Settings::default()
        }
    }
}

/// The command line of a workload.
pub(crate) trait Page: Args {
    /// What the page does, for `--help`.
    const WHAT: &str;
    const EXAMPLE: &str;
    const NOTES: &str = "";

    /// Fills in the defaults and adopts the settings. Ends the program if the command line is
    /// wrong.
    fn completed(self) -> Self;
}

/// Adds the description of the page to `--help`, with its Python counterpart.
fn described<P: Page>(options: Command, python: &str) -> Command {
    let program = program();
    options
        .about(format!("{}. In Python: {python}", P::WHAT))
        .after_help(format!("Example: {program} {}{}", P::EXAMPLE, P::NOTES))
        .bin_name(program)
}

pub(crate) fn parse<P: Page>(python: &str) -> P {
    let options = P::augment_args(Command::new("page"));
    read::<P>(&described::<P>(options, python).get_matches()).completed()
}

pub(crate) fn parse_with_server<P: Page, S: Args>(python: &str) -> (P, S) {
    let options = S::augment_args(P::augment_args(Command::new("page")));
    // Workers at a server have a number of their own.
    let options =
        options.mut_arg("server", |server| server.conflicts_with("max_workers"));
    let matches = described::<P>(options, python).get_matches();
    (read::<P>(&matches).completed(), read(&matches))
}

fn read<O: FromArgMatches>(matches: &ArgMatches) -> O {
    O::from_arg_matches(matches).unwrap_or_else(|error| error.exit())
}

/// Ends the program as clap does when it meets a wrong argument: with exit code 2.
pub(crate) fn refuse<O: Args>(problem: String) -> ! {
    O::augment_args(Command::new("page"))
        .bin_name(program())
        .error(ErrorKind::ValueValidation, problem)
        .exit()
}

/// The name with which this program was started.
fn program() -> String {
    let program = std::env::args_os().next().unwrap_or_default();
    Path::new(&program)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Prints the results in order, successes on stdout and failures on stderr.
pub(crate) fn report<I: Display, T, E: Display>(
    items: impl Iterator<Item = I>,
    results: impl IntoIterator<Item = Result<T, E>>,
    line: impl Fn(&I, T) -> Option<String>,
) -> Exit {
    // Stdout is not locked: while this waits for a result, a thread may print.
    let mut stdout = BufWriter::new(io::stdout());
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

pub(crate) fn parse_workers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(workers) if (1..=MAX_WORKERS).contains(&workers) => Ok(workers),
        _ => Err(format!("not a whole number from 1 to {MAX_WORKERS}")),
    }
}
