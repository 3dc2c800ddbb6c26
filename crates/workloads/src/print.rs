//! Printing that knows about `--quiet`, works in a worker process, and ends the program
//! quietly when nobody reads on.

use std::fmt::{self, Display, Write as _};
use std::io::{self, ErrorKind, Write};
use std::process;
use std::sync::{Mutex, PoisonError};

use crate::settings::Settings;

/// Text of others that is longer than this is printed without its middle.
const LONGEST_SHOWN: usize = 200;

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
    if let Err(error) = writeln!(io::stdout().lock(), "{line}") {
        // A worker that ended would look like a crash, and there may be many of them.
        if !(settings.is_worker && complaints::make(settings, &error)) {
            stdout_failed(&error);
        }
    }
}

/// Ends the program because stdout takes no more: quietly when its reader has gone away,
/// with an error otherwise (a full disk).
pub(crate) fn stdout_failed(error: &io::Error) -> ! {
    if error.kind() == ErrorKind::BrokenPipe {
        process::exit(0);
    }
    give_up(&format_args!("cannot write to stdout: {error}"))
}

/// Ends the program because the system does not give what it needs.
pub(crate) fn give_up(problem: &impl Display) -> ! {
    // Never given back: several threads may meet the same problem, and one line is enough.
    static FIRST: Mutex<()> = Mutex::new(());
    let _first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    print_error(problem);
    process::exit(1)
}

impl Settings {
    /// The settings to hand to worker processes, which print in this program's name: from
    /// here on it ends when one of them cannot print any more, as it would by itself.
    pub fn for_workers() -> Settings {
        Settings {
            is_worker: true,
            complaints: complaints::listen(),
            ..Settings::get().clone()
        }
    }
}

impl Settings {
    /// Those that hold on any machine, to be sent to workers elsewhere.
    pub fn for_other_machines() -> Settings {
        Settings {
            trace: None,
            ..Settings::get().clone()
        }
    }

    /// What came from [`for_other_machines`](Self::for_other_machines), completed for worker
    /// processes of this program.
    pub fn for_workers_here(self) -> Settings {
        let here = Settings::for_workers();
        Settings {
            quiet: self.quiet || here.quiet,
            timeout: self.timeout,
            max_bytes: self.max_bytes,
            keep_alive: self.keep_alive,
            ..here
        }
    }
}

/// Ends the program if a worker process has met a stdout that takes no more. A worker says
/// so before it hands in its result: with all results there, this misses nothing.
pub(crate) fn end_if_workers_cannot_print() {
    complaints::heed(false);
}

/// How workers tell their program that stdout takes no more: by the number of the error, in
/// a pipe that they all inherit. Whatever comes first is the end.
#[cfg(unix)]
mod complaints {
    use std::fs::File;
    use std::io::{self, PipeReader, PipeWriter, Read, Write};
    use std::os::fd::AsRawFd;
    use std::sync::{Mutex, OnceLock, PoisonError};
    use std::thread;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::{FdFlags, fcntl_setfd};

    use super::{Settings, stdout_failed};

    static PIPE: OnceLock<(PipeReader, PipeWriter)> = OnceLock::new();

    /// In the program: makes the pipe and watches it. Without one, which takes a system out
    /// of descriptors, a worker ends where it cannot print.
    pub(super) fn listen() -> Option<i32> {
        if PIPE.get().is_none() {
            let (reader, writer) = io::pipe().ok()?;
            fcntl_setfd(&writer, FdFlags::empty()).ok()?;
            let _ = PIPE.set((reader, writer));
            thread::Builder::new().spawn(|| heed(true)).ok()?;
        }
        PIPE.get().map(|(_, writer)| writer.as_raw_fd())
    }

    /// In the program: ends it if there is a complaint, or waits for one.
    pub(super) fn heed(wait: bool) {
        static FIRST: Mutex<()> = Mutex::new(());
        let Some((reader, _)) = PIPE.get() else {
            return;
        };
        let mut watched = [PollFd::new(reader, PollFlags::IN)];
        let at_once = Timespec::default();
        let timeout = if wait { None } else { Some(&at_once) };
        let lock = || FIRST.lock().unwrap_or_else(PoisonError::into_inner);
        // Before the look, where it is the last one: else the other might have taken the
        // complaint away and be about to end the program, while this lets it go on.
        let held = (!wait).then(lock);
        while poll(&mut watched, timeout).is_err() {}
        if !watched[0].revents().is_empty() {
            // Never given back: there is one end, with one line.
            let _first = held.unwrap_or_else(lock);
            let mut number = [0; size_of::<i32>()];
            let read = (&mut &*reader).read_exact(&mut number);
            let error = io::Error::from_raw_os_error(i32::from_ne_bytes(number));
            stdout_failed(&read.err().unwrap_or(error));
        }
    }

    /// In a worker: says what is wrong with stdout, if there is a pipe to say it in. If that
    /// fails, another worker has said it, and the program has ended.
    pub(super) fn make(settings: &Settings, error: &io::Error) -> bool {
        let say = |pipe| {
            let pipe = format!("/dev/fd/{pipe}");
            let mut pipe = File::options().write(true).open(pipe).ok()?;
            pipe.write_all(&error.raw_os_error()?.to_ne_bytes()).ok()
        };
        settings.complaints.map(say).is_some()
    }
}

/// Elsewhere the program notices a closed pipe when it prints something itself.
#[cfg(not(unix))]
mod complaints {
    use std::io::{self, ErrorKind};

    use super::Settings;

    pub(super) fn listen() -> Option<i32> {
        None
    }

    pub(super) fn heed(_wait: bool) {}

    pub(super) fn make(_: &Settings, error: &io::Error) -> bool {
        error.kind() == ErrorKind::BrokenPipe
    }
}

/// Prints what went wrong on stderr; where nobody reads that either, it is lost.
pub fn print_error(what: &impl Display) {
    let _ = writeln!(io::stderr(), "error: {what:#}");
}

/// Prints on stderr what is good to know.
pub fn print_note(what: &str) {
    let _ = writeln!(io::stderr(), "note: {what}");
}

/// Text from a file or a server, fit to be printed: what would act on the terminal instead
/// of showing is escaped, and what is long loses its middle.
pub fn shown(text: &str) -> String {
    let mut shown = String::new();
    let length = text.chars().count();
    let half = LONGEST_SHOWN / 2;
    for (i, c) in text.chars().enumerate() {
        if length > LONGEST_SHOWN && (half..length - half).contains(&i) {
            if i == half {
                shown.push('…');
            }
        } else if acts(c) {
            let _ = write!(shown, "{}", c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a terminal would act on a character: one that controls it, or one that is itself
/// unseen and turns or joins what stands around it.
pub(crate) fn acts(c: char) -> bool {
    let is_format = matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    c.is_control() || is_format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_escaped() {
        assert_eq!(shown("Grüße, 世界: 'a\\b'"), "Grüße, 世界: 'a\\b'");
        assert_eq!(shown("\u{1b}[2J\r\n\0"), "\\u{1b}[2J\\u{d}\\u{a}\\u{0}");
        assert_eq!(shown("a\u{202e}b\u{9b}c"), "a\\u{202e}b\\u{9b}c");
    }

    #[test]
    fn what_is_long_loses_its_middle() {
        let fits = "é".repeat(LONGEST_SHOWN);
        assert_eq!(shown(&fits), fits);
        let long = format!("begin{}end", fits);
        let short = shown(&long);
        assert!(short.starts_with("beginé") && short.ends_with("éend"));
        assert_eq!(short.chars().count(), LONGEST_SHOWN + 1);
    }
}
