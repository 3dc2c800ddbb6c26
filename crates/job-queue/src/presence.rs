//! Who is there: a submitter says so every second, and sees whether anybody works for it.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use async_nats::Subscriber;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::context::Context;
use futures_util::StreamExt;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};
use workloads::{print_note, shown};

use crate::job_queue::JobQueue;
use crate::messages::{self, Hello, Run};

/// How often a submitter says that it is there.
const ANNOUNCEMENT: Duration = Duration::from_secs(1);

/// A worker takes nothing from a submitter of whom it has not heard for this time.
pub(crate) const SILENCE: Duration = Duration::from_secs(5);

/// When a person is told that no worker takes a job.
const PATIENCE: Duration = Duration::from_secs(5);

/// The workers, as the submitter of a run sees them.
pub(crate) struct Workers {
    context: Context,
    run: Run,
    jobs: PullConsumer,
    hellos: Subscriber,
    /// A worker that has long heard nothing asks whether anybody still listens here.
    _presence: Subscriber,
    /// The server, if it is somebody else's.
    server: Option<String>,
    wait: Option<Duration>,
    broken: watch::Receiver<Option<String>>,
    /// Those that have said hello.
    known: HashSet<String>,
    /// What keeps some of them from working.
    strangers: BTreeSet<String>,
}

impl Workers {
    pub(crate) async fn find(
        queue: &JobQueue,
        run: &Run,
        jobs: PullConsumer,
    ) -> Result<Workers> {
        let client = queue.context.client();
        let presence = client.subscribe(format!("jobs.{}.submitter", run.run));
        let is_foreign = queue.max_workers.is_none();
        Ok(Workers {
            hellos: client.subscribe("jobs.workers").await?,
            _presence: presence.await?,
            context: queue.context.clone(),
            run: run.clone(),
            jobs,
            server: is_foreign.then(|| crate::without_password(queue.server.url())),
            wait: queue.wait,
            broken: queue.broken.subscribe(),
            known: HashSet::new(),
            strangers: BTreeSet::new(),
        })
    }

    /// Announces the run as long as this is polled; returns why there is no use in going on.
    /// `answered` counts the answers that have come.
    pub(crate) async fn watch(&mut self, answered: &AtomicUsize) -> String {
        let mut broken = self.broken.clone();
        tokio::select! {
            Ok(why) = broken.wait_for(Option::is_some) => why.clone().unwrap_or_default(),
            why = self.look(answered) => why,
        }
    }

    async fn look(&mut self, answered: &AtomicUsize) -> String {
        let mut ticks = interval(ANNOUNCEMENT.min(self.wait.unwrap_or(ANNOUNCEMENT)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut idle_since, mut seen) = (Instant::now(), 0);
        let mut has_complained = false;
        loop {
            tokio::select! {
                Some(hello) = self.hellos.next() => {
                    if self.meet(&hello.payload) {
                        self.announce().await;
                    }
                    continue;
                }
                _ = ticks.tick() => self.announce().await,
            }
            let now = answered.load(Ordering::Relaxed);
            let is_taken = match self.jobs.get_info().await {
                Ok(jobs) => jobs.num_ack_pending > 0,
                Err(error) if is_gone(error.kind()) => {
                    return "the server has lost the queue".to_owned();
                }
                Err(_) => false,
            };
            if is_taken || now != seen {
                (idle_since, seen) = (Instant::now(), now);
            }
            let idle = idle_since.elapsed();
            if let Some(wait) = self.wait.filter(|wait| idle >= *wait) {
                let wait = wait.as_secs_f64();
                return format!("no worker took it within {wait} s (--wait)");
            }
            if idle >= PATIENCE && !has_complained {
                has_complained = true;
                self.complain();
            }
        }
    }

    async fn announce(&self) {
        // It fails only where this cannot be serialised; a lost connection keeps it for later.
        if let Ok(run) = serde_json::to_vec(&self.run) {
            let _ = self.context.client().publish("jobs.runs", run.into()).await;
        }
    }

    /// Whether it is a worker that has just come; and if it cannot work for this run, why.
    fn meet(&mut self, hello: &[u8]) -> bool {
        match messages::read::<Hello>(hello) {
            Ok(Hello {
                worker, function, ..
            }) => {
                if function != self.run.function {
                    let stranger =
                        format!("{worker} has no such function, but {function}");
                    self.strangers.insert(stranger);
                }
                self.known.insert(worker)
            }
            Err(problem) => {
                let problem = format!("a worker was refused: {}", shown(&problem));
                if self.strangers.insert(problem.clone()) {
                    print_note(&problem);
                }
                false
            }
        }
    }

    /// Says that nobody works, and what to do. Workers of its own need no such advice.
    fn complain(&self) {
        let Some(server) = &self.server else {
            return;
        };
        let program = std::env::current_exe().unwrap_or_default();
        let program = program.file_stem().unwrap_or_default().display();
        let mut note = format!(
            "no worker takes a job of {}; start one, on any machine: \
             {program} --worker --server {server}",
            self.run.function
        );
        for stranger in &self.strangers {
            note += &format!("\n      {stranger}");
        }
        print_note(&note);
    }
}

fn is_gone(kind: ConsumerInfoErrorKind) -> bool {
    use ConsumerInfoErrorKind::{NotFound, StreamNotFound};
    matches!(kind, NotFound | StreamNotFound)
}
