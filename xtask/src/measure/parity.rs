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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SITE: &str = "http://127.0.0.1:80";

    /// What is said of a program that prints these lines.
    fn verdict(work: &Work, printed: &str) -> Result<(), String> {
        let mut check = Check::new(work, SITE);
        let result = printed.lines().try_for_each(|line| check.line(line));
        let result = result.and_then(|()| check.finish());
        result.map_err(|error| error.to_string())
    }

    #[test]
    fn sums_are_checked_by_the_closed_formula() {
        for n in 0..50 {
            assert_eq!(sum_of_squares(n), (0..n).map(|i| i * i).sum());
        }
        let largest = 1_000_000_000_000;
        assert_eq!(
            sum_of_squares(largest),
            333_333_333_332_833_333_333_333_500_000_000_000
        );
    }

    #[test]
    fn only_result_lines_count_and_their_order_does() {
        let work = Work::HeavyCalculation {
            numbers: vec![2, 3],
            workers: 2,
        };
        let check = |printed: &str| verdict(&work, printed);
        let (two, three) = (
            "Calculation for 2 returned 1\n",
            "Calculation for 3 returned 5\n",
        );
        assert_eq!(
            check(&format!("Calculating for 3...\n{two}{three}")),
            Ok(())
        );
        let says = |printed: &str, problem: &str| {
            assert_eq!(check(printed), Err(problem.to_string()), "{printed}");
        };
        says(
            &format!("{three}{two}"),
            "gives \"Calculation for 3 returned 5\" instead of \"Calculation for 2 returned 1\"",
        );
        says(
            "Calculation for 2 returned 2",
            "gives \"Calculation for 2 returned 2\" instead of \"Calculation for 2 returned 1\"",
        );
        says(two, "gives 1 result, not 2");
        says("", "gives 0 results, not 2");
        says(
            &format!("{two}{three}{three}"),
            "gives one more result: \"Calculation for 3 returned 5\"",
        );
    }

    #[test]
    fn pages_have_known_lengths() {
        let work = Work::fetch(1, Duration::from_millis(20), 1);
        let line = "URL: http://127.0.0.1:80/delay/0.02?page=1, Length: ";
        assert_eq!(verdict(&work, &format!("{line}14")), Ok(()));
        assert!(verdict(&work, &format!("{line}15")).is_err());
        let work = Work::demo_pages(Duration::ZERO, 1);
        let lines = [("python", 51_042), ("django", 20_313), ("flask", 17_806)]
            .map(|(page, length)| format!("URL: {SITE}/{page}, Length: {length}\n"));
        assert_eq!(verdict(&work, &lines.concat()), Ok(()));
    }

    #[test]
    fn sayings_may_come_in_any_order_but_each_as_often_as_asked_for() {
        let work = Work::SayAfter {
            sayings: ["1:a", "1:b", "2:a"]
                .map(|saying| saying.parse().unwrap())
                .into(),
            repeat: 2,
            workers: None,
        };
        let completed = "All 6 tasks have now completed.";
        for printed in ["a b a a b a", "b b a a a a"] {
            let printed = printed.replace(' ', "\n");
            assert_eq!(verdict(&work, &printed), Ok(()));
            assert_eq!(verdict(&work, &format!("{printed}\n{completed}")), Ok(()));
        }
        for (printed, problem) in [
            ("a b a a b", "gives 5 results, not 6"),
            ("a b a a b b", "says \"b\" once more than it should"),
            ("a b a a b c", "says \"c\", which nobody asked for"),
        ] {
            let printed = printed.replace(' ', "\n");
            assert_eq!(verdict(&work, &printed), Err(problem.to_string()));
        }
        let twice = format!("{completed}\n{completed}");
        assert!(verdict(&work, &twice).is_err());
    }
}
