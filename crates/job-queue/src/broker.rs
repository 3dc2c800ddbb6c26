//! The server, as submitters and workers use it: a connection that reconnects, two streams, a
//! bucket, and a consumer for each function.

use std::collections::HashSet;
use std::error::Error as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use async_nats::Event;
use async_nats::jetstream::consumer::pull::Config as Pull;
use async_nats::jetstream::consumer::{AckPolicy, Info, PullConsumer};
use async_nats::jetstream::context::{
    ConsumerInfoError, ConsumerInfoErrorKind, PublishError, PublishErrorKind,
};
use async_nats::jetstream::kv::Operation;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::{
    Config, ConsumerError, ConsumerErrorKind, DiscardPolicy, RetentionPolicy,
    StorageType, Stream,
};
use async_nats::jetstream::{self, Context, ErrorCode};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use serde::de::IgnoredAny;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::messages::{Run, encode, job_subject, printable, result_subject, token};
use crate::notes::Notes;
use crate::secrets::{Secrets, parse_servers, without_secrets};
use crate::times::Times;
use crate::window::Queue;

/// The names of the streams and the bucket.
const JOBS: &str = "jobs";
const RESULTS: &str = "results";
const RUNS: &str = "runs";

/// A message that is not fetched is deleted after this time.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// After this time a new stream is complete. If a consumer is made before that, it gets no
/// messages from Debian's nats-server.
const COMPLETE: Duration = Duration::from_millis(250);

/// How long to wait for the client's event that it is connected.
const CONNECTED: Duration = Duration::from_secs(1);

/// How many jobs of a function may run at the same time, and how many requests for jobs may
/// wait. The server's defaults are 1,000 and 512.
const MAX_RUNNING: i64 = 100_000;
const MAX_REQUESTS: i64 = 2048;

/// How many messages may be deleted at the same time.
const MAX_DELETIONS: usize = 64;

/// JetStream's error code for a message that it does not store.
const NOT_STORED: u64 = 10077;

/// A connection to a server.
pub(crate) struct Broker {
    pub(crate) context: Context,
    pub(crate) times: Times,
    storage: StorageType,
    state: watch::Receiver<State>,
    notes: Arc<Notes>,
    trouble: Mutex<Option<(Instant, String)>>,
    start: Instant,
}

/// The state of the connection.
#[derive(Clone, Debug, Default)]
struct State {
    /// `None` while it is lost.
    connected_since: Option<Instant>,
    /// How often it has been established.
    connections: u64,
    /// The last error of the server or of the connection, and its time.
    words: Option<(Instant, String)>,
}

/// The outcome of storing a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// It is stored, with this number in its stream.
    New(u64),
    /// Its subject already had a message, which stays.
    Present,
}

/// A message that is larger than the server allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLarge {
    pub(crate) size: usize,
    pub(crate) limit: usize,
}

/// What the bucket says about a run.
pub(crate) enum RunKey {
    /// It goes on.
    Live(Run),
    /// It goes on, but this program cannot do its jobs.
    Unreadable(String),
    /// Its submitter, or the submitter's guard, has ended it.
    Ended,
    /// There is no key. It may have expired.
    Missing,
}

impl Broker {
    /// Connects to one of the `servers`, and reconnects whenever the connection is lost.
    pub(crate) async fn connect(
        servers: &str,
        secrets: Secrets,
        storage: StorageType,
        times: Times,
    ) -> Result<Broker> {
        let addresses = parse_servers(servers).map_err(|error| anyhow!("{error}"))?;
        let (sender, state) = watch::channel(State {
            connected_since: Some(Instant::now()),
            ..State::default()
        });
        let notes = Arc::new(Notes::default());
        let (sender, its_notes) = (Arc::new(sender), notes.clone());
        let options = secrets
            .options(&addresses)?
            // To notice a lost connection soon.
            .ping_interval(times.patience.min(Duration::from_secs(2)))
            .reconnect_delay_callback(reconnect_delay)
            .event_callback(move |event| {
                hear(&sender, &its_notes, event);
                async {}
            });
        let connected = options.connect(addresses).await.map_err(|error| {
            // Without the error's causes, which repeat its text.
            anyhow!("cannot connect to {}: {error}", without_secrets(servers))
        })?;
        // Wait until this first connection has been counted, so that it does not count as a
        // reconnect later.
        let is_connected = |state: &State| state.connections > 0;
        let _ = timeout(CONNECTED, state.clone().wait_for(is_connected)).await;
        Ok(Broker {
            context: jetstream::new(connected),
            times,
            storage,
            state,
            notes,
            trouble: Mutex::new(None),
            start: Instant::now(),
        })
    }

    /// Makes the streams and the bucket, if they do not exist. Existing ones are not changed:
    /// an operator may have given them replicas or limits.
    ///
    /// # Errors
    ///
    /// The server has no JetStream or no free storage, or does not permit this.
    pub(crate) async fn open(&self) -> Result<()> {
        let work_queue = Config {
            retention: RetentionPolicy::WorkQueue,
            discard: DiscardPolicy::New,
            discard_new_per_subject: true,
            max_messages_per_subject: 1,
            max_age: MAX_AGE,
            storage: self.storage,
            allow_direct: true,
            ..Config::default()
        };
        let streams = [
            Config {
                name: JOBS.to_owned(),
                subjects: vec!["jobs.*.*.*".to_owned()],
                ..work_queue.clone()
            },
            Config {
                name: RESULTS.to_owned(),
                subjects: vec!["results.>".to_owned()],
                ..work_queue.clone()
            },
            // A key-value bucket, made by hand: the client's own call does not work with
            // Debian's nats-server.
            Config {
                name: format!("KV_{RUNS}"),
                subjects: vec![format!("$KV.{RUNS}.>")],
                retention: RetentionPolicy::Limits,
                discard_new_per_subject: false,
                allow_rollup: true,
                deny_delete: true,
                max_age: self.times.run_ttl,
                ..work_queue
            },
        ];
        for config in streams {
            let mut opened = self.context.get_or_create_stream(&config).await;
            if opened.is_err() {
                // Another program may be making the same stream.
                sleep(Duration::from_millis(250)).await;
                opened = self.context.get_or_create_stream(&config).await;
            }
            let stream = opened.map_err(|error| {
                self.explain(error, "has no JetStream (nats-server --jetstream has it)")
            })?;
            let found = &stream.cached_info().config;
            if found.max_messages_per_subject != 1 || found.subjects != config.subjects {
                return Err(anyhow!(
                    "the stream `{}` at the server belongs to something else: it does not keep \
                     one message for each subject of {}",
                    config.name,
                    config.subjects.join(", ")
                ));
            }
        }
        Ok(())
    }

    /// Adds the server's last error to an error, because the server does not always answer a
    /// request.
    fn explain(
        &self,
        error: impl std::error::Error + Send + Sync + 'static,
        what: &str,
    ) -> anyhow::Error {
        let error = anyhow::Error::new(error);
        let words = self.words().map(|words| format!(" ({words})"));
        error.context(format!(
            "the server {what} (nats-server --jetstream does){}",
            words.unwrap_or_default()
        ))
    }

    /// The server's last error, if it is recent.
    fn words(&self) -> Option<String> {
        let state = self.state.borrow();
        let (time, words) = state.words.as_ref()?;
        let is_fresh = time.elapsed() < self.times.patience * 4 + Duration::from_secs(10);
        is_fresh.then(|| words.clone())
    }

    /// The consumer of the jobs of a function. Makes it if it does not exist; `None` if there
    /// is no stream. Only hosts make consumers, and only submitters make streams. If both made
    /// them at the same time, the server could get two of the same name.
    pub(crate) async fn consumer(&self, function: &str) -> Result<Option<PullConsumer>> {
        match self.consumer_info(function).await {
            // Only at another program's server may the stream be new: this program's own has
            // its streams before it has hosts.
            Ok(None) if self.storage == StorageType::File => sleep(COMPLETE).await,
            Err(error) if error.kind() == ConsumerInfoErrorKind::StreamNotFound => {
                return Ok(None);
            }
            _ => {}
        }
        let name = token(function);
        let stream = self.context.get_stream_no_info(JOBS).await?;
        let config = Pull {
            durable_name: Some(name.clone()),
            filter_subject: job_subject_filter(&name, "*"),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.times.ack_wait,
            max_ack_pending: MAX_RUNNING,
            max_waiting: MAX_REQUESTS,
            ..Pull::default()
        };
        let consumer = stream.get_or_create_consumer(&name, config).await;
        match consumer {
            Ok(consumer) => Ok(Some(consumer)),
            Err(error) if is_without_stream(&error) => Ok(None),
            Err(error) => Err(self.explain(error, "opens no consumer")),
        }
    }

    /// The consumer of the results of a run. Makes it if it does not exist. It is deleted at
    /// the end of the run. The server deletes it if it was not used for `run_ttl`.
    pub(crate) async fn results(&self, run: &str) -> Result<PullConsumer> {
        let stream = self.context.get_stream_no_info(RESULTS).await?;
        let config = Pull {
            durable_name: Some(run.to_owned()),
            filter_subject: result_filter(run),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.times.patience,
            max_ack_pending: MAX_RUNNING,
            inactive_threshold: self.times.run_ttl,
            ..Pull::default()
        };
        Ok(stream.get_or_create_consumer(run, config).await?)
    }

    /// Stores a message, and tries again until it is stored. Each subject takes one message.
    ///
    /// # Errors
    ///
    /// The message is too large for the server.
    pub(crate) async fn store(
        &self,
        subject: String,
        message: Bytes,
    ) -> Result<Stored, TooLarge> {
        let start = Instant::now();
        let mut pause = Duration::from_millis(50);
        loop {
            let (size, limit) = (message.len(), self.context.client().max_payload());
            if size > limit {
                return Err(TooLarge { size, limit });
            }
            let error = match self.publish(subject.clone(), message.clone()).await {
                Ok(sequence) => return Ok(Stored::New(sequence)),
                Err(error) if is_present(&error) => return Ok(Stored::Present),
                Err(error) => error,
            };
            let what = format!("{} is not stored", printable(&subject));
            match server_error(&error) {
                Some(words) => self.trouble(format!("{what}: {words}")),
                None if start.elapsed() >= self.times.patience => {
                    let words = self.words().unwrap_or_else(|| error.to_string());
                    self.trouble(format!("{what}: {words}"));
                }
                None => {}
            }
            if error.kind() == PublishErrorKind::StreamNotFound {
                // The stream was deleted, or the server has just started or has no leader. Wait
                // before it is made again: Debian's nats-server breaks a stream that is made
                // while it still deletes the old one.
                sleep(Duration::from_secs(1)).await;
                let _ = self.open().await;
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    async fn publish(
        &self,
        subject: String,
        message: Bytes,
    ) -> Result<u64, PublishError> {
        let stored = self.context.publish(subject, message).await?.await?;
        Ok(stored.sequence)
    }

    /// Notes on stderr what goes wrong, at most once a minute.
    pub(crate) fn trouble(&self, what: String) {
        self.notes.note(&what);
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        *trouble = Some((Instant::now(), what));
    }

    /// What has last gone wrong within this time, if anything has.
    pub(crate) fn recent_trouble(&self, within: Duration) -> Option<String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = trouble.as_ref().filter(|(time, _)| time.elapsed() < within);
        recent
            .map(|(_, what)| what.clone())
            .or_else(|| self.words())
    }

    /// Prints no more notes. Called before the connection is closed on purpose.
    pub(crate) fn silence(&self) {
        self.notes.silence();
    }

    /// How long the connection has lasted.
    pub(crate) fn connected_for(&self) -> Duration {
        let since = self.state.borrow().connected_since;
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Waits until the connection has been lost and made again, after the first poll of this.
    pub(crate) async fn reconnected(&self) {
        let mut state = self.state.clone();
        let connections = state.borrow_and_update().connections;
        let is_new = |state: &State| state.connections > connections;
        if state.wait_for(is_new).await.is_err() {
            std::future::pending().await
        }
    }

    /// Sets the key of a run: the run goes on.
    pub(crate) async fn put_key(&self, id: &str, run: &Run) -> Result<()> {
        let runs = self.context.get_key_value(RUNS).await?;
        let value = Bytes::from(encode(run).map_err(|error| anyhow!(error))?);
        let mut stored = runs.put(id, value.clone()).await;
        if stored.is_err() {
            // Another program may have announced the bucket a moment ago, and still be making it.
            sleep(COMPLETE).await;
            stored = runs.put(id, value).await;
        }
        stored.context("the server does not store the key of the run")?;
        Ok(())
    }

    /// Deletes the key of a run, which ends it. Then deletes its jobs, its results and its
    /// consumer.
    pub(crate) async fn end_run(&self, id: &str, function: &str) -> Result<()> {
        let runs = self.context.get_key_value(RUNS).await?;
        runs.delete(id)
            .await
            .context("cannot delete the key of the run")?;
        self.delete(JOBS, job_subject_filter(&token(function), id))
            .await?;
        self.delete_results(id).await?;
        let results = self.context.get_stream_no_info(RESULTS).await?;
        results.delete_consumer(id).await?;
        Ok(())
    }

    /// Deletes the results of a run that has ended.
    pub(crate) async fn delete_results(&self, id: &str) -> Result<()> {
        self.delete(RESULTS, result_filter(id)).await
    }

    /// What the bucket says about a run.
    pub(crate) async fn key(&self, id: &str) -> Result<RunKey> {
        let runs = self.context.get_key_value(RUNS).await?;
        Ok(match runs.entry(id).await? {
            None => RunKey::Missing,
            Some(entry) if entry.operation != Operation::Put => RunKey::Ended,
            Some(entry) => match Run::read(&entry.value) {
                Ok(run) => RunKey::Live(run),
                Err(problem) => RunKey::Unreadable(problem),
            },
        })
    }

    /// All jobs of a function up to this number in the stream have been acknowledged, as its
    /// consumer says. Debian's nats-server says so of all jobs after any purge by subject.
    pub(crate) async fn acknowledged(&self, function: &str) -> Result<u64> {
        let Some(info) = self.consumer_info(function).await? else {
            return Ok(0);
        };
        let left = info.num_pending + info.num_ack_pending as u64;
        Ok(match left {
            0 => u64::MAX,
            _ => info.ack_floor.stream_sequence,
        })
    }

    /// The numbers of the jobs of a run that wait or run.
    pub(crate) async fn jobs_present(
        &self,
        function: &str,
        run: &str,
    ) -> Result<HashSet<usize>> {
        self.numbers(JOBS, job_subject_filter(&token(function), run))
            .await
    }

    /// The numbers of the jobs of a run that have stored answers.
    pub(crate) async fn results_present(&self, run: &str) -> Result<HashSet<usize>> {
        self.numbers(RESULTS, format!("results.{run}.*")).await
    }

    async fn numbers(&self, stream: &str, filter: String) -> Result<HashSet<usize>> {
        let stream: Stream<()> = self.context.get_stream_no_info(stream).await?;
        let mut subjects = stream.info_with_subjects(filter).await?;
        let mut numbers = HashSet::new();
        while let Some((subject, _)) = subjects.try_next().await? {
            let number = subject.rsplit('.').next().unwrap_or_default();
            numbers.extend(number.parse::<usize>());
        }
        Ok(numbers)
    }

    /// The stored answers to a job.
    pub(crate) async fn result(&self, run: &str, number: usize) -> Result<Option<Bytes>> {
        use jetstream::stream::LastRawMessageErrorKind::NoMessageFound;
        let stream = self.context.get_stream_no_info(RESULTS).await?;
        let subject = result_subject(run, number);
        match stream.get_last_raw_message_by_subject(&subject).await {
            Ok(message) => Ok(Some(message.payload)),
            Err(error) if error.kind() == NoMessageFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a job that must not be run any more.
    pub(crate) async fn delete_job(
        &self,
        function: &str,
        run: &str,
        number: usize,
    ) -> Result<()> {
        self.delete(JOBS, job_subject(&token(function), run, number))
            .await
    }

    /// Deletes the messages of a stream that have these subjects.
    async fn delete(&self, name: &str, filter: String) -> Result<()> {
        let stream = &self.context.get_stream_no_info(name).await?;
        let subjects = stream.info_with_subjects(filter).await?;
        let subjects: Vec<(String, usize)> = subjects.try_collect().await?;
        let delete = |(subject, _): (String, usize)| async move {
            // Another program may have deleted it.
            if let Ok(message) = stream.get_last_raw_message_by_subject(&subject).await {
                let _ = self.delete_message(name, message.sequence).await;
            }
        };
        let deletions = futures_util::stream::iter(subjects);
        deletions.for_each_concurrent(MAX_DELETIONS, delete).await;
        Ok(())
    }

    /// Deletes a job that the consumer would not deliver any more.
    pub(crate) async fn delete_job_message(&self, sequence: u64) -> Result<()> {
        self.delete_message(JOBS, sequence).await
    }

    /// Deletes one message. A purge by subject could delete many with one request. But with
    /// nats-server 2.9.10 all consumers of the stream then skip all waiting messages, also of
    /// other subjects.
    async fn delete_message(&self, stream: &str, sequence: u64) -> Result<()> {
        let subject = format!("STREAM.MSG.DELETE.{stream}");
        let message = json!({"seq": sequence, "no_erase": true});
        let _: Response<IgnoredAny> = self.context.request(subject, &message).await?;
        Ok(())
    }

    /// The state of the queue of a function; `None` if it has never had a host.
    pub(crate) async fn queue(&self, function: &str) -> Result<Option<Queue>> {
        let info = self.consumer_info(function).await?;
        Ok(info.map(|info| Queue {
            waiting: info.num_pending as usize,
            running: info.num_ack_pending,
            done: info
                .delivered
                .consumer_sequence
                .saturating_sub(info.num_ack_pending as u64),
            time: self.start.elapsed().as_secs_f64(),
            requests: info.num_waiting,
        }))
    }

    /// What the server says about the consumer of a function; `None` if it has never had a
    /// host.
    async fn consumer_info(
        &self,
        function: &str,
    ) -> Result<Option<Info>, ConsumerInfoError> {
        let stream = self.context.get_stream_no_info(JOBS).await;
        let stream = stream.expect("this asks the server nothing");
        match stream.consumer_info(token(function)).await {
            Ok(info) => Ok(Some(info)),
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The names of the consumers from which workers request jobs.
    pub(crate) async fn functions_with_workers(&self) -> Result<Vec<String>> {
        let stream = self.context.get_stream(JOBS).await?;
        let consumers: Vec<_> = stream.consumers().try_collect().await?;
        let waiting = consumers.into_iter().filter(|info| info.num_waiting > 0);
        Ok(waiting.map(|info| info.name).collect())
    }
}

/// Whether the consumer is missing because the stream is.
fn is_without_stream(error: &ConsumerError) -> bool {
    let ConsumerErrorKind::JetStream(error) = error.kind() else {
        return false;
    };
    error.error_code() == ErrorCode::STREAM_NOT_FOUND
}

fn job_subject_filter(token: &str, run: &str) -> String {
    format!("jobs.{token}.{run}.*")
}

fn result_filter(run: &str) -> String {
    format!("results.{run}.>")
}

/// The server's error, if it has answered the request.
fn server_error(error: &PublishError) -> Option<&jetstream::Error> {
    error.source()?.downcast_ref()
}

/// Whether a message is not stored because its subject already has one.
fn is_present(error: &PublishError) -> bool {
    server_error(error).is_some_and(|error| {
        // A full stream has the same code.
        error.error_code().0 == NOT_STORED && error.to_string().contains("per subject")
    })
}

/// How long to wait before the next attempt to connect: longer each time, up to 4 seconds. The
/// time is partly random, so that not all programs that lost a server reconnect at the same
/// time.
fn reconnect_delay(attempts: usize) -> Duration {
    if attempts <= 1 {
        return Duration::ZERO;
    }
    let longest =
        Duration::from_millis(100 << (attempts - 2).min(5)).min(Duration::from_secs(4));
    let mut byte = [128];
    let _ = getrandom::fill(&mut byte);
    longest.mul_f64(0.5 + f64::from(byte[0]) / 512.0)
}

/// Updates the state after an event of the connection.
fn hear(state: &watch::Sender<State>, notes: &Notes, event: Event) {
    match event {
        Event::Connected => state.send_modify(|state| {
            if state.connected_since.is_none() {
                notes.note("connected to the server again");
            }
            state.connected_since = Some(Instant::now());
            state.connections += 1;
        }),
        Event::Disconnected => {
            notes.note("the connection to the server is lost; trying again");
            state.send_modify(|state| state.connected_since = None);
        }
        Event::ServerError(error) => say(state, notes, error.to_string()),
        Event::ClientError(error) => say(state, notes, error.to_string()),
        Event::SlowConsumer(_) => {
            notes.note("messages come faster than this program takes them")
        }
        Event::LameDuckMode | Event::Draining | Event::Closed => {}
    }
}

fn say(state: &watch::Sender<State>, notes: &Notes, words: String) {
    notes.note(&format!("the server: {words}"));
    state.send_modify(|state| state.words = Some((Instant::now(), words)));
}
