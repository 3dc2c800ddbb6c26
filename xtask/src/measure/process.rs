//! Runs one program to its end: what it took, what it printed, and nothing left of it.

use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::format;
use crate::measure::interrupt;
use crate::measure::memory::{self, Care, Peak, Watch};

/// What one run of a program took, from its start to its end.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub wall: Duration,
    /// CPU time of the program and of every descendant that was waited for (on Windows: of
    /// the program alone).
    pub user: Duration,
    pub system: Duration,
    /// Of a run that was watched: what [`memory`] saw, if it saw anything.
    pub memory: Option<Peak>,
}

/// Runs `command` without its output. Nothing here works while the program does. A run that
/// fails, or does not end within `deadline`, is an error that says so; whatever the program
/// started is gone either way.
pub fn time(command: &mut Command, deadline: Duration) -> Result<Run> {
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    run(command, deadline, None, |_| Ok(()))
}

/// As [`time()`], and watches the program's memory, so closely that it is not worth timing.
/// One that takes more than half of what the machine has left is killed.
pub fn watch(command: &mut Command, deadline: Duration) -> Result<Run> {
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    run(command, deadline, Some((half(), Care::ForMemory)), |_| {
        Ok(())
    })
}

/// As [`watch`], but less closely, so that it can be timed, and hands over each line that the program prints on stdout, as it comes and
/// without its end. With the first line that is an error, the program is killed. No more of
/// the output than a line is ever kept.
pub fn check(
    command: &mut Command,
    deadline: Duration,
    line: impl FnMut(&str) -> Result<()>,
) -> Result<Run> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    run(command, deadline, Some((half(), Care::ForTime)), line)
}

/// Runs `command` with all its output on stderr.
pub fn show(command: &mut Command, deadline: Duration) -> Result<()> {
    command.stdout(io::stderr()).stderr(io::stderr());
    run(command, deadline, None, |_| Ok(())).map(drop)
}

/// What a process that still runs has worked so far, if the system tells.
pub fn cpu_time_of(id: u32) -> Option<Duration> {
    memory::cpu_time_of(id)
}

/// Of what the machine has left.
fn half() -> u64 {
    memory::available() / 2
}

/// What happens to a program.
enum Event {
    Ended(Instant),
    /// It is to be killed, and why.
    Stop(String),
    /// Nothing, if that was all.
    Printed(Vec<u8>),
}

/// Watches the program's memory, with that care, if it has a limit in bytes.
fn run(
    command: &mut Command,
    deadline: Duration,
    most: Option<(u64, Care)>,
    line: impl FnMut(&str) -> Result<()>,
) -> Result<Run> {
    // Two at a time would bend each other's times, and an orphan could be either's.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);

    let (sender, events) = mpsc::channel();
    let [interrupted, too_much, ended] = [(); 3].map(|()| sender.clone());
    interrupt::wake(move || send(&interrupted, Event::Stop("interrupted".to_string())));
    interrupt::check()?;
    let ready = system::prepare(command.stdin(Stdio::null()))?;
    let watch = most.map(|(most, care)| {
        let why = format!(
            "held more than {} and was killed",
            format::bytes(most as f64)
        );
        Watch::new(most, care, move || send(&too_much, Event::Stop(why)))
    });

    let start = Instant::now();
    let mut child = command.spawn().context("cannot start")?;
    if let Some(watch) = &watch {
        watch.started(child.id());
    }
    let buffers = child.stdout.take().map(|pipe| forward(pipe, sender));
    let stderr = child.stderr.take().map(tail);
    let program = ready.follow(child, move || send(&ended, Event::Ended(Instant::now())));

    let mut lines = Lines {
        line,
        begun: Vec::new(),
        buffers,
    };

    let end = lines.take_until_end(&events, start + deadline);
    let used = program.end()?;
    let memory = watch.and_then(Watch::end);
    interrupt::check()?;
    let end = match end? {
        Some(end) => end,
        None => bail!("did not end within {deadline:?} and was killed"),
    };
    if !used.status.success() {
        let stderr = stderr.map(|stderr| stderr.recv_timeout(CLOSES)).transpose();
        let stderr = stderr.context(DOES_NOT_CLOSE)?.unwrap_or_default();
        bail!(Failed::new(used.status, &stderr));
    }
    lines.take_rest(&events)?;
    let used = used.rusage;
    let memory = if most.is_some() && !memory::IS_WATCHED {
        Peak::noted(used.maxrss)
    } else {
        memory
    };
    Ok(Run {
        wall: end - start,
        user: used.utime,
        system: used.stime,
        memory,
    })
}

/// The receiver may have seen enough.
fn send(sender: &Sender<Event>, event: Event) {
    let _ = sender.send(event);
}

/// The next event, if it comes in time.
fn next(events: &Receiver<Event>, until: Instant) -> Option<Event> {
    let left = until.checked_duration_since(Instant::now())?;
    events.recv_timeout(left).ok()
}

/// Time for pipes to close when a program has ended. They do so at once, unless a process
/// holds them that could not be found.
const CLOSES: Duration = Duration::from_secs(5);
const DOES_NOT_CLOSE: &str = "left a process behind that keeps its output open";

/// Cuts what a program prints into lines.
struct Lines<F> {
    line: F,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    /// Where buffers go when they have been looked at, as long as more may be printed.
    buffers: Option<Sender<Vec<u8>>>,
}

impl<F: FnMut(&str) -> Result<()>> Lines<F> {
    /// In bytes: far more than the arguments of a program allow to be said.
    const LONGEST: usize = 1 << 20;

    /// Takes what is printed until the program ends, and returns when that was; `None` if it
    /// was not in time.
    fn take_until_end(
        &mut self,
        events: &Receiver<Event>,
        until: Instant,
    ) -> Result<Option<Instant>> {
        while let Some(event) = next(events, until) {
            match event {
                Event::Ended(end) => return Ok(Some(end)),
                Event::Stop(why) => bail!("{why}"),
                Event::Printed(bytes) => self.take(bytes)?,
            }
        }
        Ok(None)
    }

    /// Takes what an ended program has left in its pipe.
    fn take_rest(&mut self, events: &Receiver<Event>) -> Result<()> {
        let until = Instant::now() + CLOSES;
        while self.buffers.is_some() {
            if let Event::Printed(bytes) = next(events, until).context(DOES_NOT_CLOSE)? {
                self.take(bytes)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, bytes: Vec<u8>) -> Result<()> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend(piece);
            if self.begun.len() > Self::LONGEST {
                bail!("printed a line of more than {} bytes", Self::LONGEST);
            }
            if piece.ends_with(b"\n") {
                self.hand_over()?;
            }
        }
        if bytes.is_empty() {
            // That was all.
            self.buffers = None;
            if !self.begun.is_empty() {
                self.hand_over()?;
            }
        }
        if let Some(buffers) = &self.buffers {
            // The reader may have seen the end meanwhile.
            let _ = buffers.send(bytes);
        }
        Ok(())
    }

    fn hand_over(&mut self) -> Result<()> {
        let line = String::from_utf8_lossy(&self.begun);
        let line = line.strip_suffix('\n').unwrap_or(&line);
        (self.line)(line.strip_suffix('\r').unwrap_or(line))?;
        self.begun.clear();
        Ok(())
    }
}

/// Sends on what comes out of a pipe, on a thread, and at the end nothing. There are but a few
/// buffers, so that a program that prints faster than anybody looks has to wait.
fn forward(
    mut pipe: impl Read + Send + 'static,
    events: Sender<Event>,
) -> Sender<Vec<u8>> {
    let (buffers, empty) = mpsc::channel::<Vec<u8>>();
    for _ in 0..4 {
        // The receiver is right here.
        let _ = buffers.send(Vec::new());
    }
    thread::spawn(move || {
        for mut buffer in empty {
            buffer.resize(1 << 16, 0);
            let length = pipe.read(&mut buffer).unwrap_or(0);
            buffer.truncate(length);
            send(&events, Event::Printed(buffer));
            if length == 0 {
                break;
            }
        }
    });
    buffers
}

/// Reads a pipe to its end, on a thread, and keeps the last of it.
fn tail(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    const KEPT: usize = 1 << 13;
    let (sender, last) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        let mut buffer = [0; KEPT];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            kept.drain(..(kept.len() + length).saturating_sub(KEPT));
            kept.extend(&buffer[..length]);
        }
        // The receiver may have given up.
        let _ = sender.send(kept);
    });
    last
}

/// A program came to an end that is none of success.
#[derive(Debug)]
pub struct Failed {
    pub status: ExitStatus,
    /// A program says why it failed on stderr, usually in its last lines.
    last_lines: String,
}

impl Failed {
    fn new(status: ExitStatus, stderr: &[u8]) -> Self {
        const LAST_LINES: usize = 5;
        let stderr = String::from_utf8_lossy(stderr);
        let lines: Vec<_> = stderr.trim_end().lines().collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        Failed {
            status,
            last_lines: last.join("\n    "),
        }
    }
}

impl Display for Failed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "ended with {}", self.status)?;
        match &self.last_lines[..] {
            "" => Ok(()),
            last => write!(f, ": {last}"),
        }
    }
}

impl Error for Failed {}

/// Starts programs such that nothing is left of them.
#[cfg(unix)]
mod system {
    use std::io;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};
    use std::thread;
    use std::time::Duration;

    use anyhow::Result;
    use rustix::io::retry_on_intr;
    use rustix::process::{
        Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid,
    };
    use wait4::{ResUse, Wait4};

    use crate::measure::guard;
    use crate::measure::orphans::{MOMENT, Orphans};

    /// What is known before a program is started.
    pub struct Ready {
        orphans: Orphans,
    }

    /// Lets the program lead a process group of its own, so that all of it can be killed at
    /// once. It then also gets no Ctrl-C from the terminal.
    pub fn prepare(command: &mut Command) -> Result<Ready> {
        // This starts the guard, if it is not there yet.
        guard::tell(None)?;
        guard::mark(command.process_group(0));
        Ok(Ready {
            orphans: Orphans::adopt(),
        })
    }

    /// A program that was started.
    pub struct Program {
        child: Child,
        group: Pid,
        orphans: Orphans,
    }

    impl Ready {
        /// Calls `ended` when the program does.
        pub fn follow(
            self,
            child: Child,
            ended: impl FnOnce() + Send + 'static,
        ) -> Program {
            let group = Pid::from_child(&child);
            // If there is no guard any more, the next race will say so.
            let _ = guard::tell(Some(group));
            thread::spawn(move || {
                // Leaves it to be waited for, so that the number still means this group.
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
                // It can only fail because the program was waited for already.
                let _ = retry_on_intr(|| waitid(WaitId::Pid(group), options));
                ended();
            });
            Program {
                child,
                group,
                orphans: self.orphans,
            }
        }
    }

    impl Program {
        /// Kills what is left of it, and returns what it took.
        pub fn end(self) -> io::Result<ResUse> {
            // It can only fail because nothing is left.
            let _ = kill_process_group(self.group, Signal::KILL);
            let _ = guard::tell(None);
            let used = self.child.wait4()?;
            // Whom a program leaves behind that went well, it has forgotten.
            let went_well = used.status.success();
            self.orphans
                .end(if went_well { Duration::ZERO } else { MOMENT });
            Ok(used)
        }
    }
}

/// As above, as far as the standard library goes: only the program itself is killed, and its
/// end is seen to the millisecond.
#[cfg(not(unix))]
mod system {
    use std::io;
    use std::process::{Child, Command};
    use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
    use std::thread;
    use std::time::Duration;

    use anyhow::Result;
    use wait4::{ResUse, Wait4};

    pub struct Ready;

    pub fn prepare(_: &mut Command) -> Result<Ready> {
        Ok(Ready)
    }

    pub struct Program {
        kill: Sender<()>,
        used: Receiver<io::Result<ResUse>>,
    }

    impl Ready {
        pub fn follow(
            self,
            child: Child,
            ended: impl FnOnce() + Send + 'static,
        ) -> Program {
            let (kill, killed) = mpsc::channel();
            let (sender, used) = mpsc::channel();
            thread::spawn(move || {
                // The receiver waits for it, or is gone.
                let _ = sender.send(wait(child, &killed));
                ended();
            });
            Program { kill, used }
        }
    }

    fn wait(mut child: Child, killed: &Receiver<()>) -> io::Result<ResUse> {
        loop {
            if let Some(used) = child.try_wait4()? {
                return Ok(used);
            }
            if killed.recv_timeout(Duration::from_millis(1))
                == Err(RecvTimeoutError::Disconnected)
            {
                child.kill()?;
            }
        }
    }

    impl Program {
        pub fn end(self) -> io::Result<ResUse> {
            drop(self.kill);
            self.used
                .recv()
                .unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    #[cfg(target_os = "linux")]
    use std::path::PathBuf;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    /// Runs a script, and returns the lines that it prints.
    fn lines(script: &str, deadline: Duration) -> (Result<Run>, Vec<String>) {
        let mut lines = Vec::new();
        let run = check(&mut shell(script), deadline, |line| {
            lines.push(line.to_string());
            Ok(())
        });
        (run, lines)
    }

    fn error(result: Result<Run>) -> String {
        format!("{:#}", result.expect_err("this run has failed"))
    }

    #[test]
    fn wall_time_is_at_least_the_sleep() {
        let run = time(&mut shell("sleep 0.2"), MINUTE).unwrap();
        assert!(run.wall >= Duration::from_millis(200), "{:?}", run.wall);
        assert!(run.user + run.system < run.wall);
    }

    #[test]
    fn cpu_time_includes_descendants_that_were_waited_for() {
        // The work is done by a grandchild, and the first process does next to nothing.
        let work = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
        let alone = time(&mut shell(work), MINUTE).unwrap();
        let grandchild =
            time(&mut shell(&format!("sh -c '{work}'; true")), MINUTE).unwrap();
        assert!(alone.user > Duration::from_millis(20), "{:?}", alone.user);
        assert!(grandchild.user > alone.user / 4, "{:?}", grandchild.user);
    }

    #[test]
    fn a_failure_is_told_with_its_last_lines() {
        let error = error(time(&mut shell("echo no bread >&2; exit 3"), MINUTE));
        assert_eq!(error, "ended with exit status: 3: no bread");
    }

    #[test]
    fn a_death_by_signal_is_named() {
        let error = error(time(&mut shell("kill -9 $$"), MINUTE));
        assert!(error.contains("signal: 9 (SIGKILL)"), "{error}");
    }

    #[test]
    fn a_missing_program_is_an_error() {
        for run in [time, watch] {
            let error = error(run(&mut Command::new("./no-such-program"), MINUTE));
            assert!(error.starts_with("cannot start: "), "{error}");
        }
    }

    #[test]
    fn lines_come_as_they_are() {
        let (run, lines) = lines(r"printf 'a\nb\r\n\nd \377\nno end'; seq 9 >&2", MINUTE);
        assert_eq!(lines, ["a", "b", "", "d \u{fffd}", "no end"]);
        assert!(run.is_ok());
    }

    #[test]
    fn output_that_fills_the_pipe_comes_whole() {
        let (run, lines) = lines("seq 100000; seq 100000 >&2", MINUTE);
        run.unwrap();
        assert!(
            lines
                .into_iter()
                .eq((1..=100_000).map(|n: u32| n.to_string()))
        );
    }

    #[test]
    fn a_program_may_close_its_output_before_it_ends() {
        let (run, lines) = lines("echo a; exec >&- 2>&-; sleep 0.1; exit 4", MINUTE);
        assert_eq!(error(run), "ended with exit status: 4");
        assert_eq!(lines, ["a"]);
    }

    #[test]
    fn the_first_bad_line_ends_the_program() {
        let mut seen = Vec::new();
        // If it were not killed, it would print for a minute.
        let result = check(
            &mut shell("echo a; while :; do echo b; done"),
            MINUTE,
            |line| {
                seen.push(line.to_string());
                if line == "b" {
                    bail!("has a b");
                }
                Ok(())
            },
        );
        assert_eq!(error(result), "has a b");
        assert_eq!(seen, ["a", "b"]);
    }

    #[test]
    fn a_line_without_an_end_is_an_error() {
        let (run, lines) = lines("cat /dev/zero", MINUTE);
        assert_eq!(error(run), "printed a line of more than 1048576 bytes");
        assert!(lines.is_empty());
    }

    /// This process would have to keep 400 MB if it kept what is printed.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_flood_is_not_kept() {
        let most_ever = || {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
            kilobytes.parse::<u64>().unwrap() * 1024
        };
        let before = most_ever();
        let flood = "yes $(printf %01000d 0) | head -c 200000000";
        let mut length = 0;
        let mut command =
            shell(&format!("{flood}; {flood} >&2; echo no bread >&2; exit 1"));
        let result = check(&mut command, MINUTE, |line| {
            length += line.len() + 1;
            Ok(())
        });
        let error = error(result);
        assert!(error.ends_with("no bread"), "{error}");
        assert!(error.len() < 10_000, "{}", error.len());
        // What is in the pipe when it fails is of no interest.
        assert!(length > 190_000_000, "{length}");
        let more = most_ever().saturating_sub(before);
        assert!(more < 50_000_000, "{more} bytes more");
    }

    #[test]
    fn a_program_that_holds_too_much_is_killed() {
        // dd fills its block, and then waits until somebody reads it.
        let mut command = shell("dd if=/dev/zero bs=100000000 count=1 | sleep 1000");
        let error = error(run(
            &mut command,
            MINUTE,
            Some((50_000_000, Care::ForTime)),
            |_| Ok(()),
        ));
        assert_eq!(error, "held more than 50.0 MB and was killed");
    }

    /// It may be gone before anybody looks.
    #[test]
    fn a_program_that_is_not_seen_holds_nobody_knows_what() {
        for _ in 0..50 {
            if let Some(peak) = watch(&mut Command::new("true"), MINUTE).unwrap().memory {
                assert!(peak.bytes > 10_000, "{peak:?}");
                assert!(peak.samples > 0 || !memory::IS_WATCHED, "{peak:?}");
            }
        }
    }

    /// A child in the group, one that left it, and one that left it and lost its parent; each
    /// says its number.
    #[cfg(target_os = "linux")]
    const FAMILY: &str = "sleep 1000 & echo $!; setsid sleep 1000 & echo $!; \
        (setsid sh -c 'echo $$; exec sleep 1000' & ); sleep 0.3";

    /// Runs a script that begins with [`FAMILY`], and looks whether anybody is left of that.
    #[cfg(target_os = "linux")]
    fn leaves_nobody(script: &str, deadline: Duration) -> Result<Run> {
        let mut family = Vec::new();
        let result = check(
            &mut shell(&format!("{FAMILY}; {script}")),
            deadline,
            |line| {
                let id: u32 = line.parse().context("wrong")?;
                family.push(PathBuf::from(format!("/proc/{id}")));
                Ok(())
            },
        );
        assert_eq!(family.len(), 3);
        assert!(!family.iter().any(|process| process.exists()), "{family:?}");
        result
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_is_left_of_a_program() {
        assert!(leaves_nobody("exit 0", MINUTE).is_ok());
        let failed = error(leaves_nobody("exit 3", MINUTE));
        assert_eq!(failed, "ended with exit status: 3");
        let died = error(leaves_nobody("kill -9 $$", MINUTE));
        assert!(died.contains("SIGKILL"), "{died}");
        let wrong = error(leaves_nobody("echo wrong; sleep 1000", MINUTE));
        assert!(wrong.starts_with("wrong: "), "{wrong}");
        let hung = error(leaves_nobody("sleep 1000", Duration::from_secs(3)));
        assert_eq!(hung, "did not end within 3s and was killed");
    }

    /// It left the group, and sees that the program is gone by the end of a pipe.
    #[cfg(target_os = "linux")]
    #[test]
    fn who_tidies_up_after_a_program_that_is_killed_has_a_moment_for_it() {
        let file = format!("xtask-untidy-{}", std::process::id());
        let file = std::env::temp_dir().join(file);
        let name = file.display();
        let script = format!(
            "touch {name}; echo made; sleep 1000 | setsid sh -c 'cat; sleep 0.1; rm {name}'"
        );
        let (run, lines) = lines(&script, Duration::from_secs(1));
        assert_eq!(error(run), "did not end within 1s and was killed");
        assert_eq!(lines, ["made"]);
        assert!(!file.exists());
    }

    #[test]
    fn a_program_that_is_never_silent_has_a_deadline() {
        let result = check(&mut shell("exec yes"), Duration::from_millis(300), |_| {
            Ok(())
        });
        assert_eq!(error(result), "did not end within 300ms and was killed");
    }
}
