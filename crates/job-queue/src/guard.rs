//! The guard: a second process of this program, which cleans up after it. Nothing else can do
//! that after a SIGKILL. It waits until the end of this program closes a pipe. Then it ends the
//! runs that are left at the server.

use std::io::{self, BufRead, Write};
use std::process::{Child, ChildStdin, Command, Stdio, exit};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use async_nats::jetstream::stream::StorageType;

use crate::broker::Broker;
use crate::secrets::Secrets;
use crate::server::this_program;
use crate::times::Times;

/// The argument that makes this program a guard.
const GUARD: &str = "guard-of-a-job-queue";

/// How long a guard may take to clean up.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The guard, as its program sees it.
pub(crate) struct Guard {
    process: Child,
    /// Closed by the end of this program, or by dropping this.
    pipe: Mutex<Option<ChildStdin>>,
}

impl Guard {
    /// Starts a guard that ends runs at one of the `servers`.
    pub(crate) fn start(servers: &str) -> Result<Guard> {
        let mut command = Command::new(this_program()?);
        command.arg(GUARD).stdin(Stdio::piped());
        // A Ctrl-C at the terminal is for this program, not for its guard.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command.spawn().context("cannot start the guard")?;
        let pipe = process.stdin.take();
        let guard = Guard {
            process,
            pipe: Mutex::new(pipe),
        };
        guard.write(servers);
        Ok(guard)
    }

    /// Gives the guard a run to end after this program.
    pub(crate) fn will_end(&self, run: &str, function: &str) {
        self.write(&format!("{run} {function}"));
    }

    fn write(&self, line: &str) {
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipe) = &mut *pipe {
            // The program goes on without a guard.
            let _ = writeln!(pipe, "{line}");
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.pipe
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let _ = self.process.wait();
    }
}

/// In the guard, waits for the end of its program, ends its runs, and never returns. In any
/// other process returns immediately.
pub(crate) fn stand_guard_if_asked(times: &Times) {
    let argument = std::env::args_os().nth(1);
    if argument.is_none_or(|argument| argument != GUARD) {
        return;
    }
    let mut lines = io::stdin().lock().lines().map_while(Result::ok);
    let servers = lines.next().unwrap_or_default();
    let runs: Vec<String> = lines.collect();
    // The guard has no way to report an error.
    let _ = end(&servers, &runs, times);
    exit(0)
}

fn end(servers: &str, runs: &[String], times: &Times) -> Result<()> {
    if runs.is_empty() {
        return Ok(());
    }
    crate::run(async {
        let end = async {
            let secrets = Secrets::from_environment();
            let broker =
                Broker::connect(servers, secrets, StorageType::File, times.clone())
                    .await?;
            for (run, function) in runs.iter().filter_map(|run| run.split_once(' ')) {
                // Fails if the submitter has already ended it.
                let _ = broker.end_run(run, function).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(TIMEOUT, end).await?
    })
}
