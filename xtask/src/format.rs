//! Numbers for people.

/// A time with three digits: `1.23 s`, `12.3 ms`, `1.23 µs`.
pub fn seconds(seconds: f64) -> String {
    let (value, unit) = match seconds.abs() {
        s if s >= 0.9995 => (seconds, "s"),
        s if s >= 0.000_999_5 || s == 0.0 => (seconds * 1e3, "ms"),
        _ => (seconds * 1e6, "µs"),
    };
    format!("{} {unit}", three_digits(value))
}

/// A ratio: `1.00×`, `12.3×`, `1234×`.
pub fn times(ratio: f64) -> String {
    format!("{}×", three_digits(ratio))
}

fn three_digits(value: f64) -> String {
    match value.abs() {
        v if v >= 99.95 => format!("{value:.0}"),
        v if v >= 9.995 => format!("{value:.1}"),
        0.0 => "0".to_string(),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_three_digits() {
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
    }
}
