//! The runs of which a host has jobs: whether they go on, as their keys at the server say.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::broker::{Broker, RunKey};
use crate::messages::{Run, working_subject};
use crate::notes::with_causes;

/// A run is forgotten when there was no job of it for so many checks.
const UNUSED: u32 = 5;

/// A key that is not there for so many checks in a row is missing: in a cluster, one server
/// may not have heard of a new one yet.
const MISSING: u32 = 3;

/// The runs of which there have been jobs lately.
pub(crate) struct Runs {
    broker: Arc<Broker>,
    known: Mutex<HashMap<String, Arc<RunWatch>>>,
}

/// A run and the state of its key, which is read again and again.
pub(crate) struct RunWatch {
    state: watch::Receiver<RunState>,
    /// How many jobs of it are here, and for how many a process works.
    jobs: AtomicUsize,
    running: AtomicUsize,
    begun: Notify,
}

/// What a host knows about a run.
#[derive(Clone)]
pub(crate) enum RunState {
    /// Its key has not been read yet.
    Unknown,
    /// It goes on.
    Live(Arc<Run>),
    /// It goes on, but this program cannot work for it, for this reason.
    Unreadable(String),
    /// There is no key, for a time in which its submitter may have been cut off.
    Missing,
    /// There is no key, for a longer time. Its submitter may have been suspended.
    Expired,
    /// It has ended.
    Ended,
}

impl Runs {
    pub(crate) fn new(broker: Arc<Broker>) -> Arc<Runs> {
        Arc::new(Runs {
            broker,
            known: Mutex::default(),
        })
    }

    /// A run of which there is a job.
    pub(crate) fn with_job(self: &Arc<Self>, id: &str) -> RunWithJob {
        let mut known = self.known();
        let run = known.entry(id.to_owned()).or_insert_with(|| {
            let (sender, state) = watch::channel(RunState::Unknown);
            let run = Arc::new(RunWatch {
                state,
                jobs: AtomicUsize::new(0),
                running: AtomicUsize::new(0),
                begun: Notify::new(),
            });
            tokio::spawn(self.clone().look_after(id.to_owned(), run.clone(), sender));
            run
        });
        run.jobs.fetch_add(1, Relaxed);
        RunWithJob(run.clone())
    }

    /// How many runs there have been jobs of lately.
    pub(crate) fn count(&self) -> usize {
        self.known().len()
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Arc<RunWatch>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the key of a run, and says that this host works for it. Once the run has ended,
    /// deletes the results that this host may have stored after that.
    async fn look_after(
        self: Arc<Self>,
        id: String,
        run: Arc<RunWatch>,
        state: watch::Sender<RunState>,
    ) {
        let times = &self.broker.times;
        let mut checks = interval(times.run_check);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut unused, mut missing) = (0, 0);
        let mut heartbeat: Option<Instant> = None;
        loop {
            let is_check = tokio::select! {
                _ = checks.tick() => true,
                () = run.begun.notified() => false,
            };
            let is_due =
                heartbeat.is_none_or(|last| is_check || last.elapsed() > times.run_check);
            if is_due && run.running.load(Relaxed) > 0 {
                heartbeat = Some(Instant::now());
                let client = self.broker.context.client();
                let _ = client.publish(working_subject(&id), "".into()).await;
            }
            if !is_check {
                continue;
            }
            match self.broker.key(&id).await {
                Ok(key) => {
                    missing = if matches!(key, RunKey::Missing) {
                        missing + 1
                    } else {
                        0
                    };
                    self.note_key(key, missing, &state);
                }
                Err(error) => self
                    .broker
                    .trouble(format!("the keys cannot be read: {}", with_causes(&error))),
            }
            let is_used = run.jobs.load(Relaxed) > 0;
            unused = if is_used { 0 } else { unused + 1 };
            let has_ended = matches!(*state.borrow(), RunState::Ended);
            let is_tidy =
                has_ended && !is_used && self.broker.delete_results(&id).await.is_ok();
            let mut known = self.known();
            if (is_tidy || unused > UNUSED) && run.jobs.load(Relaxed) == 0 {
                known.remove(&id);
                return;
            }
        }
    }

    fn note_key(&self, key: RunKey, missing: u32, state: &watch::Sender<RunState>) {
        let times = &self.broker.times;
        let is_live = matches!(*state.borrow(), RunState::Live(_));
        let new = match key {
            RunKey::Live(run) => match &*state.borrow() {
                RunState::Live(known) if **known == run => return,
                _ => RunState::Live(Arc::new(run)),
            },
            RunKey::Unreadable(problem) => RunState::Unreadable(problem),
            RunKey::Ended => RunState::Ended,
            RunKey::Missing if missing < MISSING => return,
            // If the bucket was deleted, the submitter renews its key before that.
            RunKey::Missing
                if is_live && times.run_check * missing < times.run_ttl / 10 =>
            {
                return;
            }
            RunKey::Missing
                if self.broker.connected_for() > self.broker.times.run_ttl =>
            {
                RunState::Expired
            }
            RunKey::Missing if is_live => return,
            RunKey::Missing => RunState::Missing,
        };
        state.send_replace(new);
    }
}

/// A run, as long as a job of it is here.
pub(crate) struct RunWithJob(Arc<RunWatch>);

impl RunWithJob {
    /// The state of the run, once it is known.
    pub(crate) async fn state(&self) -> RunState {
        let mut state = self.0.state.clone();
        let known = state
            .wait_for(|state| !matches!(state, RunState::Unknown))
            .await;
        known.map_or(RunState::Unknown, |state| state.clone())
    }

    /// Waits until the run has ended.
    pub(crate) async fn ended(&self) {
        let mut state = self.0.state.clone();
        let has_ended =
            |state: &RunState| matches!(state, RunState::Ended | RunState::Expired);
        let is_lost = state.wait_for(has_ended).await.is_err();
        if is_lost {
            std::future::pending().await
        }
    }

    /// Says at the server that a process works for the run, as long as the value lives.
    pub(crate) fn working(&self) -> Working<'_> {
        self.0.running.fetch_add(1, Relaxed);
        self.0.begun.notify_one();
        Working(&self.0.running)
    }
}

impl Drop for RunWithJob {
    fn drop(&mut self) {
        self.0.jobs.fetch_sub(1, Relaxed);
    }
}

/// A process works for a run.
pub(crate) struct Working<'a>(&'a AtomicUsize);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
