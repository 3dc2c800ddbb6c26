//! Jobs for the tests of the job queue: some take long, panic, or end their worker.
//!
//! Submitter and workers read three variables: `TIMES_DIVIDED_BY` makes all times of the queue
//! shorter, `RUN_TTL` is that time in seconds, and `VERSION` is the version of the function. If
//! a worker has `SICK` in its environment, each of its processes aborts when it gets a job.

use std::fs::File;
use std::io::Write;
use std::iter;
use std::num::NonZeroUsize;
use std::thread::sleep;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use job_queue::{JobError, JobQueue, Times, worker_entry};
use workloads::Exit;

/// Does jobs and prints what becomes of them, in order. A job is one of
///
/// - `sleep:MS` and `sleep:MS:FILE`, which adds a line to the file when it begins and ends;
/// - `length:TEXT`, `long:BYTES` with a result that has so many;
/// - `raise`, `panic`, `exit`, `abort`.
#[derive(Parser)]
struct Options {
    jobs: Vec<String>,

    /// Do each job this many times
    #[arg(long, default_value_t = 1)]
    repeat: usize,

    #[arg(long, default_value_t = 2)]
    max_workers: usize,

    /// How many make one job of the queue
    #[arg(long)]
    chunk: Option<NonZeroUsize>,

    /// Print the results as they come, with the numbers of their jobs
    #[arg(long)]
    as_completed: bool,

    /// How many may be under way
    #[arg(long)]
    buffer: Option<NonZeroUsize>,

    #[arg(long)]
    buffer_bytes: Option<NonZeroUsize>,

    /// How many seconds a job may take
    #[arg(long)]
    time_limit: Option<f64>,

    /// Submit from within a runtime of tokio
    #[arg(long)]
    within_tokio: bool,

    /// What the iterator of the jobs does at its end
    #[arg(long)]
    then: Option<Then>,

    #[command(flatten)]
    machines: job_queue::QueueOptions,
}

/// What an iterator may do.
#[derive(Clone, Copy, ValueEnum)]
enum Then {
    Panic,
    Block,
    Endless,
}

fn probe(job: String) -> Result<String, String> {
    if std::env::var_os("SICK").is_some() {
        std::process::abort();
    }
    let words: Vec<_> = job.split(':').collect();
    let number = |word: &str| word.parse::<usize>().map_err(|error| error.to_string());
    match words[..] {
        ["sleep", time] => sleep(Duration::from_millis(number(time)? as u64)),
        ["sleep", time, file] => {
            let say = |what| -> std::io::Result<()> {
                let mut file = File::options().create(true).append(true).open(file)?;
                file.write_all(format!("{what} {}\n", std::process::id()).as_bytes())
            };
            say("begin").map_err(|error| error.to_string())?;
            sleep(Duration::from_millis(number(time)? as u64));
            say("end").map_err(|error| error.to_string())?;
        }
        ["length", text] => return Ok(text.len().to_string()),
        ["long", size] => return Ok("x".repeat(number(size)?)),
        ["raise"] => return Err("it was raised".to_owned()),
        ["panic"] => panic!("it panicked"),
        ["exit"] => std::process::exit(7),
        ["abort"] => std::process::abort(),
        _ => return Err("what is that?".to_owned()),
    }
    Ok("done".to_owned())
}

/// Refuses the jobs that no worker may do.
#[expect(clippy::ptr_arg, reason = "a job is a `String`")]
fn check(job: &String) -> Result<(), String> {
    match job.as_str() {
        "forbidden" => Err("it is forbidden".to_owned()),
        _ => Ok(()),
    }
}

fn main() -> anyhow::Result<Exit> {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let mut times = Times::divided_by(variable("TIMES_DIVIDED_BY").parse().unwrap_or(1));
    if let Ok(seconds) = variable("RUN_TTL").parse() {
        times.run_ttl = Duration::from_secs(seconds);
    }
    worker_entry(probe)
        .check(check)
        .version(&variable("VERSION"))
        .times(times)
        .enter();

    let options = Options::parse();
    if options.within_tokio {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        runtime.block_on(async { submit(options) })
    } else {
        submit(options)
    }
}

fn submit(options: Options) -> anyhow::Result<Exit> {
    // `length*N` stands for a job that is too long for a command line.
    let long = |job: String| match job.strip_prefix("length*") {
        Some(length) => format!("length:{}", "x".repeat(length.parse().unwrap_or(0))),
        None => job,
    };
    let listed: Vec<_> = options.jobs.into_iter().map(long).collect();
    let jobs = (0..options.repeat).flat_map(move |_| listed.clone());
    let then = options.then;
    let rest = iter::from_fn(move || match then? {
        Then::Panic => panic!("the iterator panicked"),
        Then::Block => loop {
            sleep(Duration::from_secs(60));
        },
        Then::Endless => Some("sleep:1".to_owned()),
    });

    let mut queue = JobQueue::builder(options.machines).max_workers(options.max_workers);
    if let Some(jobs) = options.buffer {
        queue = queue.buffer(jobs);
    }
    if let Some(bytes) = options.buffer_bytes {
        queue = queue.buffer_bytes(bytes);
    }
    if let Some(limit) = options.time_limit {
        queue = queue.time_limit(Duration::from_secs_f64(limit));
    }
    let queue = queue.open()?;
    let chunk = options.chunk.unwrap_or(NonZeroUsize::MIN);
    let results = queue.map_chunked(probe, jobs.chain(rest), chunk)?;
    let mut exit = Exit::Success;
    let mut print = |number, result| {
        if let Err(()) = print(number, result) {
            exit = Exit::Failure;
        }
    };
    if options.as_completed {
        for (number, result) in results.as_completed() {
            print(number, result);
        }
    } else {
        for (number, result) in results.enumerate() {
            print(number, result);
        }
    }
    Ok(exit)
}

fn print(
    number: usize,
    result: Result<Result<String, String>, JobError>,
) -> Result<(), ()> {
    match result {
        Ok(Ok(value)) if value.len() > 100 => println!("{number}: {} bytes", value.len()),
        Ok(Ok(value)) => println!("{number}: {value}"),
        Ok(Err(error)) => println!("{number}: raised: {error}"),
        Err(error) => {
            println!("{number}: failed: {error}");
            return Err(());
        }
    }
    Ok(())
}
