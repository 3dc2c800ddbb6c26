//! Functions with other values than text, for the tests of the job queue. The variable
//! `FUNCTION` says which of them this program has, as a submitter and as a worker. A submitter
//! maps some arguments twice from async code, and prints the results.

use std::fmt::Debug;

use job_queue::{JobQueue, QueueOptions, Times, worker_entry};
use serde::Serialize;
use serde::de::DeserializeOwned;

use clap::Parser;

/// Maps some arguments twice and prints the results.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    machines: QueueOptions,
}

fn double(number: u64) -> u64 {
    number * 2
}

fn backwards(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.reverse();
    bytes
}

fn process_id(_: u64) -> u64 {
    std::process::id().into()
}

fn same<T>(value: T) -> T {
    value
}

fn length(text: String) -> usize {
    text.len()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let function = std::env::var("FUNCTION").unwrap_or_default();
    match &*function {
        "add-1" => run(|number: u64| number + 1, vec![0, 1, 2]).await,
        "add-1000" => run(|number: u64| number + 1000, vec![0, 1, 2]).await,
        "same-u64" => run(same::<u64>, vec![u64::MAX]).await,
        "same-f64" => run(same::<f64>, vec![-0.0, f64::INFINITY]).await,
        "root" => run(f64::sqrt, vec![4.0, -1.0]).await,
        "double" => run(double, vec![0, (1 << 63) - 1]).await,
        "backwards" => run(backwards, vec![Vec::new(), vec![7; 290_000]]).await,
        "process-id" => run(process_id, vec![0; 5]).await,
        _ => run(length, vec!["é".to_owned()]).await,
    }
}

async fn run<A, O, F>(function: F, arguments: Vec<A>) -> anyhow::Result<()>
where
    A: Serialize + DeserializeOwned + Clone + Send + 'static,
    O: Serialize + DeserializeOwned + Debug + Send + 'static,
    F: Fn(A) -> O + Copy + Send + Sync + 'static,
{
    worker_entry(function).times(Times::divided_by(10)).enter();
    let options = Options::parse().machines;
    let queue = JobQueue::builder(options).max_workers(1).open()?;
    for _ in 0..2 {
        let mut results = queue.map(function, arguments.clone())?;
        while let Some(result) = results.recv().await {
            println!("{}", shortened(format!("{:?}", result?)));
        }
    }
    Ok(())
}

fn shortened(text: String) -> String {
    if text.len() > 100 {
        return format!("{} characters", text.len());
    }
    text
}
