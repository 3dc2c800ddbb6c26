//! Jobs for the tests of the job queue: such as take long, panic, or end their worker.

use std::fs::File;
use std::io::Write;
use std::thread::sleep;
use std::time::Duration;

use clap::Parser;
use job_queue::{JobQueue, worker_entry};
use workloads::{Exit, Machines};

/// Does jobs and prints what becomes of them, in order. A job is one of
///
/// - `sleep:MS` and `sleep:MS:FILE`, which adds a line to the file when it begins and ends;
/// - `length:TEXT`, `long:BYTES` with a result that has so many;
/// - `raise`, `panic`, `exit`.
#[derive(Parser)]
struct Options {
    jobs: Vec<String>,

    /// Do each job this many times
    #[arg(long, default_value_t = 1)]
    repeat: usize,

    #[arg(long, default_value_t = 2)]
    max_workers: usize,

    #[command(flatten)]
    machines: Machines,
}

fn probe(job: String) -> Result<String, String> {
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
        _ => return Err("what is that?".to_owned()),
    }
    Ok("done".to_owned())
}

fn main() -> anyhow::Result<Exit> {
    worker_entry(probe);

    let Options {
        jobs,
        repeat,
        max_workers,
        machines,
    } = Options::parse();
    // A job too long for a command line.
    let jobs = jobs
        .into_iter()
        .map(|job| match job.strip_prefix("length*") {
            Some(length) => format!("length:{}", "x".repeat(length.parse().unwrap_or(0))),
            None => job,
        });
    let jobs: Vec<_> = jobs.collect();
    let jobs = (0..repeat).flat_map(move |_| jobs.clone());
    let queue = JobQueue::open(&machines, max_workers)?;
    let mut exit = Exit::Success;
    for (number, result) in queue.map(probe, jobs)?.enumerate() {
        match result {
            Ok(Ok(value)) if value.len() > 100 => {
                println!("{number}: {} bytes", value.len());
            }
            Ok(Ok(value)) => println!("{number}: {value}"),
            Ok(Err(error)) => println!("{number}: raised: {error}"),
            Err(error) => {
                println!("{number}: failed: {error}");
                exit = Exit::Failure;
            }
        }
    }
    Ok(exit)
}
