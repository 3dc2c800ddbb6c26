//! Statistics of a handful of samples that are not normally distributed: order statistics,
//! which assume nothing about the shape.

use serde::{Deserialize, Serialize};

/// The middle of the samples; halfway between the two middle ones if their number is even.
pub fn median(samples: &[f64]) -> f64 {
    let sorted = sorted(samples);
    let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    f64::midpoint(low, high)
}

/// How sure a statement has to be.
pub const LEVEL: f64 = 0.95;

/// Where the median lies of what the samples are drawn from: between two of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
    /// How often an interval that is found in this way holds the median: 0.98 is 98 times of
    /// 100. 0 where there is one sample.
    pub confidence: f64,
}

/// The narrowest interval for the median, symmetric in the ranks of the samples, of at least
/// this confidence. Where the samples are too few for that (six are needed for 95 %) it is
/// from the least to the greatest sample, with the confidence that is left.
///
/// Each sample is below the median with probability 1/2. So the k-th smallest is above it if
/// fewer than k samples are below: a coin that shows fewer than k heads in n throws.
pub fn median_interval(samples: &[f64], level: f64) -> Interval {
    let sorted = sorted(samples);
    let n = sorted.len();
    let confidence = |skipped: usize| 1.0 - 2.0 * at_most(skipped, n);
    let enough = (1..n.div_ceil(2)).take_while(|skipped| confidence(*skipped) >= level);
    let skipped = enough.last().unwrap_or(0);
    Interval {
        low: sorted[skipped],
        high: sorted[n - 1 - skipped],
        confidence: confidence(skipped).max(0.0),
    }
}

/// An interval for the ratio of two medians, of samples that make no pairs: from the least
/// that the two intervals allow to the most. It misses only if one of the two does, so the
/// confidence is at least what both leave of certainty.
pub fn unpaired_ratio(long: &[f64], short: &[f64]) -> Interval {
    let level = f64::midpoint(LEVEL, 1.0);
    let [long, short] = [long, short].map(|samples| median_interval(samples, level));
    Interval {
        low: long.low / short.high,
        high: long.high / short.low,
        confidence: (long.confidence + short.confidence - 1.0).max(0.0),
    }
}

/// The probability of at most `heads` heads in `throws` throws of a fair coin.
fn at_most(heads: usize, throws: usize) -> f64 {
    // Logarithms, because 2^-throws is zero in an f64 from 1075 throws on.
    let mut ln_of_term = -(throws as f64) * std::f64::consts::LN_2;
    let mut sum = 0.0;
    for i in 0..=heads {
        sum += ln_of_term.exp();
        ln_of_term += ((throws - i) as f64 / (i + 1) as f64).ln();
    }
    sum
}

/// The samples that are far from the others: by Iglewicz and Hoaglin, those that are more
/// than 3.5 deviations from the median, a deviation being the median of all distances to it
/// times 1.4826 (which makes it the standard deviation where the samples are normal).
pub fn outliers(samples: &[f64]) -> Vec<f64> {
    let median_of_all = median(samples);
    let distance = |sample: &f64| (sample - median_of_all).abs();
    let deviation = 1.4826 * median(&samples.iter().map(distance).collect::<Vec<_>>());
    let far = |sample: &&f64| distance(sample) > 3.5 * deviation && deviation > 0.0;
    samples.iter().filter(far).copied().collect()
}

pub fn mean(samples: &[f64]) -> f64 {
    samples.iter().sum::<f64>() / samples.len() as f64
}

/// The standard deviation of the population that these are samples of; `None` for one sample.
pub fn standard_deviation(samples: &[f64]) -> Option<f64> {
    let mean = mean(samples);
    let squares: f64 = samples.iter().map(|sample| (sample - mean).powi(2)).sum();
    (samples.len() > 1).then(|| (squares / (samples.len() - 1) as f64).sqrt())
}

pub fn min(samples: &[f64]) -> f64 {
    samples.iter().copied().fold(f64::INFINITY, f64::min)
}

pub fn max(samples: &[f64]) -> f64 {
    samples.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every list of up to six samples, each of which is 0, 1 or 5.
    fn all_lists() -> Vec<Vec<f64>> {
        let mut lists: Vec<Vec<f64>> = vec![vec![]];
        let mut longest = lists.clone();
        for _ in 0..6 {
            longest = longest
                .iter()
                .flat_map(|list| {
                    [0.0, 1.0, 5.0].map(|sample| [&list[..], &[sample]].concat())
                })
                .collect();
            lists.extend_from_slice(&longest);
        }
        lists.split_off(1)
    }

    #[test]
    fn as_many_samples_are_above_the_median_as_below() {
        for list in all_lists() {
            let median = median(&list);
            let above = list.iter().filter(|sample| **sample > median).count();
            let below = list.iter().filter(|sample| **sample < median).count();
            assert!(
                above <= list.len() / 2 && below <= list.len() / 2,
                "{list:?}"
            );
        }
    }

    #[test]
    fn order_does_not_matter_and_scale_carries_over() {
        for list in all_lists() {
            let reversed: Vec<_> = list.iter().rev().copied().collect();
            let doubled: Vec<_> = list.iter().map(|sample| 2.0 * sample).collect();
            assert_eq!(median(&list), median(&reversed));
            assert_eq!(
                median_interval(&list, LEVEL),
                median_interval(&reversed, LEVEL)
            );
            assert_eq!(2.0 * median(&list), median(&doubled));
            assert_eq!(
                2.0 * median_interval(&list, LEVEL).low,
                median_interval(&doubled, LEVEL).low
            );
            assert_eq!(outliers(&list).len(), outliers(&doubled).len());
        }
    }

    #[test]
    fn the_median_is_in_its_interval_and_the_interval_among_the_samples() {
        for list in all_lists() {
            let Interval {
                low,
                high,
                confidence,
            } = median_interval(&list, LEVEL);
            assert!((low..=high).contains(&median(&list)), "{list:?}");
            assert!(list.contains(&low) && list.contains(&high));
            assert_eq!(confidence >= 0.95, list.len() >= 6, "{list:?}");
        }
    }

    #[test]
    fn intervals_are_those_of_the_tables() {
        // Ranks and confidences as in tables of the sign test, e.g. Conover's.
        for (n, rank, confidence) in [(6, 1, 0.969), (10, 2, 0.979), (20, 6, 0.959)] {
            let samples: Vec<_> = (1..=n).map(f64::from).collect();
            let interval = median_interval(&samples, LEVEL);
            assert_eq!(
                (interval.low, interval.high),
                (rank.into(), (n + 1 - rank).into())
            );
            assert!(
                (interval.confidence - confidence).abs() < 0.001,
                "{interval:?}"
            );
        }
        let many: Vec<_> = (1..=10_000).map(f64::from).collect();
        let interval = median_interval(&many, LEVEL);
        assert!((0.95..0.96).contains(&interval.confidence), "{interval:?}");
        assert!((4890.0..4910.0).contains(&interval.low), "{interval:?}");
    }

    #[test]
    fn the_interval_covers_as_often_as_it_says() {
        // Ten samples from a skewed distribution whose median is 1: exponential, from a
        // linear congruential generator, so that the test is the same every time.
        let mut state = 42_u64;
        let mut sample = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let uniform = ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
            -uniform.log2()
        };
        let trials = 20_000;
        let mut covered = 0;
        for _ in 0..trials {
            let samples: Vec<_> = (0..10).map(|_| sample()).collect();
            let interval = median_interval(&samples, LEVEL);
            covered += usize::from((interval.low..=interval.high).contains(&1.0));
        }
        let covered = covered as f64 / f64::from(trials);
        assert!((covered - 0.979).abs() < 0.005, "{covered}");
    }

    #[test]
    fn two_samples_are_half_sure_and_one_is_not_sure_at_all() {
        for (samples, confidence) in [(&[1.0, 2.0][..], 0.5), (&[1.0], 0.0)] {
            let interval = median_interval(samples, LEVEL);
            assert_eq!(interval.confidence, confidence);
            assert_eq!((interval.low, interval.high), (min(samples), max(samples)));
        }
    }

    #[test]
    fn an_unpaired_ratio_is_as_sure_as_both_intervals_together() {
        let short: Vec<_> = (100..110).map(f64::from).collect();
        let long: Vec<_> = (200..210).map(f64::from).collect();
        let interval = unpaired_ratio(&long, &short);
        // Of ten samples, all but the least and the greatest: 97.9 % each.
        assert_eq!(
            (interval.low, interval.high),
            (201.0 / 108.0, 208.0 / 101.0)
        );
        assert!((interval.confidence - 0.957).abs() < 0.001, "{interval:?}");
        assert_eq!(unpaired_ratio(&long, &[1.0]).confidence, 0.0);
    }

    #[test]
    fn what_is_far_from_the_rest_is_an_outlier() {
        assert_eq!(outliers(&[1.0, 1.1, 0.9, 1.05, 0.95, 9.0]), [9.0]);
        assert_eq!(outliers(&[1.0, 1.1, 0.9, 1.05, 0.95]), [0.0; 0]);
        assert_eq!(outliers(&[1.0]), [0.0; 0]);
        // Far from the others, not from zero.
        assert_eq!(outliers(&[10.0, 11.0, 9.0, 10.5, 9.5, 20.0]), [20.0]);
        // Where more than half are equal there is no telling how far is far.
        assert_eq!(outliers(&[1.0, 1.0, 1.0, 5.0]), [0.0; 0]);
    }

    #[test]
    fn the_deviation_is_that_of_a_sample() {
        assert_eq!(standard_deviation(&[1.0]), None);
        assert_eq!(standard_deviation(&[1.0, 3.0, 5.0]), Some(2.0));
    }
}
