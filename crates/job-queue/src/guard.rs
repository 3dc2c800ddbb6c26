//! The guard: this program once more, which outlives it by a moment. Nothing else can tidy up
//! after a SIGKILL. It waits until a pipe closes that only the end of this program closes,
//! and then deletes the streams that are left at the server.

use std::io::{self, BufRead, Write};
use std::process::{Child, ChildStdin, Command, Stdio, exit};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};

/// The argument that makes this program a guard.
const GUARD: &str = "guard-of-a-job-queue";

/// How long a guard may take to tidy up.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The guard, seen from the program that it guards.
pub(crate) struct Guard {
    process: Child,
    /// Closed by the end of this program, or when this is dropped.
    pipe: Mutex<Option<ChildStdin>>,
}

impl Guard {
    /// Starts a guard that deletes streams at the server `url`.
    pub(crate) fn start(url: &str) -> Result<Guard> {
        let mut command = Command::new(std::env::current_exe()?);
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
        guard.write(url);
        Ok(guard)
    }

    /// Names a stream that is to be deleted after this program has ended.
    pub(crate) fn will_delete(&self, stream: &str) {
        self.write(stream);
    }

    fn write(&self, line: &str) {
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipe) = &mut *pipe {
            // Without its guard the program goes on.
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

/// In the guard: waits for the end of its program, deletes, and never returns. Elsewhere
/// returns immediately.
pub(crate) fn stand_guard_if_asked() {
    let argument = std::env::args_os().nth(1);
    if argument.is_none_or(|argument| argument != GUARD) {
        return;
    }
    let mut lines = io::stdin().lock().lines().map_while(Result::ok);
    let url = lines.next().unwrap_or_default();
    let streams: Vec<String> = lines.collect();
    // Nothing reads why it failed.
    let _ = delete(&url, &streams);
    exit(0)
}

fn delete(url: &str, streams: &[String]) -> Result<()> {
    if streams.is_empty() {
        return Ok(());
    }
    crate::runtime()?.block_on(async {
        let delete = async {
            let context = crate::connect(url).await?;
            for stream in streams {
                // One that went with its run is not there any more.
                let _ = context.delete_stream(stream).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(TIMEOUT, delete).await?
    })
}
