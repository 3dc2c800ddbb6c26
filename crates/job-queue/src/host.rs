//! A host: it pulls jobs for its free worker processes, lets them do the jobs, stores the
//! answers, and acknowledges the jobs.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::anyhow;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::consumer::pull::Batch;
use async_nats::jetstream::{AckKind, Message};
use ciborium::Value;
use futures_util::StreamExt;
use process_pool::{Builder, Error, ProcessPool, Shutdown, StartError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, interval_at, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::broker::{Broker, RunKey, TooLarge};
use crate::function::{Function, Orders};
use crate::messages::{
    Death, Run, all_failed, encode, new_id, parse_job_subject, result_subject,
};
use crate::notes::{note, with_causes};
use crate::runs::{RunState, RunWithJob, Runs};

/// How long a request for jobs waits at the server. After an outage the next request follows
/// within this time.
const PULL: Duration = Duration::from_secs(5);

/// A pool that had no job for this time is closed when another run needs processes.
const IDLE_POOL: Duration = Duration::from_secs(10);

/// How long a host that ends waits for jobs that the server has already sent.
const GIVE_BACK: Duration = Duration::from_millis(100);

/// How long a host that ends may take to send its last messages.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How many answers may be in flight to the server, in addition to one for each process.
const STORING: usize = 16;

/// A host backs off after this many deaths in a row, and logs it.
const PAUSE_FROM: u32 = 2;

/// Where a host is.
pub(crate) enum Place {
    /// In the program that submits the jobs. If no process can be started, the reason is sent
    /// here and the run fails with it.
    Submitter(watch::Sender<Option<String>>),
    /// In a program of its own, which finishes its jobs when it is asked to end.
    Worker,
}

/// Worker processes, and what they have in common.
pub(crate) struct Host {
    broker: Arc<Broker>,
    function: Function,
    max_workers: usize,
    place: Place,
    /// One permit for each process without a job.
    free: Arc<Semaphore>,
    /// Limits the answers that are in flight to the server.
    storing: Arc<Semaphore>,
    runs: Arc<Runs>,
    pools: Mutex<HashMap<Vec<u8>, Pool>>,
    jobs: TaskTracker,
    /// The subjects of the jobs that are here. After an outage the server delivers them again.
    here: Mutex<HashSet<String>>,
    deaths_in_a_row: AtomicU32,
    counts: Counts,
}

/// Processes that were started with the same settings.
struct Pool {
    pool: Arc<ProcessPool>,
    last_used: Instant,
}

/// What has happened since this host started.
#[derive(Default)]
struct Counts {
    running: AtomicUsize,
    done: AtomicU64,
    deaths: AtomicU64,
}

impl Host {
    pub(crate) fn new(
        broker: Arc<Broker>,
        function: Function,
        max_workers: usize,
        place: Place,
    ) -> Arc<Host> {
        Arc::new(Host {
            runs: Runs::new(broker.clone()),
            broker,
            function,
            max_workers,
            place,
            free: Arc::new(Semaphore::new(max_workers)),
            storing: Arc::new(Semaphore::new(max_workers + STORING)),
            pools: Mutex::default(),
            jobs: TaskTracker::new(),
            here: Mutex::default(),
            deaths_in_a_row: AtomicU32::new(0),
            counts: Counts::default(),
        })
    }

    /// Does jobs until `stop` is cancelled, then finishes those that have begun.
    pub(crate) async fn work(self: Arc<Self>, stop: CancellationToken) {
        self.pull_jobs(&stop).await;
        self.jobs.close();
        self.jobs.wait().await;
        // If the acknowledgement of a job is not sent, no other host gets the job for a while.
        let _ = timeout(LAST_WORDS, self.broker.context.client().flush()).await;
    }

    /// Requests as many jobs as there are free processes, again and again, until `stop` is
    /// cancelled.
    async fn pull_jobs(self: &Arc<Self>, stop: &CancellationToken) {
        let Some(consumer) = stop.run_until_cancelled(self.consumer()).await else {
            return;
        };
        loop {
            let slots = async {
                self.pause_after_deaths().await;
                self.free_slots().await
            };
            let Some(slots) = stop.run_until_cancelled(slots).await else {
                return;
            };
            // Not cancelled: no other host would get the jobs that the server has already
            // sent before `ack_wait` has passed.
            let batch = consumer.batch().max_messages(slots.num_permits());
            match batch.expires(PULL).messages().await {
                Ok(batch) => {
                    let taking = self.clone().take_jobs(batch, slots, stop.clone());
                    self.jobs.spawn(taking);
                }
                Err(error) => self.no_jobs(error.into()).await,
            }
        }
    }

    /// Waits for the consumer of the function. There is none before the first submitter has
    /// made the streams.
    async fn consumer(&self) -> PullConsumer {
        loop {
            match self.broker.consumer(&self.function.name).await {
                Ok(Some(consumer)) => return consumer,
                Ok(None) => sleep(self.broker.times.run_check).await,
                Err(error) => self.no_jobs(error).await,
            }
        }
    }

    /// Notes why no jobs arrive, and waits for a moment.
    async fn no_jobs(&self, error: anyhow::Error) {
        self.broker
            .trouble(format!("no jobs come: {}", with_causes(&error)));
        sleep(Duration::from_millis(500)).await;
    }

    /// Waits for a free process, and takes all free ones.
    async fn free_slots(&self) -> OwnedSemaphorePermit {
        let free = || self.free.clone();
        let mut slots = free().acquire_owned().await.expect("it is never closed");
        while let Ok(slot) = free().try_acquire_owned() {
            slots.merge(slot);
        }
        slots
    }

    /// Does the jobs that arrive for one request. Then frees the slots for which none arrived.
    async fn take_jobs(
        self: Arc<Self>,
        mut batch: Batch,
        mut slots: OwnedSemaphorePermit,
        stop: CancellationToken,
    ) {
        let mut reconnected = pin!(self.broker.reconnected());
        loop {
            let next = tokio::select! {
                biased;
                next = batch.next() => next,
                () = &mut reconnected => return,
                () = stop.cancelled() => return give_back(batch).await,
            };
            match next {
                Some(Ok(job)) => {
                    let slot = slots.split(1).expect("one slot for each job");
                    let host = self.clone();
                    self.jobs.spawn(async move { host.take(&job, slot).await });
                }
                Some(Err(error)) => {
                    self.no_jobs(anyhow!("{error}")).await;
                    break;
                }
                None => break,
            }
        }
        if slots.num_permits() > 0 {
            // The consumer may have been deleted: then requests get no answer. This makes it
            // again.
            let _ = stop.run_until_cancelled(self.consumer()).await;
        }
    }

    /// Does a job, and reports progress until it is acknowledged.
    async fn take(&self, job: &Message, slot: OwnedSemaphorePermit) {
        let Some((run, number)) = parse_job_subject(&job.subject) else {
            let _ = job.ack_with(AckKind::Term).await;
            return;
        };
        let Some(_here) = Here::new(&self.here, &job.subject) else {
            // It already runs here. The first delivery reports progress and acknowledges it.
            return;
        };
        let its_run = self.runs.with_job(run);
        let mut work = pin!(async {
            let job = Job {
                run,
                number,
                message: job,
            };
            let acknowledgement = self.do_job(job, &its_run, slot).await;
            let _ = job.message.ack_with(acknowledgement).await;
        });
        let progress = self.broker.times.ack_wait / 3;
        let mut progress = interval_at(Instant::now() + progress, progress);
        loop {
            tokio::select! {
                () = &mut work => return,
                _ = progress.tick() => {
                    let _ = job.ack_with(AckKind::Progress).await;
                }
            }
        }
    }

    /// Does a job and stores its answers. Returns the acknowledgement to send.
    async fn do_job(
        &self,
        job: Job<'_>,
        its_run: &RunWithJob,
        slot: OwnedSemaphorePermit,
    ) -> AckKind {
        let run = match self.run_of(job, its_run).await {
            Ok(run) => run,
            Err(acknowledgement) => return acknowledgement,
        };
        if job.deliveries() > 1 && self.has_answers(job).await {
            return AckKind::Ack;
        }
        let answers = match self.call(job, &run, its_run).await {
            Ok(answers) => answers,
            Err(Error::Killed { .. }) => return AckKind::Ack,
            Err(Error::Broken(error)) => return self.give_up_pool(&run, &error),
            Err(Error::Died { how, .. }) => {
                drop(slot);
                return self.give_back_after_death(job, its_run, how).await;
            }
            Err(Error::TimeLimit { limit, .. }) => {
                all_failed(format!("it took longer than {} s", limit.as_secs_f64()))
            }
            Err(error) => all_failed(error),
        };
        self.deaths_in_a_row.store(0, Relaxed);
        self.counts.done.fetch_add(1, Relaxed);
        // Free the process for the next job while these answers are sent.
        let _storing = self.storing.acquire().await;
        drop(slot);
        tokio::select! {
            () = self.store_answers(job, answers) => {}
            () = its_run.ended() => {}
        }
        AckKind::Ack
    }

    /// The run of a job.
    ///
    /// # Errors
    ///
    /// The acknowledgement to send, if the job must not be done, or not now.
    async fn run_of(
        &self,
        job: Job<'_>,
        its_run: &RunWithJob,
    ) -> Result<Arc<Run>, AckKind> {
        let later = || AckKind::Nak(Some(self.broker.times.ack_wait));
        match its_run.state().await {
            RunState::Live(run) => Ok(run),
            RunState::Ended => Err(AckKind::Ack),
            RunState::Unknown | RunState::Missing => Err(later()),
            // If the submitter was suspended, it has renewed its key before it published this
            // job.
            RunState::Expired => match self.broker.key(job.run).await {
                Ok(RunKey::Live(run)) => Ok(run.into()),
                Ok(_) => Err(AckKind::Ack),
                Err(_) => Err(later()),
            },
            RunState::Unreadable(problem) => {
                self.broker
                    .trouble(format!("the jobs of a run are left alone: {problem}"));
                Err(later())
            }
        }
    }

    /// No process could be started for a job. The job did not cause that, so another host may
    /// do it.
    fn give_up_pool(&self, run: &Run, error: &StartError) -> AckKind {
        self.forget_pool(&run.settings);
        self.count_death(&error.to_string());
        if let Place::Submitter(broken) = &self.place {
            broken.send_replace(Some(error.to_string()));
        }
        AckKind::Nak(Some(self.broker.times.pause))
    }

    /// A process ended while it had a job. Reports it to the submitter, and lets another
    /// process do the job.
    async fn give_back_after_death(
        &self,
        job: Job<'_>,
        its_run: &RunWithJob,
        how: process_pool::Death,
    ) -> AckKind {
        let how = how.to_string();
        let how = how.trim_start_matches("was ");
        self.count_death(how);
        self.report_death(job, its_run, how.to_owned()).await;
        AckKind::Nak(Some(self.broker.times.pause_after(job.deliveries())))
    }

    /// Whether another host has done the job, but died before its acknowledgement.
    async fn has_answers(&self, job: Job<'_>) -> bool {
        let stored = self.broker.result(job.run, job.number).await;
        stored.is_ok_and(|stored| stored.is_some())
    }

    /// Lets a process call the function. Kills the process if the run ends.
    async fn call(
        &self,
        job: Job<'_>,
        run: &Run,
        its_run: &RunWithJob,
    ) -> Result<Vec<u8>, Error> {
        let pool = match self.pool(&run.settings) {
            Ok(pool) => pool,
            Err(problem) => return Ok(all_failed(problem)),
        };
        let _working = its_run.working();
        let _running = Running::new(&self.counts.running);
        let kill = CancellationToken::new();
        let orders = Orders {
            time_limit: run.time_limit.map(Duration::from_secs_f64),
            kill: kill.clone(),
        };
        let mut answers = self.function.call(&pool, &job.message.payload, orders);
        tokio::select! {
            answers = &mut answers => answers,
            () = its_run.ended() => {
                kill.cancel();
                answers.await
            }
        }
    }

    async fn store_answers(&self, job: Job<'_>, answers: Vec<u8>) {
        let subject = || result_subject(job.run, job.number);
        if let Err(TooLarge { size, limit }) =
            self.broker.store(subject(), answers.into()).await
        {
            let why = format!(
                "its result takes {size} bytes, and the server takes no more than {limit}"
            );
            let _ = self.broker.store(subject(), all_failed(why).into()).await;
        }
    }

    /// Tells the submitter that a process ended while it had a job.
    async fn report_death(&self, job: Job<'_>, its_run: &RunWithJob, how: String) {
        let death = Death {
            host: host_name(),
            how,
        };
        let death = encode(&death).expect("texts can be written");
        let subject = format!("{}.{}", result_subject(job.run, job.number), new_id());
        tokio::select! {
            _ = self.broker.store(subject, death.into()) => {}
            () = its_run.ended() => {}
        }
    }

    fn count_death(&self, how: &str) {
        self.counts.deaths.fetch_add(1, Relaxed);
        let deaths = self.deaths_in_a_row.fetch_add(1, Relaxed) + 1;
        if deaths >= PAUSE_FROM {
            let pause = self
                .broker
                .times
                .pause_after(deaths + 1 - PAUSE_FROM)
                .as_secs_f64();
            self.broker.trouble(format!(
                "{deaths} worker processes in a row have ended ({how}); \
                 the next job is taken in {pause} s"
            ));
        }
    }

    /// Waits, if several processes in a row have died. A machine on which every process dies
    /// must not take all jobs.
    async fn pause_after_deaths(&self) {
        let deaths = self.deaths_in_a_row.load(Relaxed);
        if deaths >= PAUSE_FROM {
            sleep(self.broker.times.pause_after(deaths + 1 - PAUSE_FROM)).await;
        }
    }

    /// The pool with the settings of a run. Makes it if there is none.
    fn pool(&self, settings: &Value) -> Result<Arc<ProcessPool>, String> {
        let key = encode(settings)?;
        let mut pools = self.pools();
        if let Some(pool) = pools.get_mut(&key) {
            pool.last_used = Instant::now();
            return Ok(pool.pool.clone());
        }
        let is_idle = |_: &Vec<u8>, pool: &mut Pool| {
            Arc::strong_count(&pool.pool) == 1 && pool.last_used.elapsed() > IDLE_POOL
        };
        for (_, pool) in pools.extract_if(is_idle) {
            close(pool);
        }
        let builder = ProcessPool::builder().max_workers(self.max_workers);
        let builder = match &self.place {
            Place::Submitter(_) => builder,
            Place::Worker => out_of_reach(builder),
        };
        let builder = self.function.initialize(builder, settings);
        let builder = builder
            .map_err(|error| format!("not the settings of this program: {error}"))?;
        let pool = Arc::new(builder.build().map_err(|error| error.to_string())?);
        let last_used = Instant::now();
        pools.insert(
            key,
            Pool {
                pool: pool.clone(),
                last_used,
            },
        );
        Ok(pool)
    }

    /// Removes a pool, so that the next job gets a new one.
    fn forget_pool(&self, settings: &Value) {
        let Ok(key) = encode(settings) else {
            return;
        };
        if let Some(pool) = self.pools().remove(&key) {
            close(pool);
        }
    }

    fn pools(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Pool>> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills all processes.
    pub(crate) fn kill(&self) {
        for pool in self.pools().values() {
            pool.pool.shutdown(Shutdown::Kill);
        }
    }

    /// Logs at intervals what this host has done.
    pub(crate) async fn log(self: Arc<Self>) {
        let mut last = (0, 0);
        loop {
            sleep(self.broker.times.log).await;
            let now = (
                self.counts.done.load(Relaxed),
                self.counts.deaths.load(Relaxed),
            );
            let running = self.counts.running.load(Relaxed);
            if now == last && running == 0 {
                continue;
            }
            let queue = self.broker.queue(&self.function.name).await;
            let queued = queue.ok().flatten().map_or(0, |queue| queue.waiting);
            let per_second =
                (now.0 - last.0) as f64 / self.broker.times.log.as_secs_f64();
            note(format_args!(
                "runs: {}, jobs queued: {queued}, running here: {running}, \
                 done here a second: {per_second:.1}, worker processes that died here: {}",
                self.runs.count(),
                now.1 - last.1,
            ));
            last = now;
        }
    }
}

/// Returns the jobs that the server has already sent to a host that ends.
async fn give_back(mut batch: Batch) {
    while let Ok(Some(Ok(job))) = timeout(GIVE_BACK, batch.next()).await {
        let _ = job.ack_with(AckKind::Nak(None)).await;
    }
}

/// Closes a pool on a thread of its own, because closing waits for the end of its processes.
fn close(pool: Pool) {
    tokio::task::spawn_blocking(move || drop(pool));
}

/// A job that this host has.
#[derive(Clone, Copy)]
struct Job<'a> {
    run: &'a str,
    number: usize,
    message: &'a Message,
}

impl Job<'_> {
    /// How often the server has delivered it.
    fn deliveries(self) -> u32 {
        self.message
            .info()
            .map_or(1, |info| info.delivered.try_into().unwrap_or(u32::MAX))
    }
}

/// Marks a job as being at this host, until it is dropped.
struct Here<'a> {
    all: &'a Mutex<HashSet<String>>,
    subject: &'a str,
}

impl<'a> Here<'a> {
    /// `None` if it is here already.
    fn new(all: &'a Mutex<HashSet<String>>, subject: &'a str) -> Option<Here<'a>> {
        let mut subjects = all.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = subjects.insert(subject.to_owned());
        // Not `then_some`, which would make a value and drop it. The drop would remove the mark
        // of the first delivery.
        is_new.then(|| Here { all, subject })
    }
}

impl Drop for Here<'_> {
    fn drop(&mut self) {
        let mut subjects = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        subjects.remove(self.subject);
    }
}

/// Counts a job as running, until it is dropped.
struct Running<'a>(&'a AtomicUsize);

impl Running<'_> {
    fn new(count: &AtomicUsize) -> Running<'_> {
        count.fetch_add(1, Relaxed);
        Running(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// The name of this machine and the id of this process, for messages.
fn host_name() -> String {
    #[cfg(unix)]
    let machine = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    #[cfg(not(unix))]
    let machine = std::env::var("COMPUTERNAME").unwrap_or_default();
    format!("{machine} (process {})", std::process::id())
}

/// Keeps a Ctrl-C at the terminal from the processes of a pool, so that they can finish their
/// jobs.
#[cfg(unix)]
fn out_of_reach(pool: Builder) -> Builder {
    use std::os::unix::process::CommandExt;
    pool.configure_command(|command| {
        command.process_group(0);
    })
}

/// Other systems have no process groups, so a Ctrl-C reaches the processes there.
#[cfg(not(unix))]
fn out_of_reach(pool: Builder) -> Builder {
    pool
}
