//! Times as hyperfine's JSON: written in the schema of its 1.x versions, which all its scripts
//! read, and read in that one and in the one of 2.0.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::measure::race::Timing;
use crate::stats;

/// The times as hyperfine 1.x would export them.
pub fn write<'a>(timings: impl IntoIterator<Item = &'a Timing>) -> Result<String> {
    let results = timings.into_iter().map(Hyperfine1Result::from).collect();
    let mut json = serde_json::to_string_pretty(&Hyperfine1 { results })?;
    json.push('\n');
    Ok(json)
}

/// Reads what hyperfine exported.
pub fn read(json: &str) -> Result<Vec<Timing>> {
    let version: Version = serde_json::from_str(json).context("not hyperfine's JSON")?;
    match version.schema_version {
        None => {
            let export: Hyperfine1 = serde_json::from_str(json)?;
            Ok(export.results.into_iter().map(Timing::from).collect())
        }
        Some(2) => {
            let export: Hyperfine2 = serde_json::from_str(json)?;
            Ok(export.results.into_iter().map(Timing::from).collect())
        }
        Some(version) => {
            bail!("hyperfine's JSON has schema version {version}; 1 and 2 are known")
        }
    }
}

#[derive(Deserialize)]
struct Version {
    schema_version: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct Hyperfine1 {
    results: Vec<Hyperfine1Result>,
}

/// The fields, and their order, are hyperfine's. All times are in seconds.
#[derive(Serialize, Deserialize)]
struct Hyperfine1Result {
    /// The name that was given to the command, if one was.
    command: String,
    mean: f64,
    stddev: Option<f64>,
    median: f64,
    user: f64,
    system: f64,
    min: f64,
    max: f64,
    times: Vec<f64>,
    exit_codes: Vec<Option<i32>>,
}

impl From<&Timing> for Hyperfine1Result {
    fn from(timing: &Timing) -> Self {
        Hyperfine1Result {
            command: timing.name.clone(),
            mean: stats::mean(&timing.times),
            stddev: stats::standard_deviation(&timing.times),
            median: stats::median(&timing.times),
            user: stats::mean(&timing.user),
            system: stats::mean(&timing.system),
            min: stats::min(&timing.times),
            max: stats::max(&timing.times),
            times: timing.times.clone(),
            // A run that fails is not timed.
            exit_codes: vec![Some(0); timing.times.len()],
        }
    }
}

impl From<Hyperfine1Result> for Timing {
    fn from(result: Hyperfine1Result) -> Self {
        // It tells the means of these alone.
        let every = |mean: f64| vec![mean; result.times.len()];
        Timing {
            user: every(result.user),
            system: every(result.system),
            ..Timing::block(result.command, result.times)
        }
    }
}

#[derive(Deserialize)]
struct Hyperfine2 {
    results: Vec<Hyperfine2Result>,
}

#[derive(Deserialize)]
struct Hyperfine2Result {
    command: String,
    /// Only if it is not the command.
    name: Option<String>,
    measurements: Vec<Measurement>,
}

#[derive(Deserialize)]
struct Measurement {
    time_wall_clock: Seconds,
    time_user: Seconds,
    time_system: Seconds,
}

#[derive(Deserialize)]
struct Seconds {
    value: f64,
}

impl From<Hyperfine2Result> for Timing {
    fn from(result: Hyperfine2Result) -> Self {
        let seconds = |time: fn(&Measurement) -> &Seconds| -> Vec<f64> {
            result.measurements.iter().map(|m| time(m).value).collect()
        };
        Timing {
            user: seconds(|measurement| &measurement.time_user),
            system: seconds(|measurement| &measurement.time_system),
            ..Timing::block(
                result.name.unwrap_or(result.command),
                seconds(|measurement| &measurement.time_wall_clock),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: [(&str, &str); 3] = [
        ("1.15", include_str!("../../samples/hyperfine-1.15.json")),
        ("1.20", include_str!("../../samples/hyperfine-1.20.json")),
        ("2.0", include_str!("../../samples/hyperfine-2.0.json")),
    ];

    #[test]
    fn all_versions_of_hyperfine_are_read() {
        for (version, json) in SAMPLES {
            let timings = read(json).unwrap();
            let names: Vec<_> = timings.iter().map(|timing| &timing.name[..]).collect();
            assert_eq!(names, ["threads", "async"], "{version}");
            for timing in timings {
                assert!(timing.times.len() >= 2, "{version}");
                assert!(timing.times.iter().all(|time| (0.01..0.1).contains(time)));
                assert!(timing.cpu().iter().all(|cpu| (0.0..0.01).contains(cpu)));
            }
        }
    }

    #[test]
    fn what_is_written_is_hyperfines_own_schema() {
        // Our field names and their order, and the statistics, must be those of hyperfine.
        let (_, sample) = SAMPLES[0];
        assert_eq!(write(&read(sample).unwrap()).unwrap().trim(), sample.trim());
    }

    #[test]
    fn one_round_has_no_deviation() {
        let timing = Timing {
            user: vec![0.25],
            system: vec![0.0],
            ..Timing::block("threads".to_string(), vec![0.5])
        };
        let json = write([&timing]).unwrap();
        assert!(json.contains(r#""stddev": null"#), "{json}");
        assert_eq!(read(&json).unwrap(), [timing]);
    }

    #[test]
    fn another_schema_is_refused() {
        let error = read(r#"{"schema_version": 3, "results": []}"#).unwrap_err();
        assert!(error.to_string().contains("schema version 3"), "{error}");
        assert!(read("").is_err());
        assert!(read("{}").is_err());
    }
}
