//! When xtask dies, however that comes about, no racer lives on.
//!
//! Nobody can tidy up after a SIGKILL but somebody else: xtask once more, as the *guard*,
//! which waits for a pipe to close that only the death of xtask closes. It has a process group
//! of its own, so that whatever the terminal sends to xtask does not reach it.
//!
//! The guard is told which process group runs. On Linux it finds racers by a mark in their
//! environment as well: those that left their group, and one that was started but not yet
//! told. Elsewhere these two live on, and on Windows, which has no groups, all do.

#[cfg(unix)]
pub use unix::{is_asked_for, mark, stand, tell};

#[cfg(not(unix))]
pub fn is_asked_for() -> bool {
    false
}

#[cfg(not(unix))]
pub fn stand() {}

#[cfg(unix)]
mod unix {
    use std::env;
    use std::io::{self, BufRead, Write};
    use std::os::unix::process::{CommandExt, parent_id};
    use std::path::PathBuf;
    use std::process::{ChildStdin, Command, Stdio, id};
    use std::sync::{Mutex, PoisonError};

    use anyhow::{Context, Result};
    use rustix::process::{Pid, Signal, kill_process_group};

    use crate::measure::orphans;

    /// The argument that makes xtask a guard.
    const GUARD: &str = "guard-of-a-race";

    /// A variable in the environment of racers; its value is the id of their xtask.
    const MARK: &str = "XTASK_RACER_OF";

    pub fn is_asked_for() -> bool {
        env::args_os()
            .nth(1)
            .is_some_and(|argument| argument == GUARD)
    }

    /// Waits for the end of the parent, who tells on stdin which group runs, and ends what was
    /// running then.
    pub fn stand() {
        let parent = parent_id();
        let mut running = None;
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            running = line.parse().ok().and_then(Pid::from_raw);
        }
        if let Some(group) = running {
            // It can only fail because nothing is left of it.
            let _ = kill_process_group(group, Signal::KILL);
        }
        #[cfg(target_os = "linux")]
        super::linux::kill_marked(&format!("{MARK}={parent}"));
        #[cfg(not(target_os = "linux"))]
        let _ = parent;
    }

    /// Lets the guard recognise what `command` starts, and whatever that starts.
    pub fn mark(command: &mut Command) {
        command.env(MARK, id().to_string());
    }

    /// Tells the guard which group runs, or that none does. The first time starts the guard.
    pub fn tell(group: Option<Pid>) -> Result<()> {
        static GUARD: Mutex<Option<ChildStdin>> = Mutex::new(None);
        let mut guard = GUARD.lock().unwrap_or_else(PoisonError::into_inner);
        let stdin = match &mut *guard {
            Some(stdin) => stdin,
            None => guard.insert(start().context("cannot start a guard")?),
        };
        let group = group.map_or(0, Pid::as_raw_pid);
        writeln!(stdin, "{group}").context("the guard of the race is gone")
    }

    /// On Linux by way of what runs, so that it may have been replaced meanwhile: cargo does so
    /// when it builds this anew.
    fn this_program() -> io::Result<PathBuf> {
        if cfg!(target_os = "linux") {
            Ok("/proc/self/exe".into())
        } else {
            env::current_exe()
        }
    }

    fn start() -> io::Result<ChildStdin> {
        let mut guard = Command::new(this_program()?);
        guard.arg(GUARD);
        // In a test this program is the tests, one of which is the guard then.
        #[cfg(test)]
        guard.args(["--exact", "measure::guard::tests::stand_guard"]);
        let mut guard = guard
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        orphans::spare(guard.id());
        guard.stdin.take().ok_or(io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::{Duration, Instant};
    use std::{fs, thread};

    use rustix::process::{Pid, Signal, kill_process};

    use crate::measure::memory;
    use crate::measure::orphans::MOMENT;

    /// Kills whoever has this in its environment, until nobody has: one of them may have been
    /// starting another meanwhile. First they have a moment, to tidy up after a program that is
    /// gone.
    pub fn kill_marked(mark: &str) {
        let until = Instant::now() + MOMENT;
        loop {
            let ids = memory::processes().into_iter();
            let marked: Vec<_> = ids.filter(|id| is_marked(*id, mark)).collect();
            if marked.is_empty() {
                return;
            }
            for id in marked.into_iter().filter_map(|id| Pid::from_raw(id as i32)) {
                if Instant::now() >= until {
                    // It can only fail because it has ended.
                    let _ = kill_process(id, Signal::KILL);
                }
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn is_marked(id: u32, mark: &str) -> bool {
        // One that has ended and waits to be noticed has no environment any more.
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        let mut variables = environment.split(|byte| *byte == 0);
        variables.any(|variable| variable == mark.as_bytes())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// Not a test, but what the guard runs when it guards tests.
    #[test]
    fn stand_guard() {
        if is_asked_for() {
            stand();
        }
    }
}
