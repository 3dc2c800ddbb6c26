//! Printing that respects `--quiet`, works in worker processes, and ends the program quietly if
//! its stdout is closed (`… | head -1`).

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};
use std::io::{self, ErrorKind, Write};
use std::panic::resume_unwind;
use std::process;
use std::sync::{Mutex, PoisonError};

use crate::settings::Settings;

/// Foreign text that is longer than this is printed without its middle.
const MAX_SHOWN_CHARS: usize = 200;

/// The start of the error message for stdout. A worker panics with the same message.
const STDOUT_FAILED: &str = "cannot write to stdout: ";

/// Prints a line of progress on stdout, unless the command line says `--quiet`.
///
/// Python's `print`. The arguments are those of [`println!`]. If stdout is a closed pipe
/// (`… | head -1`), `println!` would panic; this ends the program.
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
    let line = line.to_string();
    let Err(error) = writeln!(io::stdout().lock(), "{}", without_passwords(&line)) else {
        return;
    };
    match error.kind() {
        // `end_without_reader` ends the program.
        ErrorKind::BrokenPipe if settings.is_worker => {}
        // The result type of a work function has no place for this error, so it is sent as a
        // panic. The program reports it once, also if it comes from several workers.
        _ if settings.is_worker => {
            resume_unwind(Box::new(format!("{STDOUT_FAILED}{error}")))
        }
        _ => stdout_failed(&error),
    }
}

/// Ends the program because writing to stdout failed: quietly if its reader is gone, otherwise
/// with an error, for example if the disk is full.
pub(crate) fn stdout_failed(error: &io::Error) -> ! {
    if error.kind() == ErrorKind::BrokenPipe {
        process::exit(0);
    }
    give_up(&format_args!("{STDOUT_FAILED}{error}"))
}

/// Ends the program if the error of an item is that its worker could not write to stdout.
pub(crate) fn end_if_stdout_failed(error: &str) {
    if let Some((_, cause)) = error.split_once(STDOUT_FAILED) {
        give_up(&format_args!("{STDOUT_FAILED}{cause}"));
    }
}

/// Ends the program with one line on stderr, also if several threads call this.
pub(crate) fn give_up(problem: &impl Display) -> ! {
    // Never unlocked again, so only one thread gets past this.
    static FIRST: Mutex<()> = Mutex::new(());
    let _first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    print_error(problem);
    process::exit(1)
}

/// Ends the program as soon as stdout is a pipe without a reader. The program would not notice
/// that if only its workers print.
#[cfg(unix)]
pub(crate) fn end_without_reader() {
    use rustix::event::{PollFd, PollFlags, poll};
    use std::sync::Once;

    static STARTED: Once = Once::new();
    let wait = || {
        let stdout = io::stdout();
        // No events are requested: `poll` always reports errors and hang-ups.
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        while poll(&mut watched, None).is_err() {}
        if watched[0]
            .revents()
            .intersects(PollFlags::ERR | PollFlags::HUP)
        {
            process::exit(0);
        }
    };
    STARTED.call_once(|| drop(std::thread::Builder::new().spawn(wait)));
}

/// On other systems the program notices a closed pipe only when it prints.
#[cfg(not(unix))]
pub(crate) fn end_without_reader() {}

/// Prints an error on stderr. If stderr is closed too, the error is lost.
pub fn print_error(what: &impl Display) {
    let line = format!("error: {what:#}");
    let _ = writeln!(io::stderr(), "{}", without_passwords(&line));
}

/// Prints a note on stderr.
pub fn print_note(what: &str) {
    let _ = writeln!(io::stderr(), "note: {what}");
}

/// Hides every password in addresses in a text: `http://user:***@host/`. A user name without a
/// password is hidden, too: it may be a token.
pub(crate) fn without_passwords(text: &str) -> Cow<'_, str> {
    let mut hidden = Cow::Borrowed("");
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, after) = rest.split_at(start + 3);
        let end = after.find(['/', '?', '#', ' ', '"']).unwrap_or(after.len());
        hidden += before;
        rest = after;
        if let Some(at) = after[..end].rfind('@') {
            let password = after[..at].find(':').map_or(0, |colon| colon + 1);
            hidden += &after[..password];
            hidden += "***";
            rest = &after[at..];
        }
    }
    hidden + rest
}

/// Makes text from a file or a server safe to print: escapes control and format characters,
/// hides passwords, and cuts the middle out of long text.
pub fn shown(text: &str) -> String {
    let text = without_passwords(text);
    let mut shown = String::new();
    let length = text.chars().count();
    let half = MAX_SHOWN_CHARS / 2;
    for (i, c) in text.chars().enumerate() {
        if length > MAX_SHOWN_CHARS && (half..length - half).contains(&i) {
            if i == half {
                shown.push('…');
            }
        } else if is_control_or_format(c) {
            let _ = write!(shown, "{}", c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a terminal would act on a character instead of showing it: a control character, or
/// an invisible one that changes the direction of writing or joins its neighbours.
pub(crate) fn is_control_or_format(c: char) -> bool {
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
        let fits = "é".repeat(MAX_SHOWN_CHARS);
        assert_eq!(shown(&fits), fits);
        let long = format!("begin{}end", fits);
        let short = shown(&long);
        assert!(short.starts_with("beginé") && short.ends_with("éend"));
        assert_eq!(short.chars().count(), MAX_SHOWN_CHARS + 1);
    }

    #[test]
    fn passwords_in_addresses_are_hidden() {
        for (text, hidden) in [
            ("no address", "no address"),
            ("http://host:80/a@b:c", "http://host:80/a@b:c"),
            ("http://token@host/", "http://***@host/"),
            (
                "URL: http://u:p@host:80/, Length: 3",
                "URL: http://u:***@host:80/, Length: 3",
            ),
            ("https://u:p@q@host", "https://u:***@host"),
            (
                "\"http://:p@a?x\" nats://u:p@b",
                "\"http://:***@a?x\" nats://u:***@b",
            ),
        ] {
            assert_eq!(without_passwords(text), hidden);
        }
    }
}
