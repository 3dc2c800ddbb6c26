//! The command line and the report of the `*-heavy-calculation` pages.

use std::fmt::Display;
use std::thread;

use clap::Args;

use crate::exit::Exit;
use crate::options::{Common, Page, parse, parse_with_server, parse_workers, report};
use crate::settings::Settings;

const ARTICLE_NUMBERS: [u64; 3] = [100_000, 150_000, 200_000];
const MAX_NUMBER: u64 = 1_000_000_000_000;

/// The command line of the `*-heavy-calculation` pages.
#[derive(Args, Debug)]
pub struct HeavyCalculationOptions {
    /// Numbers to calculate for, each from 1 to 10^12 [default: 100000 150000 200000]
    #[arg(value_name = "NUMBER", allow_negative_numbers = true, value_parser = parse_number)]
    numbers: Vec<u64>,

    /// Calculate for N at a time, 1 to 10000 [default: one per usable core]; the sequential
    /// page always calculates for one
    #[arg(long, value_name = "N", default_value_t = usable_cores(),
          hide_default_value = true, value_parser = parse_workers, allow_hyphen_values = true)]
    max_workers: usize,

    #[command(flatten)]
    common: Common,
}

impl HeavyCalculationOptions {
    /// Reads the command line. Ends the program if it is wrong. `--help` shows `python`, the
    /// Python counterpart of the page.
    pub fn parse(python: &str) -> Self {
        parse(python)
    }

    /// As [`parse`](Self::parse), for a page that can send its work to other machines. `S`
    /// holds the options for that, such as `--server`.
    pub fn parse_with_server<S: Args>(python: &str) -> (Self, S) {
        parse_with_server(python)
    }

    /// Checks a number that comes from another program.
    ///
    /// # Errors
    ///
    /// The command line does not accept it either.
    pub fn check(number: &u64) -> Result<(), String> {
        match number {
            1..=MAX_NUMBER => Ok(()),
            _ => Err(format!("{number} is not from 1 to {MAX_NUMBER}")),
        }
    }

    /// How many to calculate for at a time: `--max-workers`, but not more than there are
    /// numbers.
    pub fn max_workers(&self) -> usize {
        self.max_workers.min(self.numbers.len())
    }

    /// The numbers to calculate for.
    pub fn numbers(&self) -> std::vec::IntoIter<u64> {
        self.numbers.clone().into_iter()
    }

    /// Prints each number with its result on stdout, or with its error on stderr. The results
    /// must be in the order of [`numbers`](Self::numbers).
    pub fn report<E: Display>(
        &self,
        results: impl IntoIterator<Item = Result<u128, E>>,
    ) -> Exit {
        report(self.numbers(), results, |num, sum| {
            Some(format!("Calculation for {num} returned {sum}"))
        })
    }
}

impl Page for HeavyCalculationOptions {
    const WHAT: &str = "Sums up the squares below a number";
    const EXAMPLE: &str = "--max-workers 2 20_000_000 30_000_000";

    fn completed(mut self) -> Self {
        Settings::adopt(self.common.settings::<Self>());
        if self.numbers.is_empty() {
            self.numbers = ARTICLE_NUMBERS.into();
        }
        self
    }
}

/// A whole number; underscores may group its digits, as in Python.
fn parse_number(text: &str) -> Result<u64, String> {
    match text.replace('_', "").parse() {
        Ok(number) if (1..=MAX_NUMBER).contains(&number) => Ok(number),
        _ => Err(format!("not a whole number from 1 to {MAX_NUMBER}")),
    }
}

fn usable_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
