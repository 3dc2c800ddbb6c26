//! Printing results. A closed pipe (`| head -1`) is a reader who has seen enough.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anyhow::{Context, Result};
use console::Term;

use crate::show::bars::Ink;

pub fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let printed = stdout.write_all(text.as_bytes());
    match printed.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to stdout"),
    }
}

/// What bars can be drawn with there; `None` where nobody looks at them.
pub fn ink() -> Option<Ink> {
    io::stdout().is_terminal().then(|| pen().ink)
}

/// What pictures are drawn with, also where they go to a file or to another program.
pub struct Pen {
    pub ink: Ink,
    pub has_colours: bool,
    /// How many characters there are in a line.
    pub width: usize,
}

pub fn pen() -> Pen {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(|name| env::var(name).ok());
    let can_do_all = cfg!(windows) || is_utf8(locale);
    let is = |name: &str| env::var(name).is_ok_and(|value| !value.is_empty());
    let is_dumb = env::var("TERM").is_ok_and(|terminal| terminal == "dumb");
    Pen {
        ink: if can_do_all { Ink::Blocks } else { Ink::Ascii },
        has_colours: io::stdout().is_terminal() && !is("NO_COLOR") && !is_dumb,
        width: width(env::var("COLUMNS").ok(), Term::stdout().size_checked()),
    }
}

/// As somebody says it, or as the terminal does; within reason.
fn width(columns: Option<String>, terminal: Option<(u16, u16)>) -> usize {
    let said = columns.and_then(|columns| columns.parse().ok());
    let width = said.or(terminal.map(|(_, columns)| usize::from(columns)));
    width.unwrap_or(100).clamp(40, 200)
}

/// Whether the first of these that says something says so.
fn is_utf8(locale: [Option<String>; 3]) -> bool {
    let says = |name: &String| !name.is_empty();
    let locale = locale.into_iter().flatten().find(says).unwrap_or_default();
    let locale = locale.to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_says_something_decides() {
        let cases = [
            (["", "", "en_US.UTF-8"], true),
            (["C.utf8", "", ""], true),
            (["C", "", "en_US.UTF-8"], false),
            (["", "", ""], false),
        ];
        for (locale, expected) in cases {
            assert_eq!(is_utf8(locale.map(|name| Some(name.to_string()))), expected);
        }
        assert!(!is_utf8([None, None, None]));
    }

    #[test]
    fn the_width_is_what_is_said_or_the_terminal_s() {
        let width = |columns: &str, terminal| width(Some(columns.to_string()), terminal);
        assert_eq!(width("90", Some((24, 132))), 90);
        assert_eq!(width("", Some((24, 132))), 132);
        assert_eq!(width("wide", None), 100);
        // Nothing can be drawn in one column, or seen in a thousand.
        assert_eq!([width("1", None), width("1000", None)], [40, 200]);
    }
}
