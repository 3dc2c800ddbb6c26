//! The submitting side: opens a queue and starts runs.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use async_nats::jetstream::stream::StorageType;
use ciborium::Value;
use futures_util::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, channel, unbounded_channel};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::broker::Broker;
use crate::entry::{Entry, entry};
use crate::function::Function;
use crate::guard::Guard;
use crate::host::{Host, Place};
use crate::messages::{JobError, Run, VERSION, encode, new_id};
use crate::options::QueueOptions;
use crate::results::Results;
use crate::room::Room;
use crate::secrets::{Secrets, without_secrets};
use crate::server::Server;
use crate::submission::{Delivery, NewJob, Start, Submission};
use crate::times::Times;

/// How long a run may take to end when its queue is dropped.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// A connection to the server with the queue: Dask's `Client`.
///
/// Dropping it ends the server and the workers that it started.
pub struct JobQueue {
    broker: Arc<Broker>,
    options: Builder,
    /// Why no run can go on: set once the server or the workers of this program have failed.
    broken: watch::Sender<Option<String>>,
    /// The worker processes of this program. There are none before the first job.
    host: Mutex<Option<Arc<Host>>>,
    runs: TaskTracker,
    runtime: Option<Runtime>,
    server: NatsServer,
}

/// The server with the queue.
enum NatsServer {
    /// A server that this program has started, and that ends with it.
    Own(Server),
    /// The server that the options name, and a guard that ends this program's runs there.
    Foreign { servers: String, guard: Guard },
}

impl NatsServer {
    /// Connects to the server. This program's own server needs no files, because its streams
    /// end with the program. The secrets in the environment are not for it either.
    fn connect(&self, times: Times) -> impl Future<Output = Result<Broker>> + use<> {
        let (servers, is_own) = match self {
            NatsServer::Own(server) => (server.url.clone(), true),
            NatsServer::Foreign { servers, .. } => (servers.clone(), false),
        };
        async move {
            if is_own {
                let secrets = Secrets::default();
                Broker::connect(&servers, secrets, StorageType::Memory, times).await
            } else {
                let secrets = Secrets::from_environment();
                Broker::connect(&servers, secrets, StorageType::File, times).await
            }
        }
    }
}

/// How to open a [`JobQueue`].
#[derive(Debug)]
#[must_use = "nothing happens before `open`"]
pub struct Builder {
    options: QueueOptions,
    max_workers: usize,
    settings: Result<Value, String>,
    time_limit: Option<Duration>,
    buffer: usize,
    buffer_bytes: usize,
}

impl JobQueue {
    /// Starts with the server and the `--wait` of the command line.
    pub fn builder(options: QueueOptions) -> Builder {
        Builder {
            options,
            max_workers: thread::available_parallelism().map_or(1, usize::from),
            settings: Ok(Value::Null),
            time_limit: None,
            buffer: 4096,
            buffer_bytes: 64 << 20,
        }
    }
}

impl Builder {
    /// How many worker processes the queue starts, if the options name no server. The default
    /// is one per usable core.
    pub fn max_workers(mut self, max_workers: usize) -> Builder {
        self.max_workers = max_workers.max(1);
        self
    }

    /// The settings with which each worker process calls the
    /// [initializer](crate::WorkerEntry::initializer) of its program.
    pub fn settings(mut self, settings: impl Serialize) -> Builder {
        self.settings = Value::serialized(&settings).map_err(|error| error.to_string());
        self
    }

    /// A job that takes longer fails, and its process is killed. A chunk of
    /// [`map_chunked`](JobQueue::map_chunked) is one job.
    pub fn time_limit(mut self, limit: Duration) -> Builder {
        self.time_limit = Some(limit);
        self
    }

    /// How many jobs of a run may be in flight. A job is in flight from when its arguments are
    /// taken from the iterator until you have taken its results. A chunk is one job. Python's
    /// `Executor.map` calls it `buffersize`. The default is 4,096.
    pub fn buffer(mut self, jobs: NonZeroUsize) -> Builder {
        self.buffer = jobs.get();
        self
    }

    /// How many bytes the arguments and results of the jobs in flight may have. The default is
    /// 64 MiB. One job may always be in flight.
    pub fn buffer_bytes(mut self, bytes: NonZeroUsize) -> Builder {
        self.buffer_bytes = bytes.get();
        self
    }

    /// Connects to the server that the options name. If they name none, starts a server and
    /// worker processes, which end with this program. It blocks until that is done, also in
    /// async code.
    ///
    /// # Errors
    ///
    /// There is no `nats-server` to start, or the server does not answer. Or this program has
    /// not entered its [worker entry](crate::worker_entry).
    pub fn open(self) -> Result<JobQueue> {
        if let Err(problem) = &self.settings {
            bail!("the settings cannot be sent: {problem}");
        }
        let times = entry()?.times.clone();
        let runtime = crate::runtime()?;
        let broken = watch::Sender::new(None);
        let server = match &self.options.server {
            Some(servers) => {
                crate::options::warn_of_secrets(servers);
                NatsServer::Foreign {
                    servers: servers.clone(),
                    guard: Guard::start(servers)?,
                }
            }
            None => {
                let broken = broken.clone();
                let ended = move |why| drop(broken.send_replace(Some(why)));
                NatsServer::Own(Server::start(ended)?)
            }
        };
        let connecting = server.connect(times);
        let broker = block_on(&runtime, connecting)?;
        Ok(JobQueue {
            broker: Arc::new(broker),
            options: self,
            broken,
            host: Mutex::new(None),
            runs: TaskTracker::new(),
            runtime: Some(runtime),
            server,
        })
    }
}

/// Waits for something that runs on the `runtime`, also within another one.
fn block_on<T: Send + 'static>(
    runtime: &Runtime,
    future: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let task = runtime.spawn(future);
    pollster::block_on(task).context("the job queue panicked")?
}

impl JobQueue {
    /// Lets workers call `function` with every argument. The results come in the order of the
    /// arguments. In Dask: `client.gather(client.map(function, arguments))`.
    ///
    /// The arguments are taken on a thread of their own, and only as fast as workers need them.
    /// Their iterator may block or never end. If it panics, the iterator of the results panics
    /// at its end.
    ///
    /// # Errors
    ///
    /// The server has no JetStream or no free storage, or `function` is not that of the
    /// [worker entry](crate::worker_entry). The failure of a single job stands in the place of
    /// its result.
    pub fn map<A, O, F, I>(&self, function: F, arguments: I) -> Result<Results<'_, O>>
    where
        A: Serialize + DeserializeOwned + Send + 'static,
        O: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(A) -> O + Copy + Send + Sync + 'static,
        I: IntoIterator<Item = A, IntoIter: Send + 'static>,
    {
        self.map_chunked(function, arguments, NonZeroUsize::MIN)
    }

    /// As [`map`](JobQueue::map), but with `chunk_size` arguments in a job. This is faster if
    /// the function takes less time than a message, about a millisecond.
    ///
    /// A panic fails only its own argument. The whole chunk fails after other failures: three
    /// deaths of its worker processes, the time limit, an argument that the worker refuses, or
    /// a message that is too large for the server.
    ///
    /// # Errors
    ///
    /// As [`map`](JobQueue::map).
    pub fn map_chunked<A, O, F, I>(
        &self,
        function: F,
        arguments: I,
        chunk_size: NonZeroUsize,
    ) -> Result<Results<'_, O>>
    where
        A: Serialize + DeserializeOwned + Send + 'static,
        O: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(A) -> O + Copy + Send + Sync + 'static,
        I: IntoIterator<Item = A, IntoIter: Send + 'static>,
    {
        let entry = entry()?;
        let _ = function;
        if !entry.is_for::<F>() {
            bail!(
                "the worker entry has {}, not {}",
                entry.function.name,
                std::any::type_name::<F>()
            );
        }
        let chunk_size = chunk_size.get();
        let mut arguments = arguments.into_iter();
        let next_job = move || {
            let chunk: Vec<A> = arguments.by_ref().take(chunk_size).collect();
            let job = NewJob {
                count: chunk.len(),
                message: encode(&chunk).map_err(JobError::new),
            };
            (job.count > 0).then_some(job)
        };
        let (deliveries, room) = self.submit(entry, Box::new(next_job), chunk_size)?;
        Ok(Results::new(deliveries, room, chunk_size))
    }

    /// Starts a run. Nothing here is generic, so it is compiled once and not in each program.
    fn submit(
        &self,
        entry: &'static Entry,
        next_job: NextJob,
        chunk_size: usize,
    ) -> Result<(UnboundedReceiver<Delivery>, Arc<Room>)> {
        let runtime = self
            .runtime
            .as_ref()
            .expect("it is there until this is dropped");
        let id = new_id();
        let run = Run {
            version: VERSION,
            function: entry.function.name.to_string(),
            settings: self
                .options
                .settings
                .clone()
                .map_err(|error| anyhow!(error))?,
            time_limit: self.options.time_limit.map(|limit| limit.as_secs_f64()),
        };
        let advice = match &self.server {
            NatsServer::Own(_) => None,
            NatsServer::Foreign { servers, guard } => {
                guard.will_end(&id, &run.function);
                Some(how_to_start_a_worker(servers))
            }
        };
        let max_jobs = self.options.buffer;
        let max_arguments = max_jobs.saturating_mul(chunk_size);
        let room = Arc::new(Room::new(max_arguments, self.options.buffer_bytes));
        let start = Start {
            broker: self.broker.clone(),
            id,
            run,
            window: if advice.is_none() {
                2 * self.options.max_workers
            } else {
                1
            },
            max_window: max_jobs,
            wait: self.options.options.wait,
            advice,
            broken: self.broken.subscribe(),
            room: room.clone(),
        };
        let (deliver, deliveries) = unbounded_channel();
        let (send_job, jobs) = channel(1);
        let (send_end, end) = oneshot::channel();
        let end = async { end.await.unwrap_or(Ok(())) }.boxed();
        let starting = Submission::start(start, jobs, end, deliver);
        let runs = self.runs.clone();
        let submission = async move {
            let submission = starting.await?;
            runs.spawn(submission);
            Ok(())
        };
        block_on(runtime, submission)?;
        if let NatsServer::Own(_) = self.server {
            self.start_host(&entry.function, runtime);
        }
        // The thread ends when it has a job for a run that has ended.
        thread::Builder::new()
            .name("arguments".to_owned())
            .spawn(move || {
                let taken =
                    catch_unwind(AssertUnwindSafe(|| take_all(next_job, &send_job)));
                let _ = send_end.send(taken);
            })
            .context("cannot start a thread for the arguments")?;
        Ok((deliveries, room))
    }

    /// Starts worker processes of this program, if there are none.
    fn start_host(&self, function: &Function, runtime: &Runtime) {
        let mut host = self.host.lock().unwrap_or_else(PoisonError::into_inner);
        if host.is_some() {
            return;
        }
        let max_workers = self.options.max_workers;
        let place = Place::Submitter(self.broken.clone());
        let new = Host::new(self.broker.clone(), function.clone(), max_workers, place);
        runtime.spawn(new.clone().work(CancellationToken::new()));
        *host = Some(new);
    }
}

/// Makes the next job; `None` after the last.
type NextJob = Box<dyn FnMut() -> Option<NewJob> + Send>;

fn take_all(mut next_job: NextJob, jobs: &Sender<NewJob>) {
    // Sending fails once the run has ended.
    while let Some(job) = next_job()
        && pollster::block_on(jobs.send(job)).is_ok()
    {}
}

fn how_to_start_a_worker(servers: &str) -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.file_stem().unwrap_or_default().display();
    format!("{program} --worker --server {}", without_secrets(servers))
}

impl Drop for JobQueue {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else {
            return;
        };
        let host = self.host.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = host.take() {
            host.kill();
        }
        self.broker.silence();
        if let NatsServer::Foreign { .. } = self.server {
            self.runs.close();
            let runs = self.runs.clone();
            let _ = block_on(&runtime, async move {
                Ok(timeout(LAST_WORDS, runs.wait()).await?)
            });
        }
        // Dropping it would panic in async code.
        runtime.shutdown_background();
    }
}
