//! Printing results to stdout.

use std::env;
use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};
use console::Term;

/// Prints the text. A closed pipe is no error: `| head -1` closes it after the first line.
pub fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let printed = stdout.write_all(text.as_bytes());
    match printed.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to stdout"),
    }
}

/// What timelines are drawn with, also in a file or for another program.
pub struct Pen {
    pub has_colours: bool,
    /// How many characters fit in a line.
    pub width: usize,
}

/// The pen for stdout.
pub fn pen() -> Pen {
    Pen {
        has_colours: console::colors_enabled(),
        width: width(env::var("COLUMNS").ok(), Term::stdout().size_checked()),
    }
}

/// `COLUMNS`, or else the width of the terminal, or else 100; never too narrow to draw in.
fn width(columns: Option<String>, terminal: Option<(u16, u16)>) -> usize {
    let columns = columns.and_then(|columns| columns.parse().ok());
    let terminal = terminal.map(|(_, columns)| usize::from(columns));
    columns.or(terminal).unwrap_or(100).clamp(40, 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_overrides_the_width_of_the_terminal() {
        let width = |columns: &str, terminal| width(Some(columns.to_string()), terminal);
        assert_eq!(width("90", Some((24, 132))), 90);
        assert_eq!(width("", Some((24, 132))), 132);
        assert_eq!(width("wide", None), 100);
        // One column is too narrow for a picture, a thousand too wide for a reader.
        assert_eq!([width("1", None), width("1000", None)], [40, 200]);
    }
}
