//! The table of the pages, and how times and sayings are written on a command line.
//!
//! The pages, `xtask` and the tests share it.

use std::time::Duration;

/// The pages of the workload `fetch-url`, the sequential one first.
pub const FETCH_URL: [&str; 5] = [
    "sequential-fetch-url",
    "threads-fetch-url",
    "processes-fetch-url",
    "async-fetch-url",
    "machines-fetch-url",
];

/// The pages of the workload `heavy-calculation`, the sequential one first.
pub const HEAVY_CALCULATION: [&str; 5] = [
    "sequential-heavy-calculation",
    "threads-heavy-calculation",
    "processes-heavy-calculation",
    "async-heavy-calculation",
    "machines-heavy-calculation",
];

/// The pages of the workload `say-after`, the sequential one first.
pub const SAY_AFTER: [&str; 7] = [
    "sequential-say-after",
    "threads-say-after",
    "processes-say-after",
    "async-gather",
    "async-gather-tasks",
    "async-task-group",
    "machines-say-after",
];

/// The pages of the workload `thumbnails`, the sequential one first.
pub const THUMBNAILS: [&str; 5] = [
    "sequential-thumbnails",
    "threads-thumbnails",
    "processes-thumbnails",
    "async-thumbnails",
    "machines-thumbnails",
];

/// The web pages of the demo site, named after the article's three addresses: path, and length in
/// bytes.
pub const DEMO_PAGES: [(&str, usize); 3] =
    [("/python", 51_042), ("/django", 20_313), ("/flask", 17_806)];

const DAY: Duration = Duration::from_secs(86_400);

/// Reads a time in seconds, from 0 to a day.
///
/// # Errors
///
/// It is not a number from 0 to 86400.
pub fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds")?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if time <= DAY => Ok(time),
        _ => Err("not a time from 0 to 86400 seconds".to_owned()),
    }
}

/// Reads a time in seconds, above 0 and up to a day.
///
/// # Errors
///
/// It is not a number above 0 and up to 86400.
pub fn parse_positive_seconds(text: &str) -> Result<Duration, String> {
    match parse_seconds(text) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err("not a time above 0 and up to 86400 seconds".to_owned()),
    }
}

/// Reads `SECONDS:WHAT`: how long to wait, and what to say after that.
///
/// # Errors
///
/// There is no colon, or no valid time before it.
pub fn parse_saying(text: &str) -> Result<(Duration, &str), String> {
    let (delay, what) = text.split_once(':').ok_or("not of the form SECONDS:WHAT")?;
    Ok((parse_positive_seconds(delay)?, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saying_is_a_time_above_zero_and_any_text() {
        let half = Duration::from_millis(500);
        assert_eq!(parse_saying("0.5:a: b"), Ok((half, "a: b")));
        assert_eq!(parse_saying("0.5:"), Ok((half, "")));
        for text in [
            "", "hello", ":a", "0:a", "nan:a", "inf:a", "86401:a", "-1:a",
        ] {
            assert!(parse_saying(text).is_err(), "{text}");
        }
        assert_eq!(parse_saying("86400:a"), Ok((DAY, "a")));
    }
}
