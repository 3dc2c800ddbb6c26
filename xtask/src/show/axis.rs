//! A linear axis of time, for timelines in a terminal and in an SVG.

use crate::format;

/// An axis that begins at 0 s.
pub struct Axis {
    /// The time at its end.
    pub seconds: f64,
    /// Where it begins and how long it is, in columns or in the units of the SVG.
    pub start: f64,
    pub length: f64,
}

impl Axis {
    /// Where a time is on the axis; a time beyond it is at its end.
    pub fn at(&self, seconds: f64) -> f64 {
        let share = seconds / self.seconds.max(f64::MIN_POSITIVE);
        self.start + self.length * share.clamp(0.0, 1.0)
    }

    /// Round times and their names, in steps of 1, 2 or 5: at most `most` steps.
    pub fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        let least = self.seconds.max(1e-9) / most.max(1) as f64;
        let decade = 10_f64.powf(least.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade);
        // The factors keep a rounding error from skipping a step or the last tick.
        let is_enough = |step: &f64| *step >= least * (1.0 - 1e-9);
        let step = steps.into_iter().find(is_enough).unwrap_or(least);
        let end = self.seconds * (1.0 + 1e-9);
        let mut ticks = vec![(0.0, "0".to_string())];
        for number in 1.. {
            let tick = f64::from(number) * step;
            if tick > end {
                break;
            }
            ticks.push((tick, format::seconds_short(tick)));
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(seconds: f64, most: usize) -> Vec<String> {
        let axis = Axis {
            seconds,
            start: 0.0,
            length: 1.0,
        };
        axis.ticks(most).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn ticks_are_round_and_not_too_many() {
        assert_eq!(ticks(0.6, 3), ["0", "200 ms", "400 ms", "600 ms"]);
        assert_eq!(
            ticks(0.93, 5),
            ["0", "200 ms", "400 ms", "600 ms", "800 ms"]
        );
        assert_eq!(
            ticks(3.01, 7),
            ["0", "500 ms", "1 s", "1.5 s", "2 s", "2.5 s", "3 s"]
        );
        assert_eq!(
            ticks(50e-6, 5),
            ["0", "10 µs", "20 µs", "30 µs", "40 µs", "50 µs"]
        );
        assert_eq!(ticks(9.99, 1), ["0"]);
        for most in 1..20 {
            for seconds in [1e-6, 0.012, 0.7, 1.0, 3.3, 86_400.0] {
                let count = ticks(seconds, most).len();
                assert!(
                    (1..=most + 1).contains(&count),
                    "{seconds}: {count} of {most}"
                );
            }
        }
    }

    #[test]
    fn places_are_proportional_to_time() {
        let axis = Axis {
            seconds: 2.0,
            start: 100.0,
            length: 600.0,
        };
        assert_eq!(
            [0.0, 0.5, 1.0, 2.0].map(|it| axis.at(it)),
            [100.0, 250.0, 400.0, 700.0]
        );
        assert_eq!([-1.0, 3.0].map(|it| axis.at(it)), [100.0, 700.0]);
    }

    #[test]
    fn an_axis_without_length_in_time_still_works() {
        let axis = Axis {
            seconds: 0.0,
            start: 1.0,
            length: 2.0,
        };
        assert_eq!(axis.at(0.0), 1.0);
        assert_eq!(axis.ticks(5).len(), 1);
    }
}
