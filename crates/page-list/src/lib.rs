//! The table of the pages, and what may stand on their command lines: what the pages, `xtask`
//! and the tests have to agree on.

use std::time::Duration;

/// The pages of the workload `fetch-url`, the sequential one first.
pub const FETCH_URL: [&str; 5] = [
    "sequential-fetch-url",
    "threads-fetch-url",
    "processes-fetch-url",
    "async-fetch-url",
    "machines-fetch-url",
];

/// The pages of the workload `heavy-calculation`, in the order of [`FETCH_URL`].
pub const HEAVY_CALCULATION: [&str; 5] = [
    "sequential-heavy-calculation",
    "threads-heavy-calculation",
    "processes-heavy-calculation",
    "async-heavy-calculation",
    "machines-heavy-calculation",
];

/// The pages of the workload `say-after`, in the order of [`FETCH_URL`].
pub const SAY_AFTER: [&str; 7] = [
    "sequential-say-after",
    "threads-say-after",
    "processes-say-after",
    "async-gather",
    "async-gather-tasks",
    "async-task-group",
    "machines-say-after",
];

/// The demo pages, named after the article's three addresses: path and length in bytes.
pub const DEMO_PAGES: [(&str, usize); 3] =
    [("/python", 51_042), ("/django", 20_313), ("/flask", 17_806)];

const DAY: Duration = Duration::from_secs(86_400);

/// Reads a time in seconds, from 0 to a day.
///
/// # Errors
///
/// It is no such time.
pub fn seconds(text: &str) -> Result<Duration, String> {
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
/// It is no such time.
pub fn positive_seconds(text: &str) -> Result<Duration, String> {
    match seconds(text)? {
        Duration::ZERO => Err("not a time above 0 seconds".to_owned()),
        time => Ok(time),
    }
}

/// Reads `SECONDS:WHAT`: how long to wait, and what to say then.
///
/// # Errors
///
/// There is no colon, or no time before it.
pub fn saying(text: &str) -> Result<(Duration, &str), String> {
    let (delay, what) = text.split_once(':').ok_or("not of the form SECONDS:WHAT")?;
    Ok((positive_seconds(delay)?, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saying_is_a_time_above_zero_and_any_text() {
        let half = Duration::from_millis(500);
        assert_eq!(saying("0.5:a: b"), Ok((half, "a: b")));
        assert_eq!(saying("0.5:"), Ok((half, "")));
        for text in [
            "", "hello", ":a", "0:a", "nan:a", "inf:a", "86401:a", "-1:a",
        ] {
            assert!(saying(text).is_err(), "{text}");
        }
        assert_eq!(saying("86400:a"), Ok((DAY, "a")));
    }
}
