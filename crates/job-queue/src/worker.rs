//! Workers: they pull jobs one by one, have each done in a process, and store its answer.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::Result;
use async_nats::client::Request;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::context::{Context, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{AckKind, Message};
use async_nats::{RequestErrorKind, Subscriber};
use futures_util::StreamExt;
use process_pool::{Builder, Error, ProcessPool, Shutdown};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, interval_at, sleep, timeout};
use tokio_util::sync::CancellationToken;
use workloads::{Settings, print_note, shown};

use crate::function::Function;
use crate::messages::{self, Hello, Run, VERSION};
use crate::presence::SILENCE;

/// A job of which nobody says anything for this time is given to another worker. Whoever has it
/// says every [`PROGRESS`] that it goes on, so that a long job is not taken for a lost one.
pub(crate) const ACK_WAIT: Duration = Duration::from_secs(5);
const PROGRESS: Duration = Duration::from_secs(1);

/// How often a worker says that it is there.
const HELLO: Duration = Duration::from_secs(2);

/// A job that has ended so many workers is given to no other.
const MOST_TAKERS: i64 = 3;

/// How long a worker waits for a job in one go. Where several runs take turns, none of them is
/// to wait long for the jobs of another.
const TURN: Duration = Duration::from_secs(1);
const SHORT_TURN: Duration = Duration::from_millis(50);

/// After this time without a word of a submitter it is found out whether it has ended.
const LONG_SILENCE: Duration = Duration::from_secs(30);

/// Works with `max_workers` processes, each of which does one job at a time, until it is told
/// to `stop`; what has begun is finished then. Works for one run, or for all that there are.
///
/// # Errors
///
/// The server cannot be reached, or no process can be started.
pub(crate) async fn work(
    context: Context,
    function: Function,
    max_workers: usize,
    only: Option<String>,
    stop: CancellationToken,
) -> Result<()> {
    let client = context.client();
    let mut host = Host {
        announcements: client.subscribe("jobs.runs").await?,
        context,
        function: function.name,
        only,
        max_workers,
        runs: watch::Sender::new(Vec::new()),
        refused: BTreeSet::new(),
    };
    let mut workers = JoinSet::new();
    for _ in 0..max_workers {
        workers.spawn(take_jobs(host.runs.clone(), function.clone(), stop.clone()));
    }
    let mut ticks = interval(HELLO);
    loop {
        tokio::select! {
            Some(run) = host.announcements.next() => host.hear(&run.payload).await,
            _ = ticks.tick() => {
                host.say_hello().await;
                host.forget().await;
            }
            ended = workers.join_next() => match ended {
                Some(worked) => worked??,
                None => return Ok(()),
            },
        }
    }
}

/// All that the workers here have in common.
struct Host {
    context: Context,
    function: &'static str,
    only: Option<String>,
    max_workers: usize,
    announcements: Subscriber,
    runs: watch::Sender<Vec<Arc<Serving>>>,
    /// What was refused, each of which is said once.
    refused: BTreeSet<String>,
}

/// A run, as the workers see it.
struct Serving {
    context: Context,
    run: Run,
    jobs: PullConsumer,
    heard: Mutex<Instant>,
    max_workers: usize,
    /// Whether the processes finish their jobs when this program is told to end.
    outlive_ctrl_c: bool,
    /// The processes, with the settings of the run: made for its first job.
    pool: OnceLock<ProcessPool>,
}

impl Host {
    async fn say_hello(&self) {
        let host =
            std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let hello = Hello {
            version: VERSION,
            function: self.function.to_owned(),
            worker: format!("process {} on {}", std::process::id(), host.trim()),
        };
        if let Ok(hello) = serde_json::to_vec(&hello) {
            let _ = self
                .context
                .client()
                .publish("jobs.workers", hello.into())
                .await;
        }
    }

    /// Hears of a run, which may be known already.
    async fn hear(&mut self, announcement: &[u8]) {
        let run = match messages::read::<Run>(announcement) {
            Ok(run) => run,
            Err(problem) => {
                if self.refused.insert(problem.clone()) {
                    let problem = shown(&problem);
                    let note = format!("the jobs of a program are left alone: {problem}");
                    print_note(&note);
                }
                return;
            }
        };
        let is_mine = self.only.as_ref().is_none_or(|only| *only == run.run);
        if run.function != self.function || !is_mine {
            return;
        }
        let known = |serving: &&Arc<Serving>| serving.run.run == run.run;
        if let Some(serving) = self.runs.borrow().iter().find(known) {
            *serving.heard() = Instant::now();
            return;
        }
        let stream = messages::stream(&run.run);
        let jobs = self.context.get_consumer_from_stream("workers", stream);
        // It may have ended meanwhile.
        if let Ok(jobs) = jobs.await {
            let serving = Arc::new(Serving {
                context: self.context.clone(),
                run,
                jobs,
                heard: Mutex::new(Instant::now()),
                max_workers: self.max_workers,
                outlive_ctrl_c: self.only.is_none(),
                pool: OnceLock::new(),
            });
            self.runs.send_modify(|runs| runs.push(serving));
        }
    }

    /// Forgets the runs whose submitter has ended without a word, and deletes what is left of
    /// them. One that is stopped, or cut off, still has its connection.
    async fn forget(&self) {
        let runs = self.runs.borrow().clone();
        for serving in runs
            .iter()
            .filter(|serving| serving.silence() > LONG_SILENCE)
        {
            let question = Request::new().timeout(Some(Duration::from_secs(1)));
            let subject = format!("jobs.{}.submitter", serving.run.run);
            let asked = self.context.client().send_request(subject, question).await;
            if asked.is_err_and(|error| error.kind() == RequestErrorKind::NoResponders) {
                let stream = messages::stream(&serving.run.run);
                let _ = self.context.delete_stream(stream).await;
                leave(&self.runs, serving);
            }
        }
    }
}

impl Serving {
    fn heard(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn silence(&self) -> Duration {
        self.heard().elapsed()
    }

    fn pool(&self) -> Result<&ProcessPool> {
        if let Some(pool) = self.pool.get() {
            return Ok(pool);
        }
        let settings = self.run.settings.clone().for_workers_here();
        let pool = ProcessPool::builder()
            .max_workers(self.max_workers)
            .initializer(Settings::adopt, settings);
        let pool = match self.outlive_ctrl_c {
            true => out_of_reach(pool),
            false => pool,
        };
        let pool = pool.build()?;
        // Nobody is harmed by a second one, which has not started any process.
        Ok(self.pool.get_or_init(|| pool))
    }

    /// The next job, if there is one in time.
    async fn next_job(
        &self,
        turn: Duration,
    ) -> Result<Option<Message>, async_nats::Error> {
        let batch = self.jobs.batch().max_messages(1).expires(turn);
        let next = async { batch.messages().await?.next().await.transpose() };
        // Where the connection is lost, no answer comes.
        timeout(turn + TURN, next).await.unwrap_or(Ok(None))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.get() {
            pool.shutdown(Shutdown::Kill);
        }
    }
}

/// Lets the processes of a pool finish their jobs when a Ctrl-C at the terminal ends this program.
#[cfg(unix)]
fn out_of_reach(pool: Builder) -> Builder {
    use std::os::unix::process::CommandExt;
    pool.configure_command(|command| {
        command.process_group(0);
    })
}

/// Without groups of processes there is no telling them apart.
#[cfg(not(unix))]
fn out_of_reach(pool: Builder) -> Builder {
    pool
}

fn leave(runs: &watch::Sender<Vec<Arc<Serving>>>, gone: &Arc<Serving>) {
    runs.send_modify(|runs| runs.retain(|serving| !Arc::ptr_eq(serving, gone)));
}

/// One worker: takes a job of each run in turn.
async fn take_jobs(
    runs: watch::Sender<Vec<Arc<Serving>>>,
    function: Function,
    stop: CancellationToken,
) -> Result<()> {
    let mut changes = runs.subscribe();
    let mut turn = 0;
    // While an answer is on its way, the next job is.
    let mut storing = tokio::spawn(async {});
    loop {
        let mut live = changes.borrow_and_update().clone();
        live.retain(|serving| serving.silence() < SILENCE);
        turn = (turn + 1) % live.len().max(1);
        let time = if live.len() > 1 { SHORT_TURN } else { TURN };
        let next = async {
            match live.get(turn) {
                Some(serving) => serving.next_job(time).await,
                None => {
                    sleep(TURN).await;
                    Ok(None)
                }
            }
        };
        let next = tokio::select! {
            () = stop.cancelled() => return Ok(storing.await?),
            _ = changes.changed() => continue,
            next = next => next,
        };
        match (next, live.get(turn)) {
            (Ok(Some(job)), Some(serving)) => {
                if let Some(answer) = do_job(serving, &function, &job).await? {
                    storing.await?;
                    storing = tokio::spawn(store(serving.clone(), job, answer));
                }
            }
            // Should the run go on all the same, it will be heard of again.
            (Err(_), Some(serving)) => leave(&runs, serving),
            _ => {}
        }
    }
}

/// Does a job and returns its answer. There is none if its process dies: then the next worker
/// gets the job.
async fn do_job(
    serving: &Serving,
    function: &Function,
    job: &Message,
) -> Result<Option<Vec<u8>>> {
    let takers = job.info().map_or(1, |info| info.delivered) - 1;
    if takers >= MOST_TAKERS {
        return Ok(Some(messages::failed(&format_args!(
            "{takers} workers that had taken it have ended, and no other gets it"
        ))));
    }
    let mut answer = function.call(serving.pool()?, &job.payload);
    let mut progress = interval_at(Instant::now() + PROGRESS, PROGRESS);
    let answer = loop {
        tokio::select! {
            answer = &mut answer => break answer,
            _ = progress.tick() => {
                let _ = job.ack_with(AckKind::Progress).await;
            }
        }
    };
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error @ (Error::Died { .. } | Error::Broken(_))) => {
            let _ = job.ack_with(AckKind::Nak(None)).await;
            match error {
                Error::Broken(_) => Err(error.into()),
                _ => Ok(None),
            }
        }
        Err(error) => Ok(Some(messages::failed(&error))),
    }
}

/// Stores an answer, however often that takes, and acknowledges its job: not before.
async fn store(serving: Arc<Serving>, job: Message, mut answer: Vec<u8>) {
    let Some(number) = messages::number(&job.subject) else {
        return;
    };
    let (context, subject) =
        (&serving.context, messages::result(&serving.run.run, number));
    loop {
        let message = PublishMessage::build().payload(answer.clone().into());
        match crate::store(context, subject.clone(), message).await {
            Ok(()) => break drop(job.ack().await),
            Err(PublishErrorKind::MaxPayloadExceeded) => {
                let (size, most) = (answer.len(), context.client().max_payload());
                answer = messages::failed(&format_args!(
                    "its result takes {size} bytes, and the server no more than {most}"
                ));
            }
            // Nobody waits for it any more.
            Err(_) if serving.silence() > SILENCE => break,
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}
