//! What submitters and workers say to each other. All of it is JSON, so that a program in any
//! language can be either of them; `python/job_queue.py` is.
//!
//! | subject | who says it | what |
//! |---|---|---|
//! | `jobs.runs` | a submitter, every second, and when a worker comes | `Run`: it has jobs |
//! | `jobs.workers` | a worker, when it comes and every two seconds | `Hello`: it is there |
//! | `jobs.RUN.job.N` | the submitter, into the stream `jobs-RUN` | the argument of job `N`, from 0 on |
//! | `jobs.RUN.result.N` | whoever has done job `N`, into the same stream | [`Answer`] |
//! | `jobs.RUN.submitter` | a worker that has long heard nothing | a question, for whoever listens |
//!
//! A run is one call of `map`. Its stream is a work queue: what is acknowledged is gone. Workers
//! pull jobs from its consumer `workers`, and acknowledge one when its result is stored; the
//! submitter pulls results from `submitter`. The stream goes when the run ends.

use std::fmt::{self, Display};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use workloads::Settings;

/// The version of these messages. Whoever hears another one leaves it alone, and says so.
pub(crate) const VERSION: u32 = 1;

/// There are jobs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) version: u32,
    /// The function that they are for.
    pub(crate) function: String,
    /// What tells this run from all others.
    pub(crate) run: String,
    /// The options of the page that concern the work; the defaults where there are none.
    #[serde(default)]
    pub(crate) settings: Settings,
}

/// There is a worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) version: u32,
    /// The function that it has.
    pub(crate) function: String,
    /// Who it is, for people's eyes.
    pub(crate) worker: String,
}

/// What has become of a job.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer<T, E> {
    /// The function returned this.
    Returned(T),
    /// The function failed with this error of its own.
    Raised(E),
    /// There is neither, and this text says why: a panic, an exception.
    Failed(String),
}

/// Why a job has no result, in words.
#[derive(Clone, Debug)]
pub struct JobError(pub(crate) String);

impl Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for JobError {}

/// The job with this argument.
pub(crate) fn argument(argument: &impl Argument) -> Result<Vec<u8>, JobError> {
    serde_json::to_vec(argument).map_err(|error| JobError(error.to_string()))
}

/// The answer with what the function returned.
pub(crate) fn answer(outcome: impl Outcome) -> Vec<u8> {
    serde_json::to_vec(&outcome.into_answer()).unwrap_or_else(|error| failed(&error))
}

/// The answer where there is neither a value nor an error of the function's own.
pub(crate) fn failed(why: &impl ToString) -> Vec<u8> {
    serde_json::to_vec(&Answer::<(), ()>::Failed(why.to_string())).unwrap_or_default()
}

/// The result in an answer.
pub(crate) fn result_in<O: Outcome>(answer: &[u8]) -> Result<O, JobError> {
    let answer = serde_json::from_slice(answer);
    let answer = answer.map_err(|error| format!("not an answer to this job: {error}"));
    answer.and_then(O::from_answer).map_err(JobError)
}

/// What a job's function may take: whatever goes into JSON and comes back.
pub trait Argument: Serialize + DeserializeOwned + Send + 'static {}

impl<T: Serialize + DeserializeOwned + Send + 'static> Argument for T {}

/// What a job's function may return: a [`Result`], whose error travels as one, or a plain value.
pub trait Outcome: Serialize + DeserializeOwned + Send + 'static {
    /// What it returns when all is well.
    type Value: Serialize + DeserializeOwned;
    /// The error of its own.
    type Error: Serialize + DeserializeOwned;

    /// As a message.
    fn into_answer(self) -> Answer<Self::Value, Self::Error>;

    /// From a message; the text where that has neither a value nor an error.
    fn from_answer(answer: Answer<Self::Value, Self::Error>) -> Result<Self, String>;
}

impl<T, E> Outcome for Result<T, E>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    E: Serialize + DeserializeOwned + Send + 'static,
{
    type Value = T;
    type Error = E;

    fn into_answer(self) -> Answer<T, E> {
        match self {
            Ok(value) => Answer::Returned(value),
            Err(error) => Answer::Raised(error),
        }
    }

    fn from_answer(answer: Answer<T, E>) -> Result<Self, String> {
        match answer {
            Answer::Returned(value) => Ok(Ok(value)),
            Answer::Raised(error) => Ok(Err(error)),
            Answer::Failed(text) => Err(text),
        }
    }
}

impl Outcome for u128 {
    type Value = u128;
    type Error = String;

    fn into_answer(self) -> Answer<u128, String> {
        Answer::Returned(self)
    }

    fn from_answer(answer: Answer<u128, String>) -> Result<Self, String> {
        match answer {
            Answer::Returned(value) => Ok(value),
            Answer::Raised(text) | Answer::Failed(text) => Err(text),
        }
    }
}

/// Reads a message of this version.
pub(crate) fn read<T: DeserializeOwned>(message: &[u8]) -> Result<T, String> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let Versioned { version } =
        serde_json::from_slice(message).map_err(|error| error.to_string())?;
    if version != VERSION {
        return Err(format!(
            "it speaks version {version} of the messages, and this program version {VERSION}"
        ));
    }
    serde_json::from_slice(message).map_err(|error| error.to_string())
}

/// The name by which a function is known elsewhere: its own, without its module's.
pub(crate) fn name_of<F>(_: &F) -> &'static str {
    let path = std::any::type_name::<F>();
    path.rsplit("::").next().unwrap_or(path)
}

/// The stream of a run.
pub(crate) fn stream(run: &str) -> String {
    format!("jobs-{run}")
}

/// Where a job of a run goes.
pub(crate) fn job(run: &str, number: usize) -> String {
    format!("jobs.{run}.job.{number}")
}

/// Where its answer goes.
pub(crate) fn result(run: &str, number: usize) -> String {
    format!("jobs.{run}.result.{number}")
}

/// The number of a job, which its subject and that of its result end with.
pub(crate) fn number(subject: &str) -> Option<usize> {
    subject.rsplit('.').next()?.parse().ok()
}
