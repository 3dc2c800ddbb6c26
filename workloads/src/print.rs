//! Printing that knows about `--quiet`, works in a worker process, and ends the program
//! quietly when nobody reads on.

use std::fmt::{self, Display};
use std::io::{self, ErrorKind, Write};
use std::process;

use crate::options::Settings;

/// Prints a line of progress on stdout, unless the program was told to be `--quiet`.
///
/// Python's `print`; the arguments are those of [`println!`], which would panic where this
/// ends the program: when stdout is a closed pipe (`… | head -1`).
#[macro_export]
macro_rules! say {
    ($($line:tt)+) => { $crate::print_line(::std::format_args!($($line)+)) };
}

/// What [`say!`] expands to.
pub fn print_line(line: fmt::Arguments) {
    let settings = Settings::get();
    if settings.quiet {
        return;
    }
    if let Err(error) = writeln!(io::stdout().lock(), "{line}")
        // A worker process that ended would look like a crash. The program itself sees that
        // the pipe is closed.
        && !(settings.is_worker && error.kind() == ErrorKind::BrokenPipe)
    {
        stdout_failed(&error);
    }
}

/// Ends the program because stdout takes no more: quietly when its reader has gone away,
/// with an error otherwise (a full disk).
pub(crate) fn stdout_failed(error: &io::Error) -> ! {
    if error.kind() == ErrorKind::BrokenPipe {
        process::exit(0);
    }
    print_error(&format_args!("cannot write to stdout: {error}"));
    process::exit(1);
}

/// Ends the program quietly when the reader of stdout goes away, for a program whose worker
/// processes do the printing: it might not print anything itself for a long time.
#[cfg(unix)]
pub(crate) fn end_with_reader() {
    use rustix::event::{PollFd, PollFlags, poll};
    std::thread::spawn(|| {
        let stdout = io::stdout();
        // Asks for nothing, so that only errors count.
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        while poll(&mut watched, None).is_err() {}
        if watched[0].revents().contains(PollFlags::ERR) {
            process::exit(0);
        }
    });
}

/// Elsewhere the program notices when it prints.
#[cfg(not(unix))]
pub(crate) fn end_with_reader() {}

/// Prints what went wrong on stderr; where nobody reads that either, it is lost.
pub fn print_error(what: &impl Display) {
    let _ = writeln!(io::stderr(), "error: {what:#}");
}

/// Prints on stderr what is good to know.
pub(crate) fn print_note(what: &str) {
    let _ = writeln!(io::stderr(), "note: {what}");
}
