//! Kills the running racer when the racing program dies, also by SIGKILL.
//!
//! Only another process can clean up after a SIGKILL. So the racing program starts itself
//! again, as the *guard*. The guard waits until its stdin closes, which happens when the
//! racing program is gone. It has a process group of its own, so that signals from the
//! terminal do not reach it.
//!
//! The racing program sends the guard the id of the racer's process group. On Linux the guard
//! also finds racers by a mark in their environment. These are racers that left their group,
//! and one whose group has not been sent yet. On other Unix systems these two are not killed.
//! Windows has no process groups, so no racer is killed there.

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

    /// Waits until the parent is gone, and kills the racer that was running.
    fn stand_guard() {
        let parent = parent_id();
        let mut running = None;
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            running = line.parse().ok().and_then(Pid::from_raw);
        }
        if let Some(group) = running {
            // Fails only if the group is gone.
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
            // In unit tests this program is the test harness: one of its tests is the guard.
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

        /// Marks the program that `command` starts, and all its descendants, as a racer.
        pub fn mark(command: &mut Command) {
            command.env(MARK, id().to_string());
        }

        /// Sends the id of the process group that runs now.
        ///
        /// # Errors
        ///
        /// If the guard is gone.
        pub fn watch(&mut self, group: Option<Pid>) -> io::Result<()> {
            let group = group.map_or(0, Pid::as_raw_pid);
            writeln!(self.stdin, "{group}")
        }
    }

    /// The file of this program. On Linux it is right even if the file was replaced: cargo
    /// does that when it builds the program again.
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

    /// Kills every process that has the mark in its environment, after a grace period in
    /// which it may clean up. Repeats until it finds none, because one of them may have
    /// started another.
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
                    // Fails only if the process has ended.
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

    /// The guard of the unit tests. When it runs as an ordinary test, it does nothing.
    #[test]
    fn stand_guard() {
        run_guard_if_asked();
    }
}
