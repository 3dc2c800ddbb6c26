//! Numbers for people, with three digits.

use indicatif::HumanCount;

/// For instance `1.23 s`, `12.3 ms`, `123 µs`.
pub fn seconds(seconds: f64) -> String {
    let (factor, unit) = time_unit(seconds);
    format!("{} {unit}", number(seconds * factor))
}

/// With its sign, for instance `+1.23 kB`, `−12 µs`.
pub fn signed(value: f64, format: impl Fn(f64) -> String) -> String {
    let sign = if value < 0.0 { '−' } else { '+' };
    format!("{sign}{}", format(value.abs()))
}

/// As short as it can be said, for instance `100 ms`, `1.5 s`.
pub fn seconds_short(seconds: f64) -> String {
    let (factor, unit) = time_unit(seconds);
    // Three digits, without the zeros behind the point.
    let value = (seconds * factor * 1e3).round() / 1e3;
    format!("{value} {unit}")
}

/// For instance `1.23 ms (1.22–1.25)`.
pub fn seconds_in(seconds: f64, low: f64, high: f64) -> String {
    let (factor, unit) = time_unit(seconds);
    let [seconds, low, high] = [seconds, low, high].map(|time| number(time * factor));
    format!("{seconds} {unit} ({low}–{high})")
}

fn time_unit(seconds: f64) -> (f64, &'static str) {
    match seconds.abs() {
        s if s >= 0.9995 => (1.0, "s"),
        s if s >= 0.000_999_5 || s == 0.0 => (1e3, "ms"),
        s if s >= 0.999_5e-6 => (1e6, "µs"),
        _ => (1e9, "ns"),
    }
}

/// For instance `12.3× (12.1–12.4)`.
pub fn times_in(times: f64, low: f64, high: f64) -> String {
    let [times, low, high] = [times, low, high].map(number);
    format!("{times}× ({low}–{high})")
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

/// Of a share of one, for instance `98 %`, `97.9 %`.
pub fn percent(share: f64) -> String {
    let percent = number(share * 100.0);
    let percent = percent.strip_suffix(".0").unwrap_or(&percent);
    format!("{percent} %")
}

/// So many a second, for instance `46.2`, `3,375`.
pub fn rate(rate: f64) -> String {
    if rate >= 999.5 {
        count(rate.round() as u64)
    } else {
        number(rate)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_kept() {
        let cases = [
            (0.0, "0 ms"),
            (0.000_012_34, "12.3 µs"),
            (0.001, "1.00 ms"),
            (0.099_96, "100 ms"),
            (0.999_9, "1.00 s"),
            (12.345, "12.3 s"),
            (1234.5, "1234 s"),
        ];
        for (value, text) in cases {
            assert_eq!(seconds(value), text);
        }
        let powers = [1.0, 100.0, 1e3, 1e9].map(power_of_ten);
        assert_eq!(powers, ["1", "100", "10³", "10⁹"]);
        assert_eq!(count(123), "123");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(bytes(123.0), "123 B");
        assert_eq!(bytes(999_900.0), "1.00 MB");
        assert_eq!(bytes(2_345_000_000.0), "2.35 GB");
    }
}
