//! One run at its submitter: it publishes the jobs, reads their answers, and publishes lost
//! jobs again.

use std::any::Any;
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use async_nats::Subscriber;
use async_nats::jetstream::Message;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender, channel};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::task::AbortOnDropHandle;

use crate::broker::{Broker, Stored, TooLarge};
use crate::messages::{
    About, Death, JobError, Run, all_failed, decode, job_subject, printable,
    result_subject, token, working_subject,
};
use crate::notes::{note, with_causes};
use crate::room::Room;
use crate::window::{Queue, Window};

/// How many jobs may be published without a confirmation.
const MAX_UNCONFIRMED: usize = 256;

/// A job fails after this many of its worker processes have died.
const MAX_DEATHS: usize = 3;

/// How often to read the state of the queue while the window grows.
const SOON: Duration = Duration::from_millis(10);

/// The interval of `tick`, and of reading the state of the queue while the window is stable.
const TICK: Duration = Duration::from_millis(250);

/// How often the server sends a heartbeat while it has no results.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// The message with a job's arguments, or why there is none, and the number of arguments.
pub(crate) struct NewJob {
    pub(crate) count: usize,
    pub(crate) message: Result<Vec<u8>, JobError>,
}

/// How the iterator of the arguments ended: normally or with a panic.
pub(crate) type End = Result<(), Panic>;
pub(crate) type Panic = Box<dyn Any + Send>;

/// A message to [`Results`](crate::Results).
pub(crate) enum Delivery {
    /// The answers to a job of `count` arguments.
    Answers {
        number: usize,
        count: usize,
        answers: Result<Bytes, JobError>,
    },
    /// All jobs have their answers. The iterator of the arguments has ended like this.
    Ended(End),
}

/// What a run needs from its queue.
pub(crate) struct Start {
    pub(crate) broker: Arc<Broker>,
    pub(crate) id: String,
    pub(crate) run: Run,
    /// The first window and the largest one, in jobs.
    pub(crate) window: usize,
    pub(crate) max_window: usize,
    pub(crate) wait: Option<Duration>,
    /// A text that says how to start a worker; `None` if this program starts its own.
    pub(crate) advice: Option<String>,
    pub(crate) broken: watch::Receiver<Option<String>>,
    pub(crate) room: Arc<Room>,
}

/// A run that goes on.
pub(crate) struct Submission {
    broker: Arc<Broker>,
    id: Arc<str>,
    run: Run,
    /// The function's name in subjects.
    token: String,
    wait: Option<Duration>,
    advice: Option<String>,
    room: Arc<Room>,
    deliveries: UnboundedSender<Delivery>,

    /// The jobs that have no answers.
    open: BTreeMap<usize, OpenJob>,
    next: usize,
    /// How many jobs have answers, and how many bytes these answers had.
    results: usize,
    result_bytes: usize,
    window: Window,
    /// How the iterator of the arguments ended, once it has.
    end: Option<End>,
    /// Why no more jobs are published.
    failed: Option<String>,

    /// Requests in flight.
    requests: FuturesUnordered<BoxFuture<'static, Event>>,
    unconfirmed: usize,
    is_looking: bool,
    next_look: Instant,
    is_checking: bool,
    next_check: Instant,
    /// The time since the last result or heartbeat, without suspensions of this program.
    idle: Duration,
    last_tick: Instant,
    has_advised: bool,
}

/// A job without answers.
struct OpenJob {
    count: usize,
    message: Bytes,
    message_state: MessageState,
    deaths: Vec<(String, Death)>,
}

/// Where the message of a job is.
#[derive(Clone, Copy)]
enum MessageState {
    OnItsWay,
    /// In the stream, with this number if it is known.
    Stored(Option<u64>),
}

/// The answer to a request.
enum Event {
    JobStored(usize, Result<Stored, TooLarge>),
    Looked(Result<Option<Queue>>),
    Checked(Result<Missing>),
    Answered(usize, Option<Bytes>),
    Workers(Result<Workers>),
    Done,
}

/// Whether there are workers for the function.
enum Workers {
    Here,
    /// There are no workers for the function, only for these.
    ForOthers(Vec<String>),
}

/// The jobs that are not at the server any more.
#[derive(Default)]
struct Missing {
    /// Jobs without answers, to publish again.
    lost: Vec<usize>,
    /// Jobs with stored answers that may never be delivered, to fetch.
    answered: Vec<usize>,
}

impl Submission {
    /// Starts a run. The returned future publishes the `jobs` until they end, or until the
    /// receiver of the `deliveries` is dropped.
    ///
    /// # Errors
    ///
    /// The server refuses the streams or the key of the run.
    pub(crate) async fn start(
        start: Start,
        jobs: Receiver<NewJob>,
        end: BoxFuture<'static, End>,
        deliveries: UnboundedSender<Delivery>,
    ) -> Result<impl Future<Output = ()>> {
        let Start {
            broker,
            id,
            run,
            window,
            max_window,
            wait,
            advice,
            broken,
            room,
        } = start;
        broker.open().await?;
        broker.put_key(&id, &run).await?;
        let working = broker
            .context
            .client()
            .subscribe(working_subject(&id))
            .await?;
        let now = Instant::now();
        let submission = Submission {
            token: token(&run.function),
            window: Window::new(window, max_window),
            id: id.into(),
            run,
            wait,
            advice,
            room,
            deliveries,
            open: BTreeMap::new(),
            next: 0,
            results: 0,
            result_bytes: 0,
            end: None,
            failed: None,
            requests: FuturesUnordered::new(),
            unconfirmed: 0,
            is_looking: false,
            next_look: now,
            is_checking: false,
            next_check: now + broker.times.lost_job_check,
            idle: Duration::ZERO,
            last_tick: now,
            has_advised: false,
            broker,
        };
        Ok(submission.run(jobs, end, working, broken))
    }

    async fn run(
        mut self,
        mut jobs: Receiver<NewJob>,
        mut end: BoxFuture<'static, End>,
        mut working: Subscriber,
        broken: watch::Receiver<Option<String>>,
    ) {
        let (sender, mut results) = channel(MAX_UNCONFIRMED);
        let reading = read_results(self.broker.clone(), self.id.clone(), sender);
        let reading = AbortOnDropHandle::new(tokio::spawn(reading));
        let mut ticks = interval(TICK.min(self.broker.times.patience / 10));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let deliveries = self.deliveries.clone();
        let room = self.room.clone();
        let broker = self.broker.clone();
        let mut reconnected = pin!(broker.reconnected());
        let mut hopeless = pin!(why_broken(broken));
        loop {
            if let Some(end) = self.end.take_if(|_| self.open.is_empty()) {
                let _ = self.deliveries.send(Delivery::Ended(end));
                break;
            }
            tokio::select! {
                job = jobs.recv(), if self.has_room() => match job {
                    Some(job) => self.submit(job),
                    None => self.end = Some((&mut end).await),
                },
                Some(event) = self.requests.next() => self.handle(event),
                Some(message) = results.recv() => self.read(message),
                Some(_) = working.next() => self.idle = Duration::ZERO,
                () = room.more() => {}
                () = sleep_until(self.next_look), if self.holds_back() => self.look(),
                _ = ticks.tick() => self.tick(),
                () = &mut reconnected => {
                    self.next_check = Instant::now();
                    reconnected.set(broker.reconnected());
                }
                why = &mut hopeless, if self.failed.is_none() => self.fail(why),
                () = deliveries.closed() => break,
            }
        }
        drop((deliveries, self.deliveries, results, reading));
        // If this fails, the guard ends the run. If the guard fails, too, the key expires.
        let _ = self.broker.end_run(&self.id, &self.run.function).await;
    }

    /// Whether the next job may be published.
    fn has_room(&self) -> bool {
        let is_within_window = self.open.len() < self.window.size();
        // Assume that the open jobs have results of average size.
        let to_come = self.open.len() * (self.result_bytes / self.results.max(1));
        self.end.is_none()
            && self.unconfirmed < MAX_UNCONFIRMED
            && (is_within_window || self.failed.is_some())
            && self.room.is_there(to_come)
    }

    fn submit(&mut self, job: NewJob) {
        let number = self.next;
        self.next += 1;
        self.room.take(job.count);
        let message = match (job.message, &self.failed) {
            (Ok(message), None) => Bytes::from(message),
            (Ok(_), Some(why)) => {
                return self.deliver(number, job.count, Err(JobError::new(why)));
            }
            (Err(error), _) => return self.deliver(number, job.count, Err(error)),
        };
        self.room.take_bytes(message.len());
        let job = OpenJob {
            count: job.count,
            message,
            message_state: MessageState::OnItsWay,
            deaths: Vec::new(),
        };
        self.open.insert(number, job);
        self.publish(number);
    }

    /// Publishes an open job.
    fn publish(&mut self, number: usize) {
        let Some(job) = self.open.get_mut(&number) else {
            return;
        };
        job.message_state = MessageState::OnItsWay;
        self.unconfirmed += 1;
        let (broker, message) = (self.broker.clone(), job.message.clone());
        let subject = job_subject(&self.token, &self.id, number);
        self.request(async move {
            Event::JobStored(number, broker.store(subject, message).await)
        });
    }

    fn request(&self, request: impl Future<Output = Event> + Send + 'static) {
        self.requests.push(request.boxed());
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::JobStored(number, stored) => {
                self.unconfirmed -= 1;
                match stored {
                    Ok(stored) => {
                        if let Some(job) = self.open.get_mut(&number) {
                            job.message_state = MessageState::Stored(match stored {
                                Stored::New(sequence) => Some(sequence),
                                Stored::Present => None,
                            });
                        }
                    }
                    Err(TooLarge { limit, .. }) => {
                        let why =
                            format!("the server takes no job of more than {limit} bytes");
                        self.settle(number, Err(JobError::new(why)));
                    }
                }
            }
            Event::Looked(queue) => {
                self.is_looking = false;
                let is_growing = match queue {
                    Ok(Some(queue)) => self.window.adapt(queue),
                    _ => false,
                };
                self.next_look = Instant::now() + if is_growing { SOON } else { TICK };
            }
            Event::Checked(missing) => {
                self.is_checking = false;
                self.next_check = Instant::now() + self.broker.times.lost_job_check;
                match missing {
                    Ok(missing) => self.recover(missing),
                    Err(error) => {
                        self.broker.trouble(format!(
                            "the run cannot be renewed: {}",
                            with_causes(&error)
                        ));
                    }
                }
            }
            Event::Answered(number, answers) => {
                if let Some(answers) = answers {
                    self.settle(number, Ok(answers));
                }
            }
            Event::Workers(workers) => self.advise(workers),
            Event::Done => {}
        }
    }

    /// Reads a message of the stream of results and acknowledges it, which deletes it.
    fn read(&mut self, message: Message) {
        self.idle = Duration::ZERO;
        match About::parse(&message.subject) {
            Some(About::Answers(number)) => {
                self.settle(number, Ok(message.payload.clone()))
            }
            Some(About::Death(number, id)) => {
                self.count_death(number, id, &message.payload)
            }
            None => {}
        }
        self.request(async move {
            // If the acknowledgement is lost, the message is delivered again.
            let _ = message.ack().await;
            Event::Done
        });
    }

    fn count_death(&mut self, number: usize, id: &str, message: &[u8]) {
        let (Some(job), Ok(death)) = (self.open.get_mut(&number), decode(message)) else {
            return;
        };
        // A message is delivered again if its acknowledgement was lost.
        if job.deaths.iter().any(|(known, _)| known == id) {
            return;
        }
        job.deaths.push((id.to_owned(), death));
        if job.deaths.len() == MAX_DEATHS {
            let why = describe_deaths(&job.deaths);
            self.give_up(number, why);
        }
    }

    /// Stores a failure as the answer to a job, unless it already has one.
    fn give_up(&mut self, number: usize, why: String) {
        let (broker, id) = (self.broker.clone(), self.id.clone());
        let function = self.run.function.clone();
        self.request(async move {
            let answers = all_failed(why);
            let _ = broker
                .store(result_subject(&id, number), answers.into())
                .await;
            let _ = broker.delete_job(&function, &id, number).await;
            Event::Done
        });
    }

    /// A job has its answers. Later answers are ignored.
    fn settle(&mut self, number: usize, answers: Result<Bytes, JobError>) {
        if let Some(job) = self.open.remove(&number) {
            self.room.give_bytes(job.message.len());
            self.deliver(number, job.count, answers);
        }
    }

    fn deliver(&mut self, number: usize, count: usize, answers: Result<Bytes, JobError>) {
        let bytes = answers.as_ref().map_or(0, Bytes::len);
        self.room.take_bytes(bytes);
        self.results += 1;
        self.result_bytes += bytes;
        // Fails if the caller has dropped the results. Then the run ends.
        let _ = self.deliveries.send(Delivery::Answers {
            number,
            count,
            answers,
        });
    }

    /// Starts what is due: the check for lost jobs, the search for workers, and the failure
    /// after `--wait`.
    fn tick(&mut self) {
        let now = Instant::now();
        // The time in which this program was suspended does not count.
        self.idle += (now - self.last_tick).min(2 * TICK);
        self.last_tick = now;
        if !self.is_checking && now >= self.next_check {
            self.is_checking = true;
            self.check();
        }
        if self.open.is_empty() {
            self.idle = Duration::ZERO;
        }
        if self.idle >= self.broker.times.patience && !self.has_advised {
            self.has_advised = true;
            self.look_for_workers();
        }
        // Workers send a heartbeat at each `run_check`, and one may be late.
        let shortest = 2 * self.broker.times.run_check;
        if let Some(wait) = self.wait.filter(|wait| self.idle >= *wait.max(&shortest)) {
            let seconds = wait.as_secs_f64();
            let trouble = self
                .broker
                .recent_trouble(wait + self.broker.times.patience);
            self.fail(match trouble {
                Some(trouble) => {
                    format!("nothing came within {seconds} s (--wait): {trouble}")
                }
                None => format!("no worker took it within {seconds} s (--wait)"),
            });
        }
    }

    /// Whether the window is full.
    fn holds_back(&self) -> bool {
        let is_full = self.open.len() >= self.window.size();
        is_full && self.end.is_none() && self.failed.is_none() && !self.is_looking
    }

    fn look(&mut self) {
        self.is_looking = true;
        let (broker, function) = (self.broker.clone(), self.run.function.clone());
        self.request(async move { Event::Looked(broker.queue(&function).await) });
    }

    /// Renews the key of the run, and checks whether the jobs without answers are still at the
    /// server.
    fn check(&mut self) {
        let at_server =
            self.open
                .iter()
                .filter_map(|(number, job)| match job.message_state {
                    MessageState::OnItsWay => None,
                    MessageState::Stored(sequence) => Some((*number, sequence)),
                });
        let jobs: Vec<_> = at_server.collect();
        let (broker, id, run) = (self.broker.clone(), self.id.clone(), self.run.clone());
        self.request(
            async move { Event::Checked(check(&broker, &id, &run, &jobs).await) },
        );
    }

    fn recover(&mut self, missing: Missing) {
        for number in missing.lost {
            // If its answers have arrived in the meantime, it is not open any more and
            // `publish` does nothing.
            self.publish(number);
        }
        for number in missing.answered {
            if self.open.contains_key(&number) {
                let (broker, id) = (self.broker.clone(), self.id.clone());
                self.request(async move {
                    let answers = broker.result(&id, number).await;
                    Event::Answered(number, answers.unwrap_or_default())
                });
            }
        }
    }

    /// Finds out whether the function has workers. If not, a note says how to start one.
    fn look_for_workers(&mut self) {
        if self.advice.is_none() {
            return;
        }
        let (broker, function) = (self.broker.clone(), self.run.function.clone());
        self.request(async move {
            let find = async {
                let has_workers = |queue: Queue| queue.requests + queue.running > 0;
                match broker.queue(&function).await? {
                    Some(queue) if has_workers(queue) => Ok(Workers::Here),
                    _ => Ok(Workers::ForOthers(broker.functions_with_workers().await?)),
                }
            };
            Event::Workers(find.await)
        });
    }

    fn advise(&mut self, workers: Result<Workers>) {
        // Without an answer it is not known whether there are workers.
        self.has_advised = workers.is_ok();
        let (Some(advice), Ok(Workers::ForOthers(others))) = (&self.advice, workers)
        else {
            return;
        };
        note(format_args!(
            "no worker takes a job of {}; start one, on any machine: {advice}",
            self.run.function
        ));
        for other in others.iter().filter(|other| **other != self.token) {
            note(format_args!("there are workers for {}", printable(other)));
        }
    }

    /// Fails all open jobs, and all later ones.
    fn fail(&mut self, why: String) {
        for number in self.open.keys().copied().collect::<Vec<_>>() {
            self.settle(number, Err(JobError::new(&why)));
        }
        self.failed = Some(why);
    }
}

/// Waits until the server or the workers of this program have failed, and returns why.
async fn why_broken(mut broken: watch::Receiver<Option<String>>) -> String {
    match broken.wait_for(Option::is_some).await {
        Ok(why) => why.clone().unwrap_or_default(),
        Err(_) => "the queue is closed".to_owned(),
    }
}

/// Reads the results of a run as they are stored.
async fn read_results(broker: Arc<Broker>, id: Arc<str>, results: Sender<Message>) {
    let read = async || {
        let consumer = broker.results(&id).await?;
        let stream = consumer.stream().heartbeat(HEARTBEAT).messages();
        let mut messages = stream.await?;
        while let Some(message) = messages.next().await {
            if results.send(message?).await.is_err() {
                break;
            }
        }
        anyhow::Ok(())
    };
    while !results.is_closed() {
        tokio::select! {
            ended = read() => if let Err(error) = ended && !results.is_closed() {
                broker.trouble(format!("the results cannot be read: {}", with_causes(&error)));
                sleep(Duration::from_millis(500)).await;
            },
            // The request for messages may be lost, so send it again.
            () = broker.reconnected() => {}
        }
    }
}

/// Renews the key of a run, and finds out which of these jobs are no longer at the server. Each
/// job has its number, and the number of its message if it is known.
async fn check(
    broker: &Broker,
    id: &str,
    run: &Run,
    jobs: &[(usize, Option<u64>)],
) -> Result<Missing> {
    // Renew the key before jobs are published again: workers do no jobs of a run without a key.
    if broker.put_key(id, run).await.is_err() {
        broker.open().await?;
        broker.put_key(id, run).await?;
    }
    let mut missing = Missing::default();
    if jobs.is_empty() {
        return Ok(missing);
    }
    // The order matters: a worker stores the answers of a job, then acknowledges it, which
    // deletes it.
    let acknowledged = broker.acknowledged(&run.function).await?;
    let queued = broker.jobs_present(&run.function, id).await?;
    let answered = broker.results_present(id).await?;
    for &(number, sequence) in jobs {
        let forgotten = sequence.filter(|sequence| *sequence <= acknowledged);
        if answered.contains(&number) {
            missing.answered.push(number);
        } else if !queued.contains(&number) {
            missing.lost.push(number);
        } else if let Some(sequence) = forgotten {
            broker.delete_job_message(sequence).await?;
            missing.lost.push(number);
        }
    }
    Ok(missing)
}

fn describe_deaths(deaths: &[(String, Death)]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, Death { host, how }) in deaths {
        *counts.entry(format!("{how} on {host}")).or_default() += 1;
    }
    let each: Vec<_> = counts
        .iter()
        .map(|(how, count)| format!("{count} × {how}"))
        .collect();
    format!(
        "{} worker processes died while they had it: {}",
        deaths.len(),
        each.join(", ")
    )
}
