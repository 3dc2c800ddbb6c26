//! When the racing program dies, even by SIGKILL, no racer lives on.
//!
//! Only another process can clean up after a SIGKILL: the racing program starts itself once
//! more, as the *guard*. The guard waits until its stdin closes, which happens when the racing
//! program is gone. It has a process group of its own, so that signals from the terminal do not
//! reach it.
//!
//! The racing program writes the id of the running process group to the guard. On Linux the
//! guard also finds racers by a mark in their environment: those that left their group, and one
//! that was started but not yet reported. Elsewhere these two live on, and on Windows, which
//! has no process groups, every racer does.

#[cfg(unix)]
pub use unix::{Guard, run_guard_if_asked};

/// Does nothing on this system.
#[cfg(not(unix))]
pub fn run_guard_if_asked() -> bool {
    false
}

#[cfg(unix)]
mod unix {
    use std::env;
    use std::io::{self, BufRead, Write};
    use std::os::unix::process::{CommandExt, parent_id};
    use std::path::PathBuf;
    use std::process::{ChildStdin, Command, Stdio, id};

    use rustix::process::{Pid, Signal, kill_process_group};

    /// The argument that makes a program a guard.
    const GUARD: &str = "guard-of-a-race";

    /// A variable in the environment of racers; its value is the id of the racing program.
    const MARK: &str = "RACER_OF";

    /// Must be called first in `main` of a program that races others. Returns `true` if this
    /// process was started as the guard of another and has done its work: then `main` returns.
    pub fn run_guard_if_asked() -> bool {
        let is_asked = env::args_os().nth(1).is_some_and(|arg| arg == GUARD);
        if is_asked {
            stand_guard();
        }
        is_asked
    }

    /// Waits until the parent is gone, and ends the racer that ran then.
    fn stand_guard() {
        let parent = parent_id();
        let mut running = None;
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            running = line.parse().ok().and_then(Pid::from_raw);
        }
        if let Some(group) = running {
            // It fails only if nothing is left of the group.
            let _ = kill_process_group(group, Signal::KILL);
        }
        #[cfg(target_os = "linux")]
        super::linux::kill_marked(&format!("{MARK}={parent}"));
        #[cfg(not(target_os = "linux"))]
        let _ = parent;
    }

    /// The guard, as the racing program sees it.
    pub struct Guard {
        stdin: ChildStdin,
    }

    impl Guard {
        pub fn start() -> io::Result<Self> {
            let mut command = Command::new(this_program()?);
            command.arg(GUARD);
            // In a unit test this program is the tests, and one of them stands guard.
            #[cfg(test)]
            command.args(["--exact", "guard::tests::stand_guard"]);
            let mut guard = command
                .process_group(0)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?;
            let stdin = guard.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(Guard { stdin })
        }

        /// Marks what `command` starts, and whatever that starts, as a racer.
        pub fn mark(command: &mut Command) {
            command.env(MARK, id().to_string());
        }

        /// Says which process group runs now.
        ///
        /// # Errors
        ///
        /// If the guard is gone.
        pub fn watch(&mut self, group: Option<Pid>) -> io::Result<()> {
            let group = group.map_or(0, Pid::as_raw_pid);
            writeln!(self.stdin, "{group}")
        }
    }

    /// On Linux the running program itself, even if its file was replaced meanwhile: cargo
    /// does so when it builds this program anew.
    fn this_program() -> io::Result<PathBuf> {
        if cfg!(target_os = "linux") {
            Ok("/proc/self/exe".into())
        } else {
            env::current_exe()
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::{Duration, Instant};
    use std::{fs, thread};

    use rustix::process::{Pid, Signal, kill_process};

    use crate::memory;
    use crate::orphans::GRACE;

    /// Kills every process that has the mark in its environment. It looks again until it finds
    /// none, because one of them may have been starting another. First they have a grace
    /// period, to clean up after a program that is gone.
    pub fn kill_marked(mark: &str) {
        let until = Instant::now() + GRACE;
        loop {
            let ids = memory::processes().into_iter();
            let marked: Vec<_> = ids.filter(|id| is_marked(*id, mark)).collect();
            if marked.is_empty() {
                return;
            }
            if Instant::now() >= until {
                for id in marked.into_iter().filter_map(|id| Pid::from_raw(id as i32)) {
                    // It fails only if the process has ended.
                    let _ = kill_process(id, Signal::KILL);
                }
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn is_marked(id: u32, mark: &str) -> bool {
        // A process that has ended and was not yet waited for has no environment.
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
        run_guard_if_asked();
    }
}
