//! This program as something else than a page: a worker process, the keeper of a server, the
//! guard, or a worker for others.

use std::process::exit;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser};
use tokio_util::sync::CancellationToken;
use workloads::{Settings, print_error, print_note, server_url};

use crate::function::Function;
use crate::messages::{Argument, Outcome};
use crate::{guard, server, worker};

/// The command line of a worker.
#[derive(Debug, Parser)]
struct WorkerOptions {
    /// Take jobs from the programs at a server, until SIGTERM or Ctrl-C
    #[arg(long, required = true)]
    worker: bool,

    /// The NATS server: nats://HOST:4222 or tls://HOST:4222, with user:password@ before the
    /// host where it asks for them
    #[arg(long, value_name = "URL", value_parser = server_url)]
    server: String,

    /// Do this many jobs at a time, 1 to 10000, each in a process of its own [default: one per
    /// usable core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000),
          allow_hyphen_values = true)]
    max_workers: Option<u64>,
}

/// In a worker process: does jobs of `function`, and never returns. Where the command line says
/// `--worker`: takes jobs of `function` from others until it is told to end, and never returns.
/// Otherwise returns at once.
///
/// This belongs at the very beginning of `main`, as Python's `if __name__ == "__main__":`.
pub fn worker_entry<A, O, F>(function: F)
where
    A: Argument,
    O: Outcome,
    F: Fn(A) -> O + Copy + Send + Sync + 'static,
{
    process_pool::worker_entry()
        .function(function)
        .initializer(Settings::adopt)
        .enter();
    server::be_the_keeper_if_asked();
    guard::stand_guard_if_asked();
    if std::env::args_os()
        .skip(1)
        .any(|argument| argument == "--worker")
    {
        be_a_worker(Function::new(function));
    }
}

fn be_a_worker(function: Function) -> ! {
    let about = format!("A worker that has {}", function.name);
    let command = WorkerOptions::command().about(about);
    let options = WorkerOptions::from_arg_matches(&command.get_matches());
    let options = options.unwrap_or_else(|error| error.exit());
    if let Err(error) = serve(function, &options) {
        print_error(&error);
        exit(1);
    }
    exit(0);
}

fn serve(function: Function, options: &WorkerOptions) -> Result<()> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let max_workers = options.max_workers.map_or_else(cores, |n| n as usize);
    let stop = CancellationToken::new();
    crate::runtime()?.block_on(async {
        let context = crate::connect(&options.server).await?;
        let server = crate::without_password(&options.server);
        let name = function.name;
        print_note(&format!(
            "{max_workers} at a time, this does the jobs of {name} at {server}"
        ));
        let asked = stop.clone();
        tokio::spawn(async move {
            asked_to_end().await;
            asked.cancel();
        });
        worker::work(context, function, max_workers, None, stop).await
    })
}

/// SIGTERM or Ctrl-C; a second one ends the program at once.
async fn asked_to_end() {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use signal_hook::{consts, flag};

    for signal in [consts::SIGTERM, consts::SIGINT] {
        let asked = Arc::new(AtomicBool::new(false));
        // In this order, so that the first sets the flag and the second acts on it.
        let _ = flag::register_conditional_default(signal, asked.clone());
        let _ = flag::register(signal, asked);
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
