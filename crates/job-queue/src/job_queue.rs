//! Jobs out, results back, in order. All else is the engine's: the queue, its files, the
//! acknowledgements, the connections.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::jetstream::consumer::pull::{Config as Pull, Stream};
use async_nats::jetstream::context::{Context, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use workloads::{Machines, Settings};

use crate::function::Function;
use crate::guard::Guard;
use crate::messages::{self, Argument, JobError, Outcome, Run, VERSION};
use crate::presence::Workers;
use crate::server::Server;
use crate::worker::{self, ACK_WAIT};

/// How many jobs may be on their way into the queue at one time.
const UNCONFIRMED: usize = 256;

/// A connection to the server with the queue: Dask's `Client`.
///
/// Dropping it ends the server and the workers that it has started.
pub struct JobQueue {
    pub(crate) context: Context,
    pub(crate) wait: Option<Duration>,
    /// How many workers of its own it has; none at a server that `--server` names.
    pub(crate) max_workers: Option<usize>,
    /// How many jobs may be under way: it bounds the memory that they take, here and on the
    /// server.
    buffersize: usize,
    /// Why nothing can go on, once nothing can.
    pub(crate) broken: watch::Sender<Option<String>>,
    // In this order: all that uses the server ends before it does.
    runtime: Runtime,
    pub(crate) server: NatsServer,
}

/// The server with the queue.
pub(crate) enum NatsServer {
    /// One of this program's own, which ends with it.
    Own(Server),
    /// One that `--server` names, with a guard that deletes what this program leaves there.
    Foreign { url: String, guard: Guard },
}

impl NatsServer {
    pub(crate) fn url(&self) -> &str {
        match self {
            NatsServer::Own(server) => &server.url,
            NatsServer::Foreign { url, .. } => url,
        }
    }

    /// What is at a server of its own ends with this program; a file would outlive it.
    fn storage(&self) -> StorageType {
        match self {
            NatsServer::Own(_) => StorageType::Memory,
            NatsServer::Foreign { .. } => StorageType::File,
        }
    }
}

impl JobQueue {
    /// Connects to the server that `machines` names; without one it starts a server, and
    /// `max_workers` worker processes, all of which end with this program.
    ///
    /// # Errors
    ///
    /// There is no `nats-server` to start, or none that answers.
    pub fn open(machines: &Machines, max_workers: usize) -> Result<JobQueue> {
        let broken = watch::Sender::new(None);
        let server = match &machines.server {
            Some(url) => NatsServer::Foreign {
                url: url.clone(),
                guard: Guard::start(url)?,
            },
            None => {
                let broken = broken.clone();
                let ended = move |why| drop(broken.send_replace(Some(why)));
                NatsServer::Own(Server::start(ended)?)
            }
        };
        let runtime = crate::runtime()?;
        let context = runtime.block_on(crate::connect(server.url()))?;
        Ok(JobQueue {
            context,
            wait: machines.wait,
            max_workers: machines.server.is_none().then_some(max_workers),
            buffersize: 4096,
            broken,
            runtime,
            server,
        })
    }

    /// Lets no more jobs be under way from the oldest without a result on: the `buffersize` of
    /// Python's `Executor.map`.
    pub fn buffersize(mut self, jobs: NonZeroUsize) -> JobQueue {
        self.buffersize = jobs.get();
        self
    }

    /// Calls `function` with every argument, in whichever worker is free; the results come in
    /// the order of the arguments. Dask's `client.gather(client.map(function, arguments))`.
    ///
    /// # Errors
    ///
    /// The server has no JetStream, or no room. What concerns a single job is in the place of
    /// its result.
    pub fn map<A, O, F, I>(&self, function: F, arguments: I) -> Result<Results<'_, O>>
    where
        A: Argument,
        O: Outcome,
        F: Fn(A) -> O + Copy + Send + Sync + 'static,
        I: IntoIterator<Item = A, IntoIter: Send + 'static>,
    {
        let jobs = arguments.into_iter();
        let jobs = jobs.map(|argument| messages::argument(&argument));
        Ok(Results {
            answers: self.submit(Function::new(function), Box::new(jobs))?,
            outcome: PhantomData,
        })
    }

    /// Starts a run, whose answers come in the order of its jobs.
    fn submit(&self, function: Function, jobs: Jobs) -> Result<Receiver<Payload>> {
        let inbox = self.context.client().new_inbox();
        let run = Run {
            version: VERSION,
            function: function.name.to_owned(),
            run: inbox.rsplit('.').next().unwrap_or_default().to_owned(),
            settings: Settings::for_other_machines(),
        };
        if let NatsServer::Foreign { guard, .. } = &self.server {
            guard.will_delete(&messages::stream(&run.run));
        }
        let opened = self.runtime.block_on(Submission::open(self, &run));
        let submission =
            opened.context("the server gives no queue (nats-server --jetstream does)")?;

        let own_workers = self.max_workers.map(|max_workers| {
            let (context, never) = (self.context.clone(), CancellationToken::new());
            let work = worker::work(context, function, max_workers, Some(run.run), never);
            let broken = self.broken.clone();
            let work = self.runtime.spawn(async move {
                if let Err(error) = work.await {
                    broken.send_replace(Some(format!("{error:#}")));
                }
            });
            AbortOnDropHandle::new(work)
        });
        let (sender, receiver) = mpsc::channel(UNCONFIRMED);
        let submitted = submission.run(jobs, self.buffersize, sender);
        self.runtime.spawn(async move {
            submitted.await;
            drop(own_workers);
        });
        Ok(receiver)
    }
}

/// A job or an answer, as a message; or why there is none.
type Payload = Result<Vec<u8>, JobError>;

type Jobs = Box<dyn Iterator<Item = Payload> + Send>;

/// The results of a [`map`](JobQueue::map), each as soon as it and all before it are there.
/// What is dropped is not waited for.
pub struct Results<'a, O> {
    answers: Receiver<Payload>,
    outcome: PhantomData<(O, &'a JobQueue)>,
}

impl<O: Outcome> Iterator for Results<'_, O> {
    type Item = Result<O, JobError>;

    fn next(&mut self) -> Option<Self::Item> {
        let answer = self.answers.blocking_recv()?;
        Some(answer.and_then(|answer| messages::result_in(&answer)))
    }
}

/// One `map`.
struct Submission {
    context: Context,
    run: Arc<str>,
    answers: Stream,
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
            storage: queue.server.storage(),
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
        let answers = answers.expires(Duration::from_secs(10)).messages().await?;
        Ok(Submission {
            answers,
            workers: Workers::find(queue, run, jobs).await?,
            run: (*run.run).into(),
            context,
        })
    }

    /// Sends the jobs, and hands their answers on in order, until all have one.
    async fn run(mut self, jobs: Jobs, buffersize: usize, results: Sender<Payload>) {
        let answered = AtomicUsize::new(0);
        let mut hopeless = pin!(self.workers.watch(&answered));
        let mut jobs = jobs.fuse();
        let mut unconfirmed = FuturesUnordered::new();
        let mut done = BTreeMap::new();
        let (mut sent, mut delivered) = (0, 0);
        let failed = loop {
            while unconfirmed.len() < UNCONFIRMED && sent - delivered < buffersize {
                match jobs.next() {
                    None => break,
                    Some(Ok(job)) => {
                        let (context, run) = (self.context.clone(), self.run.clone());
                        unconfirmed.push(send(context, run, sent, job));
                    }
                    Some(Err(error)) => {
                        done.insert(sent, Err(error));
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
                        // A job may run twice; its first answer counts.
                        if let Some(number) = number.filter(|n| (delivered..sent).contains(n)) {
                            let answer = || Ok(message.payload.to_vec());
                            done.entry(number).or_insert_with(answer);
                        }
                        let _ = message.ack().await;
                    }
                    // The connection is lost for a while; or the queue is, which is noticed
                    // where workers are looked for.
                    _ => sleep(Duration::from_millis(100)).await,
                },
                room = results.reserve(), if done.contains_key(&delivered) => {
                    match (room, done.remove(&delivered)) {
                        (Ok(room), Some(answer)) => room.send(answer),
                        _ => break None,
                    }
                    delivered += 1;
                }
                () = results.closed() => break None,
                why = &mut hopeless => break Some(why),
            }
        };
        if let Some(why) = &failed {
            for number in delivered..sent + jobs.count() {
                let lost = || Err(JobError(why.clone()));
                let answer = done.remove(&number).unwrap_or_else(lost);
                let _ = results.send(answer).await;
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
