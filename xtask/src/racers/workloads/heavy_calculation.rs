//! `heavy-calculation`: exact sums of squares.

use std::time::Duration;

use clap::Args;
use page_list::HEAVY_CALCULATION;
use serde::{Deserialize, Serialize};

use crate::format;
use crate::racers::answers::Expected;
use crate::racers::load::{Facts, Growth, Kind, Load, Occasion, Question, SharedSizes};
use crate::racers::pages::{Model, Page};

pub static FACTS: Facts = Facts {
    name: "heavy-calculation",
    item: "number",
    pages: &PAGES,
    fetches: false,
    questions: &[Question {
        work: "CPU-bound",
        candidates: &["sequential", "threads", "async", "processes", "machines"],
    }],
    growth: Growth {
        about: "terms to sum up, in ten equal parts",
        unit: "term",
        powers: 3..=9,
        waits: false,
    },
};

static PAGES: [Page; 5] = Page::one_for_each_model(HEAVY_CALCULATION);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeavyCalculation {
    pub numbers: Vec<u64>,
    pub workers: u32,
}

#[derive(Args, Clone)]
pub struct HeavyCalculationSizes {
    /// heavy-calculation: the numbers [default: 40 times 10000000, or with --python 500000, one
    /// for each core at a time; in a timeline three others, or with --python the article's]
    #[arg(long, value_name = "N,N,...", value_delimiter = ',')]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    numbers: Vec<u64>,
}

impl HeavyCalculationSizes {
    pub fn given(&self) -> Vec<&'static str> {
        match self.numbers[..] {
            [] => Vec::new(),
            _ => vec!["--numbers"],
        }
    }

    pub fn load(&self, shared: &SharedSizes, occasion: Occasion) -> HeavyCalculation {
        HeavyCalculation {
            numbers: match &self.numbers[..] {
                [] => default_numbers(occasion),
                numbers => numbers.to_vec(),
            },
            workers: shared.workers.unwrap_or(occasion.cores),
        }
    }
}

const ARTICLE: [u64; 3] = [100_000, 150_000, 200_000];

fn default_numbers(occasion: Occasion) -> Vec<u64> {
    match (occasion.kind, occasion.with_python) {
        (Kind::Race, false) => vec![10_000_000; 40],
        (Kind::Race, true) => vec![500_000; 40],
        (Kind::Article, _) | (Kind::Timeline, true) => ARTICLE.into(),
        // Rust needs less than a millisecond for the article's numbers. That is too short to
        // show what is calculated at the same time.
        (Kind::Timeline, false) => vec![20_000_000, 30_000_000, 40_000_000],
    }
}

impl HeavyCalculation {
    /// For the timelines before a race.
    pub fn small(&self, with_python: bool) -> Self {
        HeavyCalculation {
            numbers: match with_python {
                true => ARTICLE.into(),
                false => vec![10_000_000, 15_000_000, 20_000_000],
            },
            workers: self.workers,
        }
    }

    /// For `cargo xtask scale`.
    pub fn scaled(terms: u64, cores: u32) -> Self {
        HeavyCalculation {
            numbers: vec![terms / 10; 10],
            workers: cores,
        }
    }
}

impl Load for HeavyCalculation {
    fn title(&self) -> String {
        match &self.numbers[..] {
            [number] => format!("the number {number}"),
            [first, rest @ ..] if rest.iter().all(|number| number == first) => {
                let numbers = format::counted(self.items(), FACTS.item);
                format!("{numbers}, each {}", format::count(*first))
            }
            numbers => {
                let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
                format!("the numbers {}", numbers.join(" "))
            }
        }
    }

    fn items(&self) -> u64 {
        self.numbers.len() as u64
    }

    fn workers(&self, _: Model) -> Option<u64> {
        Some(u64::from(self.workers))
    }

    fn arguments(&self, _urls: &str) -> Vec<String> {
        self.numbers.iter().map(u64::to_string).collect()
    }

    fn expected(&self, _site: &str) -> Expected {
        let lines = self.numbers.clone().into_iter().map(|number| {
            let sum = sum_of_squares(u128::from(number));
            format!("Calculation for {number} returned {sum}")
        });
        Expected::in_order("Calculation for ", lines)
    }

    fn waiting(&self, _at_a_time: u64) -> Option<Duration> {
        None
    }

    /// The CPU time spread over the cores, but never less than the largest number takes.
    fn bound(
        &self,
        at_a_time: u64,
        cores: usize,
        sequential_cpu: Option<f64>,
    ) -> Option<f64> {
        let largest = self.numbers.iter().copied().max().unwrap_or(0) as f64;
        let terms: f64 = self.numbers.iter().map(|number| *number as f64).sum();
        let spread = 1.0 / at_a_time.min(cores as u64) as f64;
        sequential_cpu.map(|cpu| cpu * spread.max(largest / terms))
    }
}

/// The sum of i² for i below `n`.
fn sum_of_squares(n: u128) -> u128 {
    n * n.saturating_sub(1) * (2 * n).saturating_sub(1) / 6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heavy(numbers: &[u64]) -> HeavyCalculation {
        HeavyCalculation {
            numbers: numbers.to_vec(),
            workers: 4,
        }
    }

    #[test]
    fn calculating_is_spread_over_the_cores_but_the_largest_number_is_not() {
        let even = heavy(&[10, 10, 10, 10]);
        let bound = |at_a_time, cores| even.bound(at_a_time, cores, Some(8.0));
        assert_eq!(bound(1, 2), Some(8.0));
        assert_eq!(bound(4, 2), Some(4.0));
        assert_eq!(bound(2, 4), Some(4.0));
        assert_eq!(even.bound(4, 2, None), None);
        // One number is three quarters of the work, and cannot be divided.
        assert_eq!(heavy(&[30, 10]).bound(4, 4, Some(8.0)), Some(6.0));
    }

    #[test]
    fn sums_are_known_by_the_closed_formula() {
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
    fn the_title_names_the_numbers_or_counts_them() {
        assert_eq!(heavy(&[5]).title(), "the number 5");
        assert_eq!(heavy(&[5, 5]).title(), "2 numbers, each 5");
        assert_eq!(heavy(&[5, 6]).title(), "the numbers 5 6");
    }
}
