//! Numbers for people, with three digits, and text that is safe to show.

use std::time::Duration;

use indicatif::{HumanCount, HumanDuration};
use race::Ratio;

/// For instance `1.23 s`, `12.3 ms`, `123 µs`.
pub fn seconds(seconds: f64) -> String {
    let (factor, unit) = time_unit(seconds);
    format!("{} {unit}", number(seconds * factor))
}

/// For instance `5 minutes`, `9 days`; `12.3 s` where that is less than a minute.
pub fn roughly(seconds: f64) -> String {
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if time.as_secs() >= 60 => HumanDuration(time).to_string(),
        _ => self::seconds(seconds),
    }
}

/// In the shortest form, for instance `100 ms`, `1.5 s`.
pub fn seconds_short(seconds: f64) -> String {
    let (factor, unit) = time_unit(seconds);
    // Three digits, without zeros at the end.
    let value = (seconds * factor * 1e3).round() / 1e3;
    format!("{value} {unit}")
}

/// A median with its range, all in one unit, for instance `1.23 ms (1.20…1.25)`.
pub fn seconds_in(seconds: f64, low: f64, high: f64) -> String {
    let (factor, unit) = time_unit(seconds);
    let [seconds, low, high] = [seconds, low, high].map(|time| number(time * factor));
    format!("{seconds} {unit} ({low}…{high})")
}

fn time_unit(seconds: f64) -> (f64, &'static str) {
    match seconds.abs() {
        s if s >= 0.9995 => (1.0, "s"),
        s if s >= 0.000_999_5 || s == 0.0 => (1e3, "ms"),
        s if s >= 0.999_5e-6 => (1e6, "µs"),
        _ => (1e9, "ns"),
    }
}

/// The interval of a ratio, for instance `0.97–1.12×`. If there is no interval that says
/// anything, the estimate.
pub fn range(ratio: &Ratio) -> String {
    match ratio.interval {
        Some((low, high)) if high < 10.0 * low => format!("{low:.2}–{high:.2}×"),
        _ => format!("about {}×", number(ratio.estimate)),
    }
}

/// For instance `12.3× (12.1–12.4)`.
pub fn times_in(ratio: &Ratio) -> String {
    let times = number(ratio.estimate);
    match ratio.interval {
        Some((low, high)) => format!("{times}× ({}–{})", number(low), number(high)),
        None => format!("{times}×"),
    }
}

/// For instance `1.23 MB`, `12.3 kB`.
pub fn bytes(bytes: f64) -> String {
    let (value, unit) = match bytes {
        b if b >= 0.9995e9 => (bytes / 1e9, "GB"),
        b if b >= 0.9995e6 => (bytes / 1e6, "MB"),
        b if b >= 0.9995e3 => (bytes / 1e3, "kB"),
        _ => return format!("{} B", number(bytes)),
    };
    format!("{} {unit}", number(value))
}

/// For instance `1,000,000`.
pub fn count(count: u64) -> String {
    HumanCount(count).to_string()
}

/// For instance `1 URL`, `1,000 URLs`.
pub fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", HumanCount(count))
}

/// Exactly, for instance `20 ms`, `1.5 s`.
pub fn duration(duration: Duration) -> String {
    let text = format!("{duration:?}");
    let unit = text.find(char::is_alphabetic).unwrap_or(text.len());
    format!("{} {}", &text[..unit], &text[unit..])
}

/// For instance `a`, `a and b`, `a, b and c`.
pub fn list(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [item] => item.to_string(),
        [items @ .., last] => format!("{} and {last}", items.join(", ")),
    }
}

/// A power of ten, short enough for an axis: `1`, `10`, `100`, `10³`, `10⁴`.
pub fn power_of_ten(value: f64) -> String {
    const SUPERSCRIPT: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match value.log10().round() as usize {
        exponent @ 3..=9 => format!("10{}", SUPERSCRIPT[exponent]),
        _ => format!("{value:.0}"),
    }
}

/// For instance `0.0123`, `1.23`, `12.3`, `1234`.
pub fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 99.95 => format!("{value:.0}"),
        v if v >= 9.995 => format!("{value:.1}"),
        v if v >= 0.1 => format!("{value:.2}"),
        0.0 => "0".to_string(),
        v => {
            let zeros = -v.log10().ceil() as usize;
            format!("{value:.*}", zeros + 3)
        }
    }
}

/// The text with an escape such as `\u{1b}` for every character that must not be printed.
///
/// A terminal takes a control character as a command. An XML parser refuses a file that
/// contains one, U+FFFE or U+FFFF. Bidi overrides and isolates change the order in which the
/// characters around them are shown.
pub fn visible(text: &str) -> String {
    let mut visible = String::new();
    for c in text.chars() {
        let is_bidi = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let is_noncharacter = matches!(c, '\u{fffe}' | '\u{ffff}');
        if c.is_control() || is_bidi || is_noncharacter {
            visible.extend(c.escape_default());
        } else {
            visible.push(c);
        }
    }
    visible
}

/// The same for a text of several lines: its line breaks stay.
pub fn visible_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(visible).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_kept() {
        let cases = [
            (0.0, "0 ms"),
            (0.000_000_123_4, "123 ns"),
            (0.000_000_999_5, "1.00 µs"),
            (0.000_012_34, "12.3 µs"),
            (0.000_999_5, "1.00 ms"),
            (0.001, "1.00 ms"),
            (0.009_995, "10.0 ms"),
            (0.099_96, "100 ms"),
            (0.999_4, "999 ms"),
            (0.999_9, "1.00 s"),
            (12.345, "12.3 s"),
            (1234.5, "1234 s"),
        ];
        for (value, text) in cases {
            assert_eq!(seconds(value), text);
        }
        let numbers = [
            0.0, 0.001_234, 0.05, 0.1, 0.123, 1.234, 9.996, 99.96, 1234.5,
        ];
        let texts = [
            "0", "0.00123", "0.0500", "0.10", "0.12", "1.23", "10.0", "100", "1234",
        ];
        assert_eq!(numbers.map(number), texts);
        assert_eq!(number(-12.34), "-12.3");
        let bytes = [
            0.0,
            123.0,
            999.4,
            999.6,
            12_340.0,
            999_900.0,
            999_600_000.0,
            2.345e9,
        ];
        let texts = [
            "0 B", "123 B", "999 B", "1.00 kB", "12.3 kB", "1.00 MB", "1.00 GB",
            "2.35 GB",
        ];
        assert_eq!(bytes.map(super::bytes), texts);
    }

    #[test]
    fn intervals_have_the_unit_of_their_middle() {
        assert_eq!(seconds_in(0.9, 0.8, 1.25), "900 ms (800…1250)");
        let mut ratio = Ratio {
            estimate: 12.345,
            interval: Some((1.0, 100.2)),
        };
        assert_eq!(times_in(&ratio), "12.3× (1.00–100)");
        assert_eq!(range(&ratio), "about 12.3×");
        ratio.interval = None;
        assert_eq!(times_in(&ratio), "12.3×");
        assert_eq!(range(&ratio), "about 12.3×");
        ratio.interval = Some((0.97, 1.125));
        assert_eq!(range(&ratio), "0.97–1.12×");
    }

    #[test]
    fn a_scale_has_no_zeros_behind_the_point() {
        assert_eq!(
            [0.1, 1.5, 2.0, 0.002_5].map(seconds_short),
            ["100 ms", "1.5 s", "2 s", "2.5 ms"]
        );
        let powers = [1.0, 100.0, 1e3, 1e9].map(power_of_ten);
        assert_eq!(powers, ["1", "100", "10³", "10⁹"]);
    }

    #[test]
    fn counts_know_their_singular() {
        let long = [59.9, 60.0, 300.0, 750_000.0].map(roughly);
        assert_eq!(long, ["59.9 s", "60 seconds", "5 minutes", "9 days"]);
        assert_eq!(count(123), "123");
        assert_eq!(count(1_234_567), "1,234,567");
        let counted = [0, 1, 2, 1000].map(|n| counted(n, "URL"));
        assert_eq!(counted, ["0 URLs", "1 URL", "2 URLs", "1,000 URLs"]);
    }

    #[test]
    fn lists_end_with_and() {
        assert_eq!(list(&[]), "");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn durations_are_exact() {
        let text = |millis| duration(Duration::from_millis(millis));
        assert_eq!([20, 1500, 0].map(text), ["20 ms", "1.5 s", "0 ns"]);
    }

    #[test]
    fn characters_that_must_not_be_printed_are_escaped() {
        let cases = [
            ("\u{1b}[31m", "\\u{1b}[31m"),
            ("\0\u{7f}\u{9b}", "\\u{0}\\u{7f}\\u{9b}"),
            ("a\tb\r\n", "a\\tb\\r\\n"),
            ("\u{fffe}\u{ffff}", "\\u{fffe}\\u{ffff}"),
            ("\u{202e}\u{2066}", "\\u{202e}\\u{2066}"),
            ("é <&> \"it's\" 蟒蛇 🐍", "é <&> \"it's\" 蟒蛇 🐍"),
            // Text that is visible already stays as it is.
            ("\\u{1b}", "\\u{1b}"),
        ];
        for (text, expected) in cases {
            assert_eq!(visible(text), expected);
        }
    }
}
