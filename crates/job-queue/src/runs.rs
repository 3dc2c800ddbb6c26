//! The runs of which a host has jobs. Their keys at the server say whether they go on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::broker::{Broker, RunKey};
use crate::messages::{Run, working_subject};
use crate::notes::with_causes;

/// A run is forgotten after this many checks in a row at which no job of it was here.
const UNUSED: u32 = 5;

/// A key counts as missing after this many checks in a row. In a cluster, a server may not have
/// received a new key yet.
const MISSING: u32 = 3;

/// The runs of which this host had jobs recently.
pub(crate) struct Runs {
    broker: Arc<Broker>,
    known: Mutex<HashMap<String, Arc<RunWatch>>>,
}

/// A run and the state of its key, which is read at intervals.
pub(crate) struct RunWatch {
    state: watch::Receiver<RunState>,
    /// How many jobs of it are here; `running` counts those that a process does.
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
    /// It goes on, but this program cannot do its jobs, for this reason.
    Unreadable(String),
    /// There is no key. The submitter may only have lost its connection.
    Missing,
    /// There is no key although this host has been connected for `run_ttl`. The submitter may
    /// have been suspended.
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

    /// The run with this id, of which a job is here. Starts to watch it if it is new.
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

    /// The number of runs of which this host had jobs recently.
    pub(crate) fn count(&self) -> usize {
        self.known().len()
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Arc<RunWatch>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the key of a run at intervals, and sends heartbeats while a process works for it.
    /// After the run has ended, deletes the results that this host may have stored too late.
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
            // If the bucket was deleted, the submitter renews its key within this time.
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

/// A run of which a job is here. Counts the job until it is dropped.
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

    /// Counts a process that works for the run, until the value is dropped.
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

/// A process that works for a run.
pub(crate) struct Working<'a>(&'a AtomicUsize);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
