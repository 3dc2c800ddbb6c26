//! Statistics for few samples with outliers, as races on a shared machine give.

/// The middle sample. If their number is even, the mean of the two middle ones.
///
/// # Panics
///
/// If there are no samples.
pub fn median(samples: &[f64]) -> f64 {
    let sorted = sorted(samples);
    let low = sorted[(sorted.len() - 1) / 2];
    let high = sorted[sorted.len() / 2];
    f64::midpoint(low, high)
}

/// The arithmetic mean.
pub fn mean(samples: &[f64]) -> f64 {
    samples.iter().sum::<f64>() / samples.len() as f64
}

/// The standard deviation of the population that the samples come from; `None` for fewer than
/// two samples.
pub fn standard_deviation(samples: &[f64]) -> Option<f64> {
    let mean = mean(samples);
    let squares: f64 = samples.iter().map(|sample| (sample - mean).powi(2)).sum();
    (samples.len() > 1).then(|| (squares / (samples.len() - 1) as f64).sqrt())
}

/// The smallest sample.
pub fn min(samples: &[f64]) -> f64 {
    samples.iter().copied().fold(f64::INFINITY, f64::min)
}

/// The greatest sample.
pub fn max(samples: &[f64]) -> f64 {
    samples.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// Half the width of the interval of a [`centre`], in standard deviations of the test.
///
/// With 1.96, the interval would contain the truth in 95 of 100 series of samples. But a race
/// looks at its intervals many times. With 2.8, in 95 of 100 races the intervals of *all*
/// looks contain the truth. The value was found by simulation, for normal samples and the
/// looks of a race of up to 1,000 rounds. A test repeats the simulation with fewer.
pub const Z: f64 = 2.8;

/// The same for Student's t distribution, for 3 to 9 samples.
const T: [f64; 7] = [13.94, 7.40, 5.56, 4.75, 4.30, 4.01, 3.82];

/// An estimate of the centre of a distribution, and an interval that contains the centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Centre {
    /// The estimate.
    pub estimate: f64,
    /// The lower and upper end; `None` for fewer than three samples.
    pub interval: Option<(f64, f64)>,
}

/// Estimates the centre of the distribution that the samples come from, by Hodges and
/// Lehmann: the median of the averages of all pairs of samples. (Each sample also forms a
/// pair with itself.) For a normal distribution it is nearly as precise as the mean, and
/// outliers disturb it much less.
///
/// The interval is that of Wilcoxon's signed-rank test, which assumes a symmetric
/// distribution. Its normal approximation cannot reach the confidence of [`Z`] with fewer
/// than ten samples. For those, the interval is that of Student's t test, which assumes a
/// normal distribution.
///
/// # Panics
///
/// If there are no samples.
pub fn centre(samples: &[f64]) -> Centre {
    let sorted = sorted(samples);
    let pairs = sorted.len() * (sorted.len() + 1) / 2;
    let lower = average_of_rank(&sorted, (pairs - 1) / 2);
    let upper = average_of_rank(&sorted, pairs / 2);
    Centre {
        estimate: f64::midpoint(lower, upper),
        interval: match sorted.len() {
            0..3 => None,
            3..10 => students_interval(&sorted),
            _ => Some(wilcoxons_interval(&sorted)),
        },
    }
}

fn students_interval(samples: &[f64]) -> Option<(f64, f64)> {
    let mean = mean(samples);
    let error = standard_deviation(samples)? / (samples.len() as f64).sqrt();
    let width = T[samples.len() - 3] * error;
    Some((mean - width, mean + width))
}

/// The interval by Wilcoxon's test. Its ends are two of the averages; the normal
/// approximation says which.
fn wilcoxons_interval(sorted: &[f64]) -> (f64, f64) {
    let n = sorted.len() as f64;
    let mean = n * (n + 1.0) / 4.0;
    let deviation = (n * (n + 1.0) * (2.0 * n + 1.0) / 24.0).sqrt();
    let skipped = (mean - Z * deviation).floor() as usize;
    let last = sorted.len() * (sorted.len() + 1) / 2 - 1;
    let low = average_of_rank(sorted, skipped);
    let high = average_of_rank(sorted, last - skipped);
    (low, high)
}

/// The average of a pair of samples, with this rank among the averages of all pairs, from 0
/// on.
///
/// There are too many pairs to sort: 5,000,000,000 for 100,000 samples. But counting the
/// pairs up to a value takes only one pass over the samples. So the value is found by
/// bisection.
fn average_of_rank(sorted: &[f64], rank: usize) -> f64 {
    let mut low = sorted[0];
    let mut high = sorted[sorted.len() - 1];
    if pairs_up_to(sorted, low) > rank {
        return low;
    }
    loop {
        let middle = f64::midpoint(low, high);
        // No floating-point number lies between the two.
        if middle <= low || middle >= high {
            return high;
        }
        if pairs_up_to(sorted, middle) > rank {
            high = middle;
        } else {
            low = middle;
        }
    }
}

/// How many pairs of samples have an average of at most `value`.
fn pairs_up_to(sorted: &[f64], value: f64) -> usize {
    let mut count = 0;
    let mut end = sorted.len();
    for (i, sample) in sorted.iter().enumerate() {
        while end > i && f64::midpoint(*sample, sorted[end - 1]) > value {
            end -= 1;
        }
        if end <= i {
            break;
        }
        count += end - i;
    }
    count
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every list of up to five samples, each of which is 0, 1 or 5.
    fn all_lists() -> Vec<Vec<f64>> {
        let mut lists = Vec::new();
        let mut longest: Vec<Vec<f64>> = vec![vec![]];
        for _ in 0..5 {
            let mut longer = Vec::new();
            for list in &longest {
                for sample in [0.0, 1.0, 5.0] {
                    longer.push([&list[..], &[sample]].concat());
                }
            }
            lists.extend_from_slice(&longer);
            longest = longer;
        }
        lists
    }

    #[test]
    fn no_more_than_half_of_the_samples_lie_on_either_side_of_the_median() {
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
    fn the_centre_is_the_median_of_all_averages_of_pairs() {
        for list in all_lists() {
            let mut averages = Vec::new();
            for (i, a) in list.iter().enumerate() {
                averages.extend(list[i..].iter().map(|b| f64::midpoint(*a, *b)));
            }
            let expected = median(&averages);
            let found = centre(&list).estimate;
            assert!((found - expected).abs() < 1e-12, "{list:?}: {found}");
        }
    }

    #[test]
    fn the_interval_is_that_of_the_signed_rank_test() {
        let samples: Vec<_> = (1..=20).map(f64::from).collect();
        let mut averages = Vec::new();
        for (i, a) in samples.iter().enumerate() {
            averages.extend(samples[i..].iter().map(|b| f64::midpoint(*a, *b)));
        }
        averages.sort_by(f64::total_cmp);
        // 105 - 2.8 × 26.8 = 29.98 of the 210 averages lie on either side of the interval.
        let (low, high) = centre(&samples).interval.unwrap();
        assert!((low - averages[29]).abs() < 1e-9, "{low}");
        assert!((high - averages[209 - 29]).abs() < 1e-9, "{high}");
    }

    #[test]
    fn the_interval_of_few_samples_is_that_of_students_test() {
        assert_eq!(centre(&[1.0, 2.0]).interval, None);
        let (low, high) = centre(&[1.0, 2.0, 3.0]).interval.unwrap();
        let width = 13.94 / 3_f64.sqrt();
        assert!((low - (2.0 - width)).abs() < 1e-9, "{low}");
        assert!((high - (2.0 + width)).abs() < 1e-9, "{high}");
    }

    /// A standard normal sample, by Box and Muller.
    fn normal(rng: &mut fastrand::Rng) -> f64 {
        let uniform = 1.0 - rng.f64();
        (-2.0 * uniform.ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
    }

    /// 600 races of up to 141 rounds, in each of which all looks are counted.
    #[test]
    fn in_95_of_100_races_no_look_misses_the_truth() {
        const RACES: u32 = 600;
        let mut rng = fastrand::Rng::with_seed(1);
        let mut missed = 0;
        for _ in 0..RACES {
            let samples: Vec<_> = (0..141).map(|_| normal(&mut rng)).collect();
            let mut look = 3;
            let mut misses = false;
            while look <= samples.len() {
                let (low, high) = centre(&samples[..look]).interval.unwrap();
                misses |= low > 0.0 || high < 0.0;
                look += (look / 2).max(1);
            }
            missed += u32::from(misses);
        }
        assert!(missed <= RACES / 20, "{missed} of {RACES}");
        assert!(
            missed >= RACES / 50,
            "wider than needed: {missed} of {RACES}"
        );
    }

    #[test]
    fn one_outlier_moves_the_centre_little() {
        let mut samples = vec![1.0; 20];
        samples.push(1000.0);
        let centre = centre(&samples);
        assert_eq!(centre.estimate, 1.0);
        assert_eq!(centre.interval, Some((1.0, 1.0)));
    }

    /// Sorting the pairs would take a minute, and 40 GB.
    #[test]
    fn a_hundred_thousand_samples_take_no_time() {
        let samples: Vec<_> = (0..100_000).map(f64::from).collect();
        let centre = centre(&samples);
        assert!((centre.estimate - 49_999.5).abs() < 0.5, "{centre:?}");
    }

    #[test]
    fn the_deviation_is_that_of_a_sample() {
        assert_eq!(standard_deviation(&[1.0]), None);
        assert_eq!(standard_deviation(&[1.0, 3.0, 5.0]), Some(2.0));
    }
}
