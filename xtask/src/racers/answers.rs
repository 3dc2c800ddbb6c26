//! Whether a program prints the right results.
//!
//! What is right is known without any racer: the sum of squares has a closed formula, what the
//! demo site answers with is known, and every saying is said once. So no program, not even
//! the sequential one, can make the others look wrong.

use std::collections::HashMap;

use race::Check;

use crate::format;

/// The right results.
pub enum Expected {
    /// Result lines in the order of the input. Lines that do not start with `begin` are not
    /// results, and are ignored.
    InOrder {
        lines: Box<dyn Iterator<Item = String>>,
        begin: &'static str,
    },
    /// Sayings in any order. `missing` is how many times each has still to be said. A task
    /// group may print one more line at the end.
    InAnyOrder {
        missing: HashMap<String, u64>,
        is_completed: bool,
    },
}

impl Expected {
    pub fn in_order(
        begin: &'static str,
        lines: impl Iterator<Item = String> + 'static,
    ) -> Self {
        Expected::InOrder {
            lines: Box::new(lines),
            begin,
        }
    }
}

/// Checks what a program prints, line by line, while it runs.
pub struct Answers {
    expected: Expected,
    seen: u64,
    items: u64,
}

impl Answers {
    /// `items` is how many results are expected.
    pub fn new(expected: Expected, items: u64) -> Self {
        Answers {
            expected,
            seen: 0,
            items,
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
                None if !*is_completed && line.ends_with(" now completed.") => {
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

/// What is wrong with these lines.
#[cfg(test)]
pub fn verdict(expected: Expected, items: u64, printed: &str) -> Result<(), String> {
    let mut answers = Answers::new(expected, items);
    printed.lines().try_for_each(|line| answers.line(line))?;
    answers.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_result_lines_count_and_their_order_does() {
        let (two, three) = (
            "Calculation for 2 returned 1\n",
            "Calculation for 3 returned 5\n",
        );
        let check = |printed: &str| {
            let lines = [two, three].map(|line| line.trim_end().to_string());
            let expected = Expected::in_order("Calculation for ", lines.into_iter());
            verdict(expected, 2, printed)
        };
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
    fn sayings_may_come_in_any_order_but_each_as_often_as_asked_for() {
        let check = |printed: &str| {
            let missing =
                [("a", 4), ("b", 2)].map(|(what, count)| (what.to_string(), count));
            let expected = Expected::InAnyOrder {
                missing: missing.into(),
                is_completed: false,
            };
            verdict(expected, 6, printed)
        };
        let completed = "All 6 tasks have now completed.";
        for printed in ["a b a a b a", "b b a a a a"] {
            let printed = printed.replace(' ', "\n");
            assert_eq!(check(&printed), Ok(()));
            assert_eq!(check(&format!("{printed}\n{completed}")), Ok(()));
        }
        for (printed, problem) in [
            ("a b a a b", "gives 5 results, not 6"),
            ("a b a a b b", "says \"b\" once more than it should"),
            ("a b a a b c", "says \"c\", which it was not asked to say"),
        ] {
            let printed = printed.replace(' ', "\n");
            assert_eq!(check(&printed), Err(problem.to_string()));
        }
        let twice = format!("{completed}\n{completed}");
        assert!(check(&twice).is_err());
    }
}
