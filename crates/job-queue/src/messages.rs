//! The messages between submitters and workers. They are [CBOR], so a program in any language
//! can be either of them. `python/job_queue.py` is an example.
//!
//! A **run** is one call of `map`. A **job** is one or more arguments of a run. One worker
//! process calls the function with each of them in turn. Jobs are numbered from 0 on.
//!
//! | where | subject or key | what | kept |
//! |---|---|---|---|
//! | stream `jobs`, a work queue | `jobs.FUNCTION.RUN.N` | the arguments of job `N`: a list | until it is acknowledged, at most a day |
//! | stream `results`, a work queue | `results.RUN.N` | its answers: a list of `{"returned": VALUE}` or `{"failed": TEXT}` | until the submitter has acknowledged it, at most a day |
//! | stream `results` | `results.RUN.N.ID` | `{"host": TEXT, "how": TEXT}`: a worker process ended while it had job `N` | likewise |
//! | key-value bucket `runs` | `RUN` | `{"version", "function", "settings", "time_limit"}` | until the run ends, or 10 minutes after the submitter last renewed it, which it does every 20 seconds |
//! | no stream | `working.RUN` | nothing: a host says that it works for the run | not at all |
//!
//! - Each subject of both streams takes one message; a second one is refused. So a job may be
//!   published again at any time, and the first result of a job counts.
//! - Each function has a durable consumer of `jobs`, from which all its hosts pull. A worker
//!   reports progress at least every 30 seconds, and acknowledges a job when its result is
//!   stored. Each run has a durable consumer of `results` with the name of the run.
//! - A single `failed` answers all arguments of a job.
//! - A run has ended when its key is deleted. In the key, `version` is 2, and `time_limit` is in
//!   seconds or null.
//! - `FUNCTION` in a subject is the [`token`] of the function's name, `crate::path` or
//!   `crate::path#VERSION`.
//! - A Rust `Result` is `{"Ok": VALUE}` or `{"Err": ERROR}`, as serde writes it.
//!
//! [CBOR]: https://cbor.io

use std::any::TypeId;
use std::fmt::{self, Display, Write as _};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use ciborium::Value;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The version of these messages. A run that has another one is refused, and a note says so.
pub(crate) const VERSION: u32 = 2;

/// The value of a key in the bucket `runs`: a run that has not ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) version: u32,
    /// The name of the function that its jobs are for.
    pub(crate) function: String,
    /// The argument of the initializer of the worker processes.
    pub(crate) settings: Value,
    /// How long a job may take, in seconds.
    pub(crate) time_limit: Option<f64>,
}

impl Run {
    /// Reads the value of a run. Fails if it has another version.
    pub(crate) fn read(message: &[u8]) -> Result<Run, String> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = decode(message)?;
        if version != VERSION {
            return Err(format!(
                "it speaks version {version} of the messages, and this program version {VERSION}"
            ));
        }
        let run: Run = decode(message)?;
        if let Some(limit) = run.time_limit
            && Duration::try_from_secs_f64(limit).is_err()
        {
            return Err(format!("its time limit is no time: {limit}"));
        }
        Ok(run)
    }
}

/// What has become of one argument of a job.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Answer<T> {
    /// The function returned this.
    Returned(T),
    /// The function did not return. The text says why: a panic, an exception, or a time limit.
    Failed(String),
}

/// A worker process ended while it had a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Death {
    /// The process that had started it, and the machine.
    pub(crate) host: String,
    /// The signal or the exit code.
    pub(crate) how: String,
}

/// Why a job has no result. The text has no control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobError(String);

impl JobError {
    pub(crate) fn new(why: impl Display) -> JobError {
        JobError(printable(&why.to_string()))
    }
}

impl Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for JobError {}

/// Writes a message.
pub(crate) fn encode(message: &impl Serialize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    match ciborium::into_writer(message, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(error.to_string()),
    }
}

/// Reads a message. Fails if bytes follow it.
pub(crate) fn decode<T: DeserializeOwned>(mut message: &[u8]) -> Result<T, String> {
    use ciborium::de::Error;
    let value = ciborium::from_reader(&mut message).map_err(|error| match error {
        Error::Semantic(_, text) => text,
        error => error.to_string(),
    })?;
    match message.len() {
        0 => Ok(value),
        rest => Err(format!("{rest} bytes follow it")),
    }
}

/// The answer to a job if all its arguments failed for the same reason.
pub(crate) fn all_failed(why: impl Display) -> Vec<u8> {
    encode(&[Answer::<()>::Failed(why.to_string())]).expect("texts can be written")
}

/// The name of a function at the server: its path, and the version if there is one. The path is
/// not unique for closures and functions with type parameters. So their names end with a
/// number, which may differ in another build of the program.
pub(crate) fn name_of<F: 'static>(version: &str) -> String {
    let mut name = std::any::type_name::<F>().to_owned();
    if name.contains(['{', '<']) {
        let mut hasher = DefaultHasher::new();
        TypeId::of::<F>().hash(&mut hasher);
        let _ = write!(name, "-{:016x}", hasher.finish());
    }
    if !version.is_empty() {
        let _ = write!(name, "#{version}");
    }
    name
}

/// The name of a function as a part of a subject, and as the name of its consumer. `::`
/// becomes `-`. Of other characters, letters of ASCII, digits and `_` stay as they are; the
/// rest becomes `=` and two digits for each byte.
pub fn token(name: &str) -> String {
    let mut token = String::new();
    for (number, part) in name.split("::").enumerate() {
        if number > 0 {
            token.push('-');
        }
        for byte in part.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => {
                    token.push(byte as char)
                }
                _ => {
                    let _ = write!(token, "={byte:02X}");
                }
            }
        }
    }
    token
}

/// The subject of a job. `function` is a [`token`].
pub(crate) fn job_subject(function: &str, run: &str, number: usize) -> String {
    format!("jobs.{function}.{run}.{number}")
}

/// The subject of a job's answers.
pub(crate) fn result_subject(run: &str, number: usize) -> String {
    format!("results.{run}.{number}")
}

/// The subject of the heartbeats of hosts that work for a run.
pub(crate) fn working_subject(run: &str) -> String {
    format!("working.{run}")
}

/// The run and the number in the subject of a job.
pub(crate) fn parse_job_subject(subject: &str) -> Option<(&str, usize)> {
    let (rest, number) = subject.rsplit_once('.')?;
    let (_, run) = rest.rsplit_once('.')?;
    Some((run, number.parse().ok()?))
}

/// What a message of the stream `results` is about.
#[derive(Debug, PartialEq)]
pub(crate) enum About<'a> {
    /// The answers of this job.
    Answers(usize),
    /// The end of a process that had this job. The text is the id of this death.
    Death(usize, &'a str),
}

impl About<'_> {
    pub(crate) fn parse(subject: &str) -> Option<About<'_>> {
        let mut parts = subject.split('.').skip(2);
        let number = parts.next()?.parse().ok()?;
        match parts.next() {
            None => Some(About::Answers(number)),
            Some(id) => Some(About::Death(number, id)),
        }
    }
}

/// A random id.
pub(crate) fn new_id() -> String {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes foreign text safe for a terminal: control characters become `\u{…}`.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::new();
    for character in text.chars() {
        if is_harmless(character) {
            printable.push(character);
        } else {
            let _ = write!(printable, "{}", character.escape_unicode());
        }
    }
    printable
}

/// Control characters act on a terminal. So do those that change the direction of writing.
fn is_harmless(character: char) -> bool {
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !character.is_control() && !turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_functions_closures_and_versions_apart() {
        fn of<F: 'static>(_: F) -> String {
            name_of::<F>("")
        }
        let (one, other) = (|n: u64| n + 1, |n: u64| n + 2);
        assert_ne!(of(one), of(other));
        assert_eq!(of(one), of(one));
        assert_ne!(
            of(str::len as fn(&str) -> usize),
            of(String::len as fn(&String) -> usize)
        );
        assert_eq!(of(token), "job_queue::messages::token");
        assert_eq!(name_of::<u8>("1.2"), "u8#1.2");
    }

    #[test]
    fn tokens_hold_only_what_subjects_and_files_may_hold() {
        assert_eq!(
            token("machines_fetch_url::fetch_url"),
            "machines_fetch_url-fetch_url"
        );
        assert_eq!(token("a::b#1.0"), "a-b=231=2E0");
        assert_eq!(token("a-b"), "a=2Db");
    }

    #[test]
    fn values_come_back_as_they_were() {
        let list: Vec<f64> = vec![f64::INFINITY, -0.0];
        assert_eq!(decode::<Vec<f64>>(&encode(&list).unwrap()), Ok(list));
        assert!(decode::<f64>(&encode(&f64::NAN).unwrap()).unwrap().is_nan());
        let sum = u128::from(u64::MAX) * 3;
        assert_eq!(decode(&encode(&sum).unwrap()), Ok(sum));
        // A byte string, as Python writes it.
        assert_eq!(decode::<Vec<u8>>(b"\x43abc"), Ok(b"abc".to_vec()));
        assert_eq!(
            decode::<u8>(b"\x01\x02"),
            Err("1 bytes follow it".to_owned())
        );
    }

    #[test]
    fn subjects_say_what_they_are_about() {
        let job = job_subject("f", "RUN", 17);
        assert_eq!(parse_job_subject(&job), Some(("RUN", 17)));
        let result = result_subject("RUN", 17);
        assert_eq!(About::parse(&result), Some(About::Answers(17)));
        assert_eq!(
            About::parse("results.RUN.17.x"),
            Some(About::Death(17, "x"))
        );
        assert_eq!(About::parse("results.RUN.x"), None);
    }

    #[test]
    fn text_from_elsewhere_does_not_act_on_a_terminal() {
        assert_eq!(printable("a\u{1b}[2J\nü"), "a\\u{1b}[2J\\u{a}ü");
    }
}
