//! Runs one program to its end: what it took, what it printed, and nothing left of it.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
#[cfg(unix)]
use rustix::process::Pid;
use wait4::{ResUse, Wait4};

use crate::format;
use crate::measure::{interrupt, memory};

/// What one run of a program took, from its start to its end.
pub struct Run {
    pub wall: Duration,
    /// CPU time of the program and of every descendant that was waited for (on Windows: of
    /// the program alone).
    pub user: Duration,
    pub system: Duration,
    /// The most bytes that any one of these processes had resident. Linux counts in what this
    /// process had when it started the program.
    pub largest: u64,
    pub memory: Option<Peak>,
}

#[derive(Clone, Copy, Debug)]
pub struct Peak {
    pub bytes: u64,
    pub samples: u32,
}

/// Runs `command` without its output. A run that fails, or does not end within `deadline`,
/// is an error that says so; the program's whole process group is gone either way.
pub fn time(command: &mut Command, deadline: Duration) -> Result<Run> {
    let program = Program::start(command.stdout(Stdio::null()).stderr(Stdio::piped()))?;
    let (run, _) = program.finish(deadline, || false)?;
    Ok(run)
}

/// As [`time`], and returns what the program printed on stdout.
pub fn capture(command: &mut Command, deadline: Duration) -> Result<(Run, String)> {
    let program = Program::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (run, stdout) = program.finish(deadline, || false)?;
    Ok((run, String::from_utf8_lossy(&stdout).into_owned()))
}

pub fn watch(command: &mut Command, deadline: Duration) -> Result<Run> {
    let (mut run, _) = capture(command, deadline)?;
    run.memory = Some(Peak {
        bytes: run.largest,
        samples: 1,
    });
    Ok(run)
}

pub fn check(
    command: &mut Command,
    deadline: Duration,
    mut line: impl FnMut(&str) -> Result<()> + Send,
) -> Result<Run> {
    let (mut run, out) = capture(command, deadline)?;
    run.memory = Some(Peak {
        bytes: run.largest,
        samples: 1,
    });
    for l in out.lines() {
        line(l)?;
    }
    Ok(run)
}

pub fn cpu_time_of(_: u32) -> Option<Duration> {
    None
}

/// Runs `command` with all its output on stderr.
pub fn show(command: &mut Command, deadline: Duration) -> Result<()> {
    let program = Program::start(command.stdout(io::stderr()).stderr(io::stderr()))?;
    program.finish(deadline, || false)?;
    Ok(())
}

/// Runs `command` without its output and watches its memory, which disturbs it: returns the
/// most bytes that it and its descendants held at one time, as [`memory`] sees it. A program
/// that ends soon is run several times, so that its peak is seen. One that takes more than
/// half of what the machine has left is killed.
pub fn peak_memory(command: &mut Command, deadline: Duration) -> Result<u64> {
    const RUNS: usize = 20;
    const LONG_ENOUGH: Duration = Duration::from_millis(500);
    let most = memory::available() / 2;
    let mut peak = 0;
    let start = Instant::now();
    for _ in (0..RUNS).take_while(|_| start.elapsed() < LONG_ENOUGH) {
        let program =
            Program::start(command.stdout(Stdio::null()).stderr(Stdio::piped()))?;
        let watch = memory::Watch::start(program.child.id());
        let result = program.finish(deadline, || watch.peak() > most);
        peak = peak.max(watch.peak());
        if peak > most {
            bail!(
                "held more than {} and was killed",
                format::bytes(most as f64)
            );
        }
        let (run, _) = result?;
        if !memory::IS_WATCHED {
            return Ok(run.largest);
        }
    }
    Ok(peak)
}

/// What a program prints on one of its pipes, when it has ended.
type Output = Receiver<io::Result<Vec<u8>>>;

/// A program that runs.
struct Program {
    child: Child,
    start: Instant,
    stdout: Option<Output>,
    stderr: Option<Output>,
}

impl Program {
    fn start(command: &mut Command) -> Result<Self> {
        interrupt::check()?;
        group::make(command.stdin(Stdio::null()));
        let start = Instant::now();
        let mut child = command.spawn().context("cannot start")?;
        Ok(Program {
            stdout: child.stdout.take().map(read),
            stderr: child.stderr.take().map(read),
            child,
            start,
        })
    }

    /// Returns what the program took, and what it printed on stdout. Besides the deadline,
    /// the program is killed when `enough` says so.
    fn finish(
        self,
        deadline: Duration,
        enough: impl Fn() -> bool,
    ) -> Result<(Run, Vec<u8>)> {
        let deadline_at = self.start + deadline;
        let stop = || interrupt::requested() || Instant::now() >= deadline_at || enough();
        let ended = wait(self.child, stop)?;
        interrupt::check()?;
        let Some((end, used)) = ended else {
            bail!("did not end within {deadline:?} and was killed");
        };
        if !used.status.success() {
            bail!("{}", describe(used.status, &collect(self.stderr)?));
        }
        let run = Run {
            wall: end - self.start,
            user: used.rusage.utime,
            system: used.rusage.stime,
            largest: used.rusage.maxrss,
            memory: None,
        };
        Ok((run, collect(self.stdout)?))
    }
}

/// A program says why it failed on stderr, usually in its last lines.
fn describe(status: ExitStatus, stderr: &[u8]) -> String {
    const LAST_LINES: usize = 5;
    let stderr = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = stderr.trim_end().lines().collect();
    let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n    ");
    match &last[..] {
        "" => format!("ended with {status}"),
        last => format!("ended with {status}: {last}"),
    }
}

/// How often a wait looks up to see whether it is to be given up.
const LOOK_UP: Duration = Duration::from_millis(100);

/// Waits for the child and reaps it; kills what is left of its group. `None` if it had to be
/// killed because `stop` said so.
#[cfg(unix)]
fn wait(child: Child, stop: impl Fn() -> bool) -> io::Result<Option<(Instant, ResUse)>> {
    let id = Pid::from_child(&child);
    let (sender, exited) = mpsc::channel();
    thread::spawn(move || {
        group::wait_for_leader(id);
        // The receiver is there until this is sent.
        let _ = sender.send(Instant::now());
    });
    let end = loop {
        match exited.recv_timeout(LOOK_UP) {
            Ok(end) => break Some(end),
            Err(_) if stop() => break None,
            Err(_) => {}
        }
    };
    // The leader is not yet reaped, so the number still means this group and no other.
    group::kill(id);
    let used = child.wait4()?;
    Ok(end.map(|end| (end, used)))
}

/// As above, as far as the standard library goes: no process groups, so that only the program
/// itself is killed, and an end seen to the millisecond.
#[cfg(not(unix))]
fn wait(
    mut child: Child,
    stop: impl Fn() -> bool,
) -> io::Result<Option<(Instant, ResUse)>> {
    loop {
        if let Some(used) = child.try_wait4()? {
            return Ok(Some((Instant::now(), used)));
        }
        if stop() {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Reads a pipe to its end, on a thread: a program whose pipe is full would never end.
fn read(mut pipe: impl Read + Send + 'static) -> Output {
    let (sender, contents) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = pipe.read_to_end(&mut bytes);
        // The receiver may have given up.
        let _ = sender.send(result.map(|_| bytes));
    });
    contents
}

/// What was read, once the program is gone. The pipe is then closed, unless a process that
/// left the program's group still holds it.
fn collect(output: Option<Output>) -> Result<Vec<u8>> {
    let Some(output) = output else {
        return Ok(Vec::new());
    };
    let bytes = output
        .recv_timeout(Duration::from_secs(5))
        .context("left a process behind that keeps its output open")?;
    bytes.context("cannot read its output")
}

/// Process groups, by which a program and all its descendants are killed at once.
#[cfg(unix)]
mod group {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use rustix::io::retry_on_intr;
    use rustix::process::{self, Pid, Signal, WaitId, WaitIdOptions};

    /// Lets the program lead a group of its own. It then also gets no Ctrl-C from the terminal.
    pub fn make(command: &mut Command) {
        command.process_group(0);
    }

    /// Blocks until the leader has ended, without reaping it.
    pub fn wait_for_leader(leader: Pid) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        // It can only fail because the leader is reaped already.
        let _ = retry_on_intr(|| process::waitid(WaitId::Pid(leader), options));
    }

    /// Kills what is left of the group.
    pub fn kill(leader: Pid) {
        // It can only fail because nothing is left, as usual.
        let _ = process::kill_process_group(leader, Signal::KILL);
    }
}

#[cfg(not(unix))]
mod group {
    pub fn make(_: &mut std::process::Command) {}
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn wall_time_is_at_least_the_sleep() {
        let run = time(&mut shell("sleep 0.2"), MINUTE).unwrap();
        assert!(run.wall >= Duration::from_millis(200), "{:?}", run.wall);
        assert!(run.user + run.system < run.wall);
    }

    #[test]
    fn cpu_time_includes_descendants_that_were_waited_for() {
        // The work is done by a grandchild; its user time is what `times` would print.
        let work = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
        let alone = time(&mut shell(work), MINUTE).unwrap();
        let grandchild =
            time(&mut shell(&format!("sh -c '{work}'; true")), MINUTE).unwrap();
        assert!(alone.user > Duration::from_millis(20), "{:?}", alone.user);
        assert!(grandchild.user > alone.user / 4, "{:?}", grandchild.user);
    }

    #[test]
    fn a_failure_is_told_with_its_last_lines() {
        let error = time(&mut shell("echo no bread >&2; exit 3"), MINUTE)
            .err()
            .unwrap();
        assert_eq!(error.to_string(), "ended with exit status: 3: no bread");
    }

    #[test]
    fn a_death_by_signal_is_named() {
        let error = time(&mut shell("kill -9 $$"), MINUTE).err().unwrap();
        assert!(error.to_string().contains("signal: 9 (SIGKILL)"), "{error}");
    }

    #[test]
    fn a_missing_program_is_an_error() {
        let error = time(&mut Command::new("./no-such-program"), MINUTE)
            .err()
            .unwrap();
        assert!(
            format!("{error:#}").starts_with("cannot start: "),
            "{error:#}"
        );
    }

    #[test]
    fn more_output_than_a_pipe_holds_is_read() {
        let (_, stdout) =
            capture(&mut shell("seq 100000; seq 100000 >&2"), MINUTE).unwrap();
        assert_eq!(stdout.lines().count(), 100_000);
    }

    #[test]
    fn a_program_that_hangs_is_killed_with_its_children() {
        // The child holds the pipe: if it survived, the pipe would stay open.
        let mut command = shell("sleep 1000 & echo $!; sleep 1000");
        let (mut reader, writer) = io::pipe().unwrap();
        group::make(command.stdout(writer));
        let child = command.spawn().unwrap();
        drop(command);
        let start = Instant::now();
        let ended = wait(child, || start.elapsed() > Duration::from_millis(100)).unwrap();
        assert!(ended.is_none());
        let mut stdout = String::new();
        reader.read_to_string(&mut stdout).unwrap();
        assert!(stdout.trim().parse::<u32>().is_ok(), "{stdout}");

        let error = time(&mut shell("sleep 1000"), Duration::from_millis(50))
            .err()
            .unwrap();
        assert_eq!(error.to_string(), "did not end within 50ms and was killed");
    }

    #[test]
    fn a_child_left_behind_is_killed_too() {
        let (run, _) = capture(&mut shell("sleep 1000 &"), MINUTE).unwrap();
        assert!(run.wall < MINUTE);
    }
}
