//! Jobs out, results back, in order. All else is the engine's: the queue, its files, the
//! acknowledgements, the connections.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::jetstream::consumer::pull::{Config as Pull, Stream};
use async_nats::jetstream::context::{Context, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, RetentionPolicy};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use workloads::{Machines, Settings};

use crate::messages::{self, JobError, Outcome, Run, VERSION};
use crate::presence::Workers;
use crate::server::Guard;
use crate::worker::{self, ACK_WAIT};

/// How many jobs may be under way from the oldest without a result on: it bounds the memory
/// that a run takes, here and on the server.
const WINDOW: usize = 4096;

/// How many jobs may be on their way into the queue at one time.
const UNCONFIRMED: usize = 256;

/// A connection to the server with the queue: Dask's `Client`.
///
/// Dropping it ends the server and the workers that it has started.
pub struct JobQueue {
    context: Context,
    wait: Option<Duration>,
    /// How many workers of its own it has; none at a server of somebody else's.
    max_workers: Option<usize>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Why nothing can go on, once nothing can.
    broken: watch::Sender<Option<String>>,
    runtime: Runtime,
    // Dropped after all that uses the server.
    guard: Guard,
}

impl JobQueue {
    /// Connects to the server that `machines` names; without one it starts a server, and
    /// `max_workers` worker processes, all of which end with this program.
    ///
    /// # Errors
    ///
    /// There is no `nats-server` to start, or none that answers.
    pub fn open(machines: &Machines, max_workers: usize) -> Result<JobQueue> {
        let server = machines.server.as_deref();
        let broken = watch::Sender::new(None);
        let guard = Guard::start(server, {
            let broken = broken.clone();
            move |why| drop(broken.send_replace(Some(why)))
        })?;
        let runtime = crate::runtime()?;
        let context = runtime.block_on(crate::connect(&guard.url))?;
        Ok(JobQueue {
            context,
            wait: machines.wait,
            max_workers: server.is_none().then_some(max_workers),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            broken,
            runtime,
            guard,
        })
    }

    /// Calls `function` with every argument, in whichever worker is free; the results come in
    /// the order of the arguments. Dask's `client.gather(client.map(function, arguments))`.
    ///
    /// # Errors
    ///
    /// The server has no JetStream, or no room. What concerns a single job is in the place of
    /// its result.
    pub fn map<A, O, F>(
        &self,
        function: F,
        arguments: impl IntoIterator<Item = A, IntoIter: Send + 'static>,
    ) -> Result<Results<'_, O>>
    where
        A: Serialize + DeserializeOwned + Send + 'static,
        O: Outcome,
        F: Fn(A) -> O + Copy + Send + Sync + 'static,
    {
        let inbox = self.context.client().new_inbox();
        let run = Run {
            version: VERSION,
            function: messages::name_of(&function).to_owned(),
            run: inbox.rsplit('.').next().unwrap_or_default().to_owned(),
            settings: Settings::for_other_machines(),
        };
        self.guard.will_delete(&messages::stream(&run.run));
        let opened = self.runtime.block_on(Submission::open(self, &run));
        let submission =
            opened.context("the server gives no queue (nats-server --jetstream does)")?;

        let over = self.stop.child_token();
        if let Some(max_workers) = self.max_workers {
            let (context, only) = (self.context.clone(), Some(run.run));
            let work = worker::work(context, function, max_workers, only, over.clone());
            let (broken, over) = (self.broken.clone(), over.clone());
            let work = async move {
                tokio::select! {
                    // Nobody waits for what it has begun.
                    () = over.cancelled() => {}
                    Err(error) = work => drop(broken.send_replace(Some(format!("{error:#}")))),
                }
            };
            self.tasks.spawn_on(work, self.runtime.handle());
        }
        let (sender, receiver) = mpsc::channel(WINDOW);
        let arguments = arguments.into_iter();
        let submit = async move {
            let _over = over.clone().drop_guard();
            tokio::select! {
                () = over.cancelled() => {}
                () = submission.run(arguments, sender) => {}
            }
        };
        self.tasks.spawn_on(submit, self.runtime.handle());
        Ok(Results {
            receiver,
            queue: PhantomData,
        })
    }
}

impl Drop for JobQueue {
    fn drop(&mut self) {
        self.stop.cancel();
        self.tasks.close();
        self.runtime.block_on(self.tasks.wait());
    }
}

/// The results of a [`map`](JobQueue::map), each as soon as it and all before it are there.
/// What is dropped is not waited for.
pub struct Results<'a, O> {
    receiver: mpsc::Receiver<Result<O, JobError>>,
    queue: PhantomData<&'a JobQueue>,
}

impl<O> Iterator for Results<'_, O> {
    type Item = Result<O, JobError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.receiver.blocking_recv()
    }
}

/// One `map`.
struct Submission {
    context: Context,
    run: Arc<str>,
    answers: Stream,
    broken: watch::Receiver<Option<String>>,
    workers: Workers,
}

impl Submission {
    /// Makes the stream of a run, with its two consumers.
    async fn open(queue: &JobQueue, run: &Run) -> Result<Submission> {
        let (context, id) = (queue.context.clone(), &run.run);
        let stream = context.create_stream(Config {
            name: messages::stream(id),
            subjects: vec![format!("jobs.{id}.job.*"), format!("jobs.{id}.result.*")],
            retention: RetentionPolicy::WorkQueue,
            ..Config::default()
        });
        let stream = stream.await?;
        let consumer = |name: &str, what: &str| Pull {
            durable_name: Some(name.to_owned()),
            filter_subject: format!("jobs.{id}.{what}.*"),
            ack_wait: ACK_WAIT,
            max_ack_pending: -1,
            max_waiting: 100_000,
            ..Pull::default()
        };
        let jobs = stream.create_consumer(consumer("workers", "job")).await?;
        let answers = stream
            .create_consumer(consumer("submitter", "result"))
            .await?;
        let answers = answers.stream().heartbeat(Duration::from_secs(1));
        let foreign = queue.max_workers.is_none().then_some(&*queue.guard.url);
        let answers = answers.expires(Duration::from_secs(10)).messages().await?;
        Ok(Submission {
            answers,
            workers: Workers::find(&context, run, jobs, foreign, queue.wait).await?,
            broken: queue.broken.subscribe(),
            run: (*run.run).into(),
            context,
        })
    }

    /// Sends the jobs, and hands their results on in order, until all have one.
    async fn run<A: Serialize, O: Outcome>(
        mut self,
        arguments: impl Iterator<Item = A>,
        results: mpsc::Sender<Result<O, JobError>>,
    ) {
        let answered = AtomicUsize::new(0);
        let mut hopeless = pin!(self.workers.watch(&answered));
        let mut arguments = arguments.fuse();
        let mut unconfirmed = FuturesUnordered::new();
        let mut done = BTreeMap::new();
        let (mut sent, mut delivered) = (0, 0);
        let failed = loop {
            while unconfirmed.len() < UNCONFIRMED && sent < delivered + WINDOW {
                let Some(argument) = arguments.next() else {
                    break;
                };
                match serde_json::to_vec(&argument) {
                    Ok(job) => {
                        let (context, run) = (self.context.clone(), self.run.clone());
                        unconfirmed.push(send(context, run, sent, job));
                    }
                    Err(error) => {
                        done.insert(sent, Err(JobError(error.to_string())));
                    }
                }
                sent += 1;
            }
            if delivered == sent {
                break None;
            }
            tokio::select! {
                Some((number, confirmed)) = unconfirmed.next() => {
                    if let Err(error) = confirmed {
                        done.insert(number, Err(error));
                    }
                }
                answer = self.answers.next() => match answer {
                    Some(Ok(message)) => {
                        answered.fetch_add(1, Ordering::Relaxed);
                        let number = messages::number(&message.subject);
                        // A job may run twice; its first result counts.
                        if let Some(number) = number.filter(|n| (delivered..sent).contains(n)) {
                            let result = || messages::result_in(&message.payload);
                            done.entry(number).or_insert_with(result);
                        }
                        let _ = message.ack().await;
                    }
                    // The connection is lost for a while; or the queue is, which is noticed
                    // where workers are looked for.
                    _ => sleep(Duration::from_millis(100)).await,
                },
                room = results.reserve(), if done.contains_key(&delivered) => {
                    match (room, done.remove(&delivered)) {
                        (Ok(room), Some(result)) => room.send(result),
                        _ => break None,
                    }
                    delivered += 1;
                }
                () = results.closed() => break None,
                why = &mut hopeless => break Some(why),
                why = reason(&mut self.broken) => break Some(why),
            }
        };
        if let Some(why) = &failed {
            for number in delivered..sent + arguments.count() {
                let lost = || Err(JobError(why.clone()));
                let result = done.remove(&number).unwrap_or_else(lost);
                let _ = results.send(result).await;
            }
        }
        drop(results);
        // Where this fails, the guard does it.
        if failed.is_none() {
            let stream = messages::stream(&self.run);
            let _ = self.context.delete_stream(stream).await;
        }
    }
}

/// Why nothing can go on, once nothing can.
async fn reason(broken: &mut watch::Receiver<Option<String>>) -> String {
    let reason = broken.wait_for(Option::is_some).await;
    reason.map_or_else(|_| String::new(), |why| why.clone().unwrap_or_default())
}

/// Puts a job into the queue, however often that takes: by its number the server knows whether
/// it has it already.
async fn send(context: Context, run: Arc<str>, number: usize, job: Vec<u8>) -> Sent {
    let message = PublishMessage::build().payload(job.into());
    let message = message.message_id(number.to_string());
    loop {
        match crate::store(&context, messages::job(&run, number), message.clone()).await {
            Ok(()) => return (number, Ok(())),
            Err(PublishErrorKind::MaxPayloadExceeded) => {
                let most = context.client().max_payload();
                let why = format!("the server takes no job of more than {most} bytes");
                return (number, Err(JobError(why)));
            }
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

/// The number of a job, and why it is not in the queue.
type Sent = (usize, Result<(), JobError>);
