//! What a job costs in the queue and in a process pool, without its own work.
//!
//! ```sh
//! cargo bench -p job-queue
//! ```
//!
//! It takes about ten seconds. Both run jobs that do nothing, on two workers of this machine.
//! The time of a few jobs is subtracted from the time of many, so starts and ends do not count.
//! The cost of a job is the time for which it occupies a worker. The figures are medians.
//!
//! The job length is a lower bound. If the jobs keep all cores busy, the queue has to wait for a
//! core, and costs more. `cargo bench -p tests` measures how busy the queue keeps two cores, and
//! compares it with bare JetStream.

use std::time::Instant;

use anyhow::Result;
use clap::Parser;
use job_queue::{JobQueue, worker_entry};
use process_pool::ProcessPool;

const ROUNDS: usize = 9;
const WORKERS: usize = 2;
/// Enough jobs that each worker has started.
const FEW: usize = 20;
const MANY: usize = FEW + 2_000;

fn main() -> Result<()> {
    worker_entry(nothing).enter();

    // With `--wait`, a queue without a worker fails instead of hanging.
    let machines = Options::parse_from(["bench", "--wait", "10"]).machines;
    let queue = match JobQueue::builder(machines).max_workers(WORKERS).open() {
        Ok(queue) => queue,
        Err(error) => {
            eprintln!("skipped: {error:#}");
            return Ok(());
        }
    };
    let pool = ProcessPool::builder().max_workers(WORKERS).build()?;

    let mut in_queue = Vec::new();
    let mut in_pool = Vec::new();
    for _ in 0..ROUNDS {
        in_queue.push(cost_of_a_job(|jobs| run_in_queue(&queue, jobs))?);
        in_pool.push(cost_of_a_job(|jobs| run_in_pool(&pool, jobs))?);
    }

    let in_queue = median(in_queue);
    let in_pool = median(in_pool);
    let five_percent = (in_queue - in_pool) / 0.05;
    println!(
        "Cost of a job: {:.0} µs in the queue, {:.0} µs in a process pool. \
         The queue costs under 5 % more only if a job takes at least {:.1} ms.",
        in_queue * 1e6,
        in_pool * 1e6,
        five_percent * 1e3,
    );
    Ok(())
}

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    machines: job_queue::QueueOptions,
}

/// The job.
fn nothing(_: u64) -> u128 {
    0
}

/// The seconds for which a job occupies a worker.
fn cost_of_a_job(run: impl Fn(usize) -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    run(FEW)?;
    let few = start.elapsed().as_secs_f64();

    let start = Instant::now();
    run(MANY)?;
    let many = start.elapsed().as_secs_f64();

    Ok((many - few) * WORKERS as f64 / (MANY - FEW) as f64)
}

fn run_in_queue(queue: &JobQueue, jobs: usize) -> Result<()> {
    for result in queue.map(nothing, vec![0; jobs])? {
        result?;
    }
    Ok(())
}

fn run_in_pool(pool: &ProcessPool, jobs: usize) -> Result<()> {
    for result in pool.map(nothing, vec![0; jobs]) {
        result?;
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
