//! Before a race: does a program give the right results?
//!
//! What is right is known without any of the racers: the sum of squares has a closed formula,
//! the pages of the demo site have known lengths, and every saying is said once. So nobody,
//! the sequential program included, can put the others in the wrong.

use std::collections::HashMap;

use anyhow::{Result, bail};

use crate::format;
use crate::racers::workload::{Page, Work};

/// Looks at what a program prints, line by line. Other lines than results are its own affair.
pub enum Check<'a> {
    /// The result lines, in the order of the input.
    Ordered {
        lines: Box<dyn Iterator<Item = String> + Send + 'a>,
        begin: &'static str,
        seen: u64,
        of: u64,
    },
    /// Sayings come in any order; each so many times.
    Sayings {
        missing: HashMap<&'a str, u64>,
        seen: u64,
        of: u64,
        completed: bool,
    },
}

impl<'a> Check<'a> {
    /// The check of a program that does `work`, with pages from `site`.
    pub fn new(work: &'a Work, site: &'a str) -> Self {
        let (seen, of) = (0, work.items());
        match work {
            Work::FetchUrl { pages, .. } => Check::Ordered {
                lines: Box::new(pages.iter().map(move |Page { path, length }| {
                    format!("URL: {site}{path}, Length: {length}")
                })),
                begin: "URL: ",
                seen,
                of,
            },
            Work::HeavyCalculation { numbers, .. } => Check::Ordered {
                lines: Box::new(numbers.iter().map(|number| {
                    let sum = sum_of_squares(u128::from(*number));
                    format!("Calculation for {number} returned {sum}")
                })),
                begin: "Calculation for ",
                seen,
                of,
            },
            Work::SayAfter {
                sayings, repeat, ..
            } => {
                let mut missing = HashMap::new();
                for saying in sayings {
                    *missing.entry(&saying.what[..]).or_insert(0) += u64::from(*repeat);
                }
                Check::Sayings {
                    missing,
                    seen,
                    of,
                    completed: false,
                }
            }
        }
    }

    /// Looks at the next line.
    pub fn line(&mut self, line: &str) -> Result<()> {
        match self {
            Check::Ordered {
                lines, begin, seen, ..
            } => {
                if line.starts_with(*begin) {
                    match lines.next() {
                        Some(expected) if expected == line => *seen += 1,
                        Some(expected) => bail!("gives {line:?} instead of {expected:?}"),
                        None => bail!("gives one more result: {line:?}"),
                    }
                }
            }
            Check::Sayings {
                missing,
                seen,
                completed,
                ..
            } => match missing.get_mut(line) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    *seen += 1;
                }
                Some(_) => bail!("says {line:?} once more than it should"),
                // The last line of a task group.
                None if !*completed && line.ends_with(" tasks have now completed.") => {
                    *completed = true;
                }
                None => bail!("says {line:?}, which nobody asked for"),
            },
        }
        Ok(())
    }

    /// Fails if there should have been more.
    pub fn finish(&self) -> Result<()> {
        let (Check::Ordered { seen, of, .. } | Check::Sayings { seen, of, .. }) = self;
        if seen != of {
            bail!("gives {}, not {of}", format::counted(*seen, "result"));
        }
        Ok(())
    }
}

/// The sum of i² for i below `n`.
fn sum_of_squares(n: u128) -> u128 {
    n * n.saturating_sub(1) * (2 * n).saturating_sub(1) / 6
}
