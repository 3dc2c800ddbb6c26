//! Where a program becomes something other than a submitter: a worker process, the keeper of a
//! server, a guard, or a worker for other programs.

use std::any::TypeId;
use std::process::exit;
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use async_nats::jetstream::stream::StorageType;
use clap::{CommandFactory, FromArgMatches, Parser};
use process_pool::WorkerEntry as Processes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;
use crate::function::{Check, Function, each};
use crate::host::{Host, Place};
use crate::messages::name_of;
use crate::notes;
use crate::options::{checked, warn_of_secrets};
use crate::secrets::{Secrets, without_secrets};
use crate::times::Times;
use crate::{guard, server};

/// The command line of a worker.
#[derive(Debug, Parser)]
struct WorkerOptions {
    /// Take jobs from the programs at a server, until SIGTERM or Ctrl-C
    #[arg(long, required = true)]
    worker: bool,

    /// The NATS server, nats://HOST:4222 or tls://HOST:4222, or several with commas between
    /// them; NATS_USER and NATS_PASSWORD hold what it asks for, or NATS_TOKEN, or NATS_CREDS
    #[arg(long, value_name = "URL", value_parser = checked)]
    server: String,

    /// Do this many jobs at a time, 1 to 10000, each in a process of its own [default: one per
    /// usable core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000),
          allow_hyphen_values = true)]
    max_workers: Option<u64>,
}

/// The function and the times that a program has entered.
pub(crate) struct Entry {
    pub(crate) function: Function,
    id: TypeId,
    pub(crate) times: Times,
}

impl Entry {
    pub(crate) fn is_for<F: 'static>(&self) -> bool {
        self.id == TypeId::of::<F>()
    }
}

static ENTRY: OnceLock<Entry> = OnceLock::new();

pub(crate) fn entry() -> Result<&'static Entry> {
    ENTRY
        .get()
        .context("this program has not entered its worker entry")
}

/// The function that workers run: made by [`worker_entry`].
#[must_use = "the program becomes a worker only when `enter` is called"]
pub struct WorkerEntry<A, O, F> {
    function: F,
    check: Option<Check<A>>,
    initializer: Option<Initializer>,
    processes: Processes,
    version: String,
    times: Times,
    returns: std::marker::PhantomData<fn() -> O>,
}

/// Sets the initializer of a function.
type Initializer = Box<dyn FnOnce(&mut Function)>;

/// Says which function workers run. [`enter`](WorkerEntry::enter) makes this program a worker
/// if it was started as one.
///
/// This belongs at the very beginning of `main`, as Python's `if __name__ == "__main__":`.
///
/// The name of the function at the server is its path, such as `program::function`. Workers do
/// only the jobs of their own function. The name of a closure or of a function with type
/// parameters has a number, which may differ in another build of the program.
pub fn worker_entry<A, O, F>(function: F) -> WorkerEntry<A, O, F>
where
    A: Serialize + DeserializeOwned + Send + 'static,
    O: Serialize + DeserializeOwned + Send + 'static,
    F: Fn(A) -> O + Copy + Send + Sync + 'static,
{
    WorkerEntry {
        processes: process_pool::worker_entry()
            .function(function)
            .function(each(function)),
        function,
        check: None,
        initializer: None,
        version: String::new(),
        times: Times::default(),
        returns: std::marker::PhantomData,
    }
}

impl<A, O, F> WorkerEntry<A, O, F>
where
    A: Serialize + DeserializeOwned + Send + 'static,
    O: Serialize + DeserializeOwned + Send + 'static,
    F: Fn(A) -> O + Copy + Send + Sync + 'static,
{
    /// Checks each argument before a worker calls the function with it. The argument may come
    /// from a program that does not know the limits. If the check fails, the job fails.
    pub fn check(mut self, check: fn(&A) -> Result<(), String>) -> Self {
        self.check = Some(check);
        self
    }

    /// Has each worker process call `initializer` before its first job, with the
    /// [settings](crate::Builder::settings) of the run.
    pub fn initializer<S, I>(mut self, initializer: I) -> Self
    where
        S: Serialize + DeserializeOwned + 'static,
        I: Fn(S) + Copy + Send + Sync + 'static,
    {
        self.processes = self.processes.initializer(initializer);
        self.initializer =
            Some(Box::new(move |function| function.initializer(initializer)));
        self
    }

    /// The version of the function. Workers do only the jobs of their own version, so old
    /// workers do no jobs of new submitters. `env!("CARGO_PKG_VERSION")` is a good choice.
    pub fn version(mut self, version: &str) -> Self {
        self.version = version.to_owned();
        self
    }

    /// Sets the timeouts and intervals of the queue.
    pub fn times(mut self, times: Times) -> Self {
        self.times = times;
        self
    }

    /// In a worker process, does jobs and never returns. With `--worker` on the command line,
    /// does jobs of other programs until a signal ends it, and never returns. Otherwise returns
    /// immediately.
    ///
    /// # Panics
    ///
    /// If this program has entered another function before.
    pub fn enter(self) {
        self.processes.enter();
        server::be_the_keeper_if_asked();
        let mut function =
            Function::new(name_of::<F>(&self.version), self.function, self.check);
        if let Some(initialize) = self.initializer {
            initialize(&mut function);
        }
        let entry = Entry {
            function,
            id: TypeId::of::<F>(),
            times: self.times,
        };
        guard::stand_guard_if_asked(&entry.times);
        if ENTRY.set(entry).is_err() {
            panic!("this program has entered another function before");
        }
        if std::env::args_os()
            .skip(1)
            .any(|argument| argument == "--worker")
        {
            be_a_worker();
        }
    }
}

fn be_a_worker() -> ! {
    let entry = ENTRY.get().expect("it has been set");
    let about = format!("A worker that has {}", entry.function.name);
    let command = WorkerOptions::command().about(about);
    let options = WorkerOptions::from_arg_matches(&command.get_matches());
    let options = options.unwrap_or_else(|error| error.exit());
    if let Err(error) = serve(entry, &options) {
        notes::error(notes::with_causes(&error));
        exit(1);
    }
    exit(0);
}

fn serve(entry: &Entry, options: &WorkerOptions) -> Result<()> {
    warn_of_secrets(&options.server);
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let max_workers = options.max_workers.map_or_else(cores, |n| n as usize);
    let stop = CancellationToken::new();
    crate::run(async {
        let broker = Broker::connect(
            &options.server,
            Secrets::from_environment(),
            StorageType::File,
            entry.times.clone(),
        );
        let broker = broker.await?;
        notes::note(format_args!(
            "worker for {} at {}, for {max_workers} jobs at a time, until SIGTERM or Ctrl-C",
            entry.function.name,
            without_secrets(&options.server),
        ));
        let asked = stop.clone();
        tokio::spawn(async move {
            asked_to_end().await;
            asked.cancel();
        });
        let host = Host::new(
            broker.into(),
            entry.function.clone(),
            max_workers,
            Place::Worker,
        );
        tokio::spawn(host.clone().log());
        host.work(stop).await;
        Ok(())
    })
}

/// Waits for SIGTERM or Ctrl-C. A second one ends the program immediately.
async fn asked_to_end() {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use signal_hook::{consts, flag};

    let asked = Arc::new(AtomicBool::new(false));
    for signal in [consts::SIGTERM, consts::SIGINT] {
        // In this order, so that the first sets the flag and the second acts on it.
        let _ = flag::register_conditional_default(signal, asked.clone());
        let _ = flag::register(signal, asked.clone());
    }
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}
