//! Whether a program prints the right results.
//!
//! What is right is known without any racer: the sum of squares has a closed formula, the pages
//! of the demo site have known lengths, and every saying is said once. So no program, not even
//! the sequential one, can make the others look wrong.

use std::collections::HashMap;

use race::Check;

use crate::format;
use crate::racers::work::Work;

/// Checks what a program prints, line by line, as it comes.
pub struct Answers {
    expected: Expected,
    seen: u64,
    items: u64,
}

enum Expected {
    /// Result lines in the order of the input. A line is one if it begins so; other lines are
    /// free.
    InOrder {
        lines: Box<dyn Iterator<Item = String>>,
        begin: &'static str,
    },
    /// Sayings in any order, each so many times, and perhaps a last line.
    InAnyOrder {
        missing: HashMap<String, u64>,
        is_completed: bool,
    },
}

impl Answers {
    /// The right answers to `work`, with URLs of `site`.
    pub fn new(work: &Work, site: &str) -> Self {
        let expected = match work {
            Work::FetchUrl { .. } => {
                let site = site.to_string();
                let lines = work.urls().into_iter().map(move |url| {
                    format!("URL: {site}{}, Length: {}", url.path, url.length)
                });
                Expected::InOrder {
                    lines: Box::new(lines),
                    begin: "URL: ",
                }
            }
            Work::HeavyCalculation { numbers, .. } => {
                let lines = numbers.clone().into_iter().map(|number| {
                    let sum = sum_of_squares(u128::from(number));
                    format!("Calculation for {number} returned {sum}")
                });
                Expected::InOrder {
                    lines: Box::new(lines),
                    begin: "Calculation for ",
                }
            }
            Work::SayAfter {
                sayings, repeat, ..
            } => {
                let mut missing = HashMap::new();
                for saying in sayings {
                    *missing.entry(saying.what.clone()).or_insert(0) +=
                        u64::from(*repeat);
                }
                Expected::InAnyOrder {
                    missing,
                    is_completed: false,
                }
            }
        };
        Answers {
            expected,
            seen: 0,
            items: work.items(),
        }
    }
}

impl Check for Answers {
    fn line(&mut self, line: &str) -> Result<(), String> {
        match &mut self.expected {
            Expected::InOrder { begin, .. } if !line.starts_with(*begin) => return Ok(()),
            Expected::InOrder { lines, .. } => match lines.next() {
                Some(expected) if expected == line => {}
                Some(expected) => {
                    return Err(format!("gives {line:?} instead of {expected:?}"));
                }
                None => return Err(format!("gives one more result: {line:?}")),
            },
            Expected::InAnyOrder {
                missing,
                is_completed,
            } => match missing.get_mut(line) {
                Some(0) => return Err(format!("says {line:?} once more than it should")),
                Some(left) => *left -= 1,
                // The last line of a task group.
                None if !*is_completed
                    && line.ends_with(" tasks have now completed.") =>
                {
                    *is_completed = true;
                    return Ok(());
                }
                None => {
                    return Err(format!("says {line:?}, which it was not asked to say"));
                }
            },
        }
        self.seen += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        if self.seen == self.items {
            return Ok(());
        }
        let seen = format::counted(self.seen, "result");
        Err(format!("gives {seen}, not {}", self.items))
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
    use crate::racers::work::Urls;

    const SITE: &str = "http://127.0.0.1:80";

    /// What is wrong with these lines.
    fn verdict(work: &Work, printed: &str) -> Result<(), String> {
        let mut answers = Answers::new(work, SITE);
        printed.lines().try_for_each(|line| answers.line(line))?;
        answers.finish()
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
        let fetch = |urls, millis| Work::FetchUrl {
            urls,
            delay: Duration::from_millis(millis),
            workers: 1,
        };
        let work = fetch(Urls::Distinct(1), 20);
        let line = "URL: http://127.0.0.1:80/delay/0.02?page=1, Length: ";
        assert_eq!(verdict(&work, &format!("{line}14")), Ok(()));
        assert!(verdict(&work, &format!("{line}15")).is_err());
        let work = fetch(Urls::Demo, 0);
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
            ("a b a a b c", "says \"c\", which it was not asked to say"),
        ] {
            let printed = printed.replace(' ', "\n");
            assert_eq!(verdict(&work, &printed), Err(problem.to_string()));
        }
        let twice = format!("{completed}\n{completed}");
        assert!(verdict(&work, &twice).is_err());
    }
}
