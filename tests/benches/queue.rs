//! What the job queue costs beside the bare engine: JetStream's publish, pull, store and
//! acknowledge, in one loop of one process.
//!
//! ```sh
//! cargo bench -p tests
//! ```
//!
//! The queue and the loop take turns, and the medians are printed. With 64 jobs in flight the
//! loop pulls 64 at a time, and the queue has 64 workers.
//!
//! Then it measures:
//!
//! - what a job costs in a chunk;
//! - how long two workers take for jobs of 25 ms, compared with two threads;
//! - whether more jobs need more memory.
//!
//! Memory is read from `/proc`, so this runs on Linux only.

use std::fs;
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use async_nats::ConnectOptions;
use async_nats::jetstream::consumer::pull::Config as Pull;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer};
use async_nats::jetstream::stream::{Config, RetentionPolicy};
use async_nats::jetstream::{self, Context};
use futures_util::{StreamExt, stream};
use job_queue::{JobQueue, worker_entry};
use tests::nats::NatsServer;

const ROUNDS: usize = 9;
const JOBS: usize = 500;
const MANY: usize = 4_000;
const IN_FLIGHT: usize = 64;

/// With 0 it takes almost no time.
fn job(num: u64) -> u128 {
    (0..num).fold(0, |sum, i| black_box(sum + u128::from(i).pow(2)))
}

/// Does `jobs` jobs, one after the other.
fn sequentially(jobs: usize, num: u64) {
    for _ in 0..jobs {
        black_box(job(num));
    }
}

fn main() -> Result<()> {
    worker_entry(job).enter();

    let server = NatsServer::start().context("there is no nats-server")?;
    let url = server.url();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let bare = runtime.block_on(Bare::new(&url))?;
    let queue = || JobQueue::builder(job_queue::QueueOptions::default());

    for (what, jobs, in_flight) in [
        ("one at a time, time of a job", JOBS, 1),
        ("64 in flight, time of a job", MANY, IN_FLIGHT),
    ] {
        let at_a_time = in_flight.try_into()?;
        let queue = queue().max_workers(in_flight).buffer(at_a_time).open()?;
        let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let start = Instant::now();
            runtime.block_on(bare.run(jobs, in_flight))?;
            let their = start.elapsed().as_secs_f64() / jobs as f64;
            let mut results = queue.map(job, vec![0; jobs])?;
            // The first jobs are not timed: they wait for the start of the workers.
            results.by_ref().take(in_flight).for_each(drop);
            let start = Instant::now();
            let count = results.filter(Result::is_ok).count();
            let our = start.elapsed().as_secs_f64() / count as f64;
            ours.push(our);
            theirs.push(their);
            ratios.push(our / their);
        }
        let [our, their] = [ours, theirs].map(|times| median(times) * 1e6);
        println!(
            "{what}: queue {our:.0} µs, bare {their:.0} µs, ratio {:.2}",
            median(ratios)
        );
    }

    let queue = queue().max_workers(2).open()?;
    let chunk = 100.try_into()?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let mut results = queue.map_chunked(job, vec![0; 10 * MANY], chunk)?;
        results.by_ref().take(1_000).for_each(drop);
        let start = Instant::now();
        let count = results.count();
        times.push(start.elapsed().as_secs_f64() / count as f64);
    }
    println!(
        "chunks of 100, time of a job: {:.1} µs",
        median(times) * 1e6
    );

    // The number for which 40 jobs take a second.
    let start = Instant::now();
    sequentially(40, 1_000_000);
    let num = (1_000_000.0 / start.elapsed().as_secs_f64()) as u64;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| sequentially(20, num));
            }
        });
        let threads = start.elapsed().as_secs_f64();
        let mut results = queue.map(job, [0, 0].into_iter().chain(vec![num; 40]))?;
        results.by_ref().take(2).for_each(drop);
        let start = Instant::now();
        results.for_each(drop);
        ratios.push(start.elapsed().as_secs_f64() / threads);
    }
    println!(
        "heavy calculation in 40 pieces, 2 workers: {:.2} times as long as 2 threads",
        median(ratios)
    );

    for jobs in [10_000, 100_000] {
        queue.map(job, vec![0; jobs])?.for_each(drop);
        let status = fs::read_to_string("/proc/self/status")?;
        let peak = status.lines().find(|line| line.starts_with("VmHWM"));
        println!("after {jobs} jobs: {}", peak.unwrap_or_default());
    }
    Ok(())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// A stream with jobs and results, and nothing around it.
struct Bare {
    context: Context,
    jobs: PullConsumer,
    results: PullConsumer,
}

impl Bare {
    async fn new(url: &str) -> Result<Bare> {
        let address: async_nats::ServerAddr = url.parse()?;
        let user = address.username().unwrap_or_default().to_owned();
        let password = address.password().unwrap_or_default().to_owned();
        let options = ConnectOptions::with_user_and_password(user, password);
        let context = jetstream::new(options.connect(address).await?);
        let stream = context.create_stream(Config {
            name: "bare".to_owned(),
            subjects: vec!["bare.*".to_owned()],
            retention: RetentionPolicy::WorkQueue,
            ..Config::default()
        });
        let stream = stream.await?;
        let consumer = |name: &str| Pull {
            durable_name: Some(name.to_owned()),
            filter_subject: format!("bare.{name}"),
            ack_policy: AckPolicy::Explicit,
            ..Pull::default()
        };
        Ok(Bare {
            jobs: stream.create_consumer(consumer("job")).await?,
            results: stream.create_consumer(consumer("result")).await?,
            context,
        })
    }

    /// Does `jobs` rounds of publish, pull, store and acknowledge, `in_flight` at a time.
    async fn run(&self, jobs: usize, in_flight: usize) -> Result<()> {
        let mut rounds =
            stream::iter((0..jobs).map(|_| self.round())).buffer_unordered(in_flight);
        while let Some(round) = rounds.next().await {
            round?;
        }
        Ok(())
    }

    async fn round(&self) -> Result<()> {
        self.context.publish("bare.job", "0".into()).await?.await?;
        let job = next(&self.jobs).await?;
        self.context
            .publish("bare.result", "0".into())
            .await?
            .await?;
        job.ack().await.map_err(anyhow::Error::from_boxed)?;
        let result = next(&self.results).await?;
        result.ack().await.map_err(anyhow::Error::from_boxed)
    }
}

async fn next(consumer: &PullConsumer) -> Result<jetstream::Message> {
    let batch = consumer
        .batch()
        .max_messages(1)
        .expires(Duration::from_secs(10));
    let message = batch.messages().await?.next().await;
    message
        .context("no message")?
        .map_err(anyhow::Error::from_boxed)
}
