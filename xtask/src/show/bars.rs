//! Bars of characters, to stand beside figures in a terminal.

use crate::format;

/// How many characters the longest bar has.
const WIDTH: f64 = 10.0;

/// What bars are drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// `█` and its eighths.
    Blocks,
    /// `#`, for a terminal that has no others.
    Ascii,
}

/// A scale of times for bars, on which the greatest has the longest one.
///
/// A bar should be as long as its value is great. Where the greatest is so many times the
/// least that this would leave nothing to see of the least, the scale is logarithmic, and
/// begins with a round value instead of zero.
#[derive(Debug, PartialEq)]
pub struct Bars {
    /// Where the bars begin: zero, unless the scale is logarithmic.
    low: f64,
    high: f64,
}

impl Bars {
    /// `None` unless there are values above zero.
    pub fn around(values: impl Iterator<Item = f64>) -> Option<Self> {
        let values: Vec<_> = values.filter(|value| *value > 0.0).collect();
        let least = values.iter().copied().reduce(f64::min)?;
        let high = values.iter().copied().reduce(f64::max)?;
        // Below this ratio the shortest bar has at least one whole character.
        let low = if high <= WIDTH * least {
            0.0
        } else {
            round_value_up_to(least)
        };
        Some(Bars { low, high })
    }

    /// The scale in two short lines, to stand above the bars.
    pub fn describe(&self) -> String {
        if self.low == 0.0 {
            "linear,\nfrom 0".to_string()
        } else {
            format!("log, from\n{}", format::seconds_short(self.low))
        }
    }

    /// The bar of a value; the least of them is one that can be seen.
    pub fn draw(&self, value: f64, ink: Ink) -> String {
        const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
        let way = if self.low == 0.0 {
            value / self.high
        } else {
            (value / self.low).ln() / (self.high / self.low).ln()
        };
        let characters = WIDTH * way.clamp(0.0, 1.0);
        match ink {
            Ink::Ascii => "#".repeat((characters.round() as usize).max(1)),
            Ink::Blocks => {
                let eighths = ((8.0 * characters).round() as usize).max(1);
                "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
            }
        }
    }
}

/// The greatest of 1, 2, 5, 10, 20, ... (or 0.5, 0.2, ...) that is not above the value.
fn round_value_up_to(value: f64) -> f64 {
    // A value that is a round one must not fall below itself by the last bit.
    let value = value * (1.0 + 1e-9);
    let decade = 10_f64.powf(value.log10().floor());
    let steps = [5.0, 2.0].map(|step| step * decade);
    steps
        .into_iter()
        .find(|step| *step <= value)
        .unwrap_or(decade)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_value_is_great() {
        let bars = Bars::around([0.2, 2.0, 1.0].into_iter()).unwrap();
        assert_eq!(bars.describe(), "linear,\nfrom 0");
        let draw = |value| bars.draw(value, Ink::Blocks);
        assert_eq!(draw(2.0), "██████████");
        assert_eq!(draw(1.0), "█████");
        assert_eq!(draw(0.2), "█");
        assert_eq!(draw(0.3), "█▌");
        assert_eq!(bars.draw(1.0, Ink::Ascii), "#####");
    }

    #[test]
    fn where_the_least_could_not_be_seen_the_scale_is_logarithmic_and_says_so() {
        let bars = Bars::around([0.1, 10.0].into_iter()).unwrap();
        assert_eq!(bars.describe(), "log, from\n100 ms");
        // The same ratio is the same length.
        let length = |value| bars.draw(value, Ink::Ascii).len();
        assert_eq!([0.1, 0.3, 1.0, 10.0].map(length), [1, 2, 5, 10]);
        let bars = Bars::around([0.13, 13.0].into_iter()).unwrap();
        assert_eq!(bars.describe(), "log, from\n100 ms");
        // Below the scale there is still something to see, and above it nothing too long.
        assert_eq!(bars.draw(0.05, Ink::Blocks), "▏");
        assert_eq!(bars.draw(0.05, Ink::Ascii), "#");
        assert_eq!(length(1e6), 10);
    }

    #[test]
    fn scales_begin_at_round_values() {
        let cases = [
            (0.1, 0.1),
            (0.19, 0.1),
            (0.2, 0.2),
            (4.9, 2.0),
            (5.0, 5.0),
            (99.0, 50.0),
        ];
        for (value, round) in cases {
            let found = round_value_up_to(value);
            assert!((found - round).abs() < 1e-9, "{value}: {found}");
        }
    }

    #[test]
    fn without_values_there_are_no_bars() {
        assert_eq!(Bars::around([0.0].into_iter()), None);
    }
}
