//! Notes on stderr for the person at the terminal, or in the log of a worker.

use std::collections::HashMap;
use std::fmt::Display;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::messages::printable;

/// The same note is printed at most once within this time.
const AGAIN: Duration = Duration::from_secs(60);

/// Prints a note. If stderr is closed, the note is lost.
pub(crate) fn note(what: impl Display) {
    let _ = writeln!(io::stderr(), "note: {}", printable(&what.to_string()));
}

/// Prints an error. If stderr is closed, the error is lost.
pub(crate) fn error(what: impl Display) {
    let _ = writeln!(io::stderr(), "error: {}", printable(&what.to_string()));
}

/// The text of an error and its causes. Leaves out a cause whose text has been said: the
/// client's errors often include their causes.
pub(crate) fn with_causes(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if words.is_empty() {
            words = cause;
        } else if !words.contains(&cause) {
            words += &format!(": {cause}");
        }
    }
    words
}

/// Notes about recurring problems. Each of them is printed at most once a minute.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    printed: Mutex<HashMap<String, Instant>>,
    is_silent: AtomicBool,
}

impl Notes {
    /// Prints no more notes from now on.
    pub(crate) fn silence(&self) {
        self.is_silent.store(true, Relaxed);
    }

    pub(crate) fn note(&self, what: &str) {
        if self.is_silent.load(Relaxed) {
            return;
        }
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        printed.retain(|_, time| time.elapsed() < AGAIN);
        if !printed.contains_key(what) {
            printed.insert(what.to_owned(), Instant::now());
            note(what);
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn causes_are_said_once() {
        let error = anyhow!("timed out")
            .context("request: timed out")
            .context("no key");
        assert_eq!(with_causes(&error), "no key: request: timed out");
    }
}
